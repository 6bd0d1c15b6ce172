"""Rows that are refused before a run, for what the account or their links lack, are told like any invalid row until
they are mended or sent."""

from __future__ import annotations

import csv

import pytest

import batchgen
from tests.cli.small_job import JOB, SmallJob, next_of

OWN_VOICE = JOB.replace("[pacing]", "voice_id = \"{{ 'missing_voice' if name == 'Mo' else 'en_anna' }}\"\n[pacing]")
OWN_BACKGROUND = JOB.replace("[pacing]", 'background = "{{ name }}"\n[pacing]')
PEOPLE = [("r1", "Mo"), ("r2", "Bogdan"), ("r3", "Mo")]
NO_CREDIT = {"on": "create", "action": "respond", "status": 402, "code": "insufficient_credit"}
NO_SUCH_VOICE = '"missing_voice" is not a voice of this account.'


@pytest.fixture
def refused(job: SmallJob) -> SmallJob:
    """r1 and r3 have no voice and were left out, r2 has its video."""
    job.write(rows=PEOPLE, job=OWN_VOICE)
    ended = job.simulate("--skip-invalid")
    assert (ended.code, ended.json["counts"]) == (3, {"succeeded": 1, "invalid": 2})
    assert ended.json["next"] == next_of("report", "--failed", "fix-me.xlsx")
    return job


def failed_rows(job: SmallJob) -> list[dict[str, str]]:
    job.ask("report", "--failed", "fix-me.csv")
    with (job.folder / "fix-me.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sheet_the_report_and_the_failed_file_tell_of_them(refused: SmallJob) -> None:
    for _ in range(2):
        assert refused.simulated_statuses == ["invalid", "succeeded", "invalid"]
        assert all(refused.simulated_results[place]["video_note"].startswith(NO_SUCH_VOICE) for place in (0, 2))
        report = refused.ask("report").json
        assert report["counts"] == {"succeeded": 1, "invalid": 2}
        assert [problem["row"] for problem in report["problems"]] == [2, 4]
        assert [row["id"] for row in failed_rows(refused)] == ["r1", "r3"]
        assert all(NO_SUCH_VOICE in row["problem"] for row in failed_rows(refused))
        (refused.folder / "people.simulated.csv").unlink()
        assert refused.ask("sync").code == 0


def test_they_are_told_in_frames_too(refused: SmallJob) -> None:
    job = batchgen.load_job(refused.job_file).in_simulator(clock_speed=1)
    assert list(batchgen.results_of(job)["video_status"]) == ["invalid", "succeeded", "invalid"]


def test_an_edited_row_is_new_again_and_the_others_stay(refused: SmallJob) -> None:
    refused.edit({"r3,Mo": "r3,Moritz"})
    assert refused.ask("report").json["counts"] == {"invalid": 1, "succeeded": 1, "new": 1}
    assert [row["id"] for row in failed_rows(refused)] == ["r1"]
    ended = refused.simulate("--rows", "r3")
    assert ended.json["counts"] == {"succeeded": 2, "waiting": 1}
    assert refused.simulated_statuses == ["invalid", "succeeded", "succeeded"], (
        "a run that left it alone settles nothing"
    )
    refused.edit({"r1,Mo": "r1,Moritz"})
    assert refused.simulate().json["counts"] == {"succeeded": 3}
    assert refused.ask("report").json["counts"] == {"succeeded": 3}


def test_a_row_that_was_sent_after_all_is_refused_no_more(refused: SmallJob) -> None:
    unread = {"on": ["me", "looks", "voices"], "action": "drop"}
    stopped = refused.simulate(faults=[unread, NO_CREDIT])
    assert (stopped.code, stopped.json["counts"]) == (5, {"succeeded": 1, "pending": 2})
    assert refused.ask("report").json["counts"] == {"succeeded": 1, "pending": 2}
    again = refused.simulate("--skip-invalid")
    assert (again.code, again.json["counts"]) == (3, {"succeeded": 1, "invalid": 2})
    assert refused.ask("report").json["counts"] == {"succeeded": 1, "invalid": 2}
    assert refused.simulated_statuses == ["invalid", "succeeded", "invalid"]
    assert all(refused.simulated_results[place]["video_note"].startswith(NO_SUCH_VOICE) for place in (0, 2))


def test_rows_whose_links_are_broken_are_told_too(real_job: SmallJob) -> None:
    link = f"{real_job.provider.url}/nothing.png"
    real_job.write(rows=[("r1", link), ("r2", "#ffffff")], job=OWN_BACKGROUND)
    assert real_job.run("--check-links", "--skip-invalid").json["counts"] == {"succeeded": 1, "invalid": 1}
    first, second = real_job.results
    assert (first["video_status"], second["video_status"]) == ("invalid", "succeeded")
    assert "cannot be reached by the provider" in first["video_note"]


def test_a_plan_shows_them_where_they_stand_in_the_sheet(job: SmallJob) -> None:
    job.write(rows=[("r1", "Mo"), ("r2", "Ben"), ("r3", "x" * 5_000), ("r4", "Mo"), ("r5", "Cleo")], job=OWN_VOICE)
    shown = job.tell("plan", "--all").stdout
    rows = [line.split()[1] for line in shown.splitlines() if line.startswith("Row ")]
    assert rows == ["2", "3", "4", "5", "6"], shown
