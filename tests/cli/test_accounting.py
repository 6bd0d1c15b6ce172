"""``batchgen report``: every row of the sheet is accounted for, and can be had in one of three files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from batchgen.sheet import read_sheet
from tests.cli.small_job import FAILS, JOB, PROMISED_KEYS, SmallJob, next_of

CHOOSY = JOB.replace('id = "id"', 'id = "id"\nonly_if = "name != \'Skip\'"')
ROWS = [("r1", "Anna"), ("r2", "Ben"), ("r3", "Skip"), ("r4", "x" * 5_000), ("r5", "Eva")]
REPORT_KEYS = PROMISED_KEYS | {"money", "budget", "gone", "simulated"}


def with_every_word(job: SmallJob) -> None:
    """A row that succeeded, one that failed, one left out, one invalid, one cancelled, one never sent."""
    job.write(rows=ROWS, job=CHOOSY)
    assert job.simulate("--skip-invalid", faults=[FAILS]).code == 3
    job.write(rows=[*ROWS, ("r6", "Fay"), ("r7", "Gus")], job=CHOOSY)
    assert job.simulate("--skip-invalid", "--max-usd", "0.3").code == 5
    assert job.ask("cancel", "r6").code == 0
    job.write(rows=[*ROWS, ("r6", "Fay"), ("r7", "Gus"), ("r8", "Hal")], job=CHOOSY)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_counts_add_up_to_the_rows_of_the_sheet(job: SmallJob) -> None:
    with_every_word(job)
    facts = job.ask("report").json
    assert set(facts) == REPORT_KEYS
    assert facts["rows"] == len(read_sheet(job.sheet).rows) == 8
    assert sum(facts["counts"].values()) == facts["rows"]
    assert facts["counts"] == {
        "succeeded": 2, "failed": 1, "filtered": 1, "invalid": 1, "cancelled": 1, "pending": 1, "new": 1,
    }  # fmt: skip
    assert facts["next"] == next_of("report", "--failed", "fix-me.xlsx")


def test_a_job_that_has_never_run_is_accounted_for_as_well(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("r2", "Skip"), ("r3", "x" * 5_000)], job=CHOOSY)
    facts = job.ask("report").json
    assert facts["counts"] == {"new": 1, "filtered": 1, "invalid": 1}
    assert not job.state_folder.exists(), "to look leaves nothing behind"
    assert job.ask("report", "--failed", "fix-me.csv").code == 0
    assert [row["id"] for row in table(job.folder / "fix-me.csv")] == ["r3"]
    assert not [*job.state_folder.glob("*.db")], "nor does the file make a ledger"


def test_people_read_the_same_numbers(job: SmallJob) -> None:
    with_every_word(job)
    said = job.tell("report").stdout
    assert said.startswith('Job "hello": 8 rows\n')
    for line in ("  2 succeeded\n", "  1 filtered out\n", "  1 invalid\n", "  1 cancelled\n", "  1 new\n"):
        assert line in said
    assert "Row 3 (id r2)" in said
    assert "Money: a real run would have cost $" in said


def test_an_edited_row_and_one_that_is_gone_change_no_total(job: SmallJob) -> None:
    job.write(rows=3)
    assert job.simulate().code == 0
    job.write(rows=[("r1", "Someone else"), ("r3", "x" * 5_001)])
    facts = job.ask("report").json
    assert facts["counts"] == {"succeeded": 2}
    assert facts["rows"] == 2
    assert [row["id"] for row in facts["gone"]] == ["r2"]
    assert "Besides, no longer in the sheet: 1 row" in job.tell("report").stdout


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_three_files_hold_every_row_once_with_the_persons_own_columns(job: SmallJob, suffix: str) -> None:
    with_every_word(job)
    names = {kind: f"{kind}{suffix}" for kind in ("failed", "succeeded", "unprocessed")}
    ended = job.ask("report", *(part for kind, name in names.items() for part in (f"--{kind}", name)))
    assert ended.code == 0
    assert {file["kind"]: file["rows"] for file in ended.json["files"]} == {
        "failed": 2, "succeeded": 2, "unprocessed": 4,
    }  # fmt: skip
    sheets = {kind: read_sheet(job.folder / name) for kind, name in names.items()}
    ids = {kind: [row.cells[0] for row in sheet.rows] for kind, sheet in sheets.items()}
    assert ids == {"failed": ["r2", "r4"], "succeeded": ["r1", "r5"], "unprocessed": ["r3", "r6", "r7", "r8"]}
    assert all(sheet.headers[:2] == ("id", "name") for sheet in sheets.values())


def test_each_file_says_what_became_of_its_rows(job: SmallJob) -> None:
    with_every_word(job)
    files = ("--failed", "a.csv", "--succeeded", "b.csv", "--unprocessed", "c.csv")
    assert job.ask("report", *files).code == 0
    refused, invalid = table(job.folder / "a.csv")
    assert "content_policy_violation" in refused["problem"]
    assert "characters" in invalid["problem"]
    done = table(job.folder / "b.csv")[0]
    assert Path(done["video file"]).stat().st_size > 0
    assert float(done["video seconds"]) > 0 < float(done["video USD"])
    reasons = [row["not sent because"] for row in table(job.folder / "c.csv")]
    assert reasons[0] == "only_if leaves it out"
    assert reasons[3] == "not sent yet"


def test_rows_under_way_are_in_no_file_for_they_would_be_paid_twice(job: SmallJob) -> None:
    job.write(rows=2)
    stuck = {"on": "render", "title_contains": "r2", "action": "stuck"}
    assert job.simulate("--time-limit", "2s", faults=[stuck]).code == 4
    assert job.ask("report").json["counts"] == {"succeeded": 1, "rendering": 1}
    ended = job.ask("report", "--failed", "a.csv", "--unprocessed", "c.csv")
    assert (ended.json["rows"], ended.json["files"][1]["written"]) == (0, None)
    assert not (job.folder / "c.csv").exists()


def test_a_row_edited_before_it_was_ordered_is_not_said_to_have_a_video_of_before(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate(faults=[{"on": "create", "action": "insufficient_credit"}]).code == 5
    job.edit({"Bogdan": "Boris"})
    job.ask("sync")
    assert not any("edited" in row["video_note"] for row in job.simulated_results)
    assert job.ask("report", "--unprocessed", "c.csv").json["rows"] == 2
    assert not any("edited" in row["not sent because"] for row in table(job.folder / "c.csv"))


def test_rows_that_cannot_be_sent_are_not_said_to_have_been_sent(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("r2", "x" * 5_001)])
    assert job.simulate("--skip-invalid").code == 3
    said = job.tell("report", "--unprocessed", "c.csv").stdout
    assert "Nothing was written: all that were not sent are invalid (1 row); --failed writes those." in said
    assert not (job.folder / "c.csv").exists()


def test_no_file_is_written_when_one_of_the_names_cannot_be_taken(job: SmallJob) -> None:
    job.write(rows=1)
    assert job.simulate().code == 0
    own = job.folder / "own.csv"
    own.write_text("video file,answer\n1,yes\n")
    for taken in ("own.csv", "people.csv", "done.csv"):
        ended = job.ask("report", "--succeeded", "done.csv", "--unprocessed", taken)
        assert (ended.code, ended.json["next"]) == (2, next_of("report"))
    assert own.read_text() == "video file,answer\n1,yes\n"
    assert not (job.folder / "done.csv").exists()
