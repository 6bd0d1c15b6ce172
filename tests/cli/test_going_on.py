"""Runs that go on where others ended, and sheets that change in between: what is paid is never paid again."""

from __future__ import annotations

import contextlib
import random
import sqlite3

import pytest

from tests.batchgen_process import Batchgen, log_of
from tests.cli.in_process import every_file
from tests.cli.small_job import JOB, NAMES, SmallJob, next_of

ROWS = 8
TWO_AT_A_TIME = JOB + "concurrency = 2\n"


def ordered_once(job: SmallJob, rows: int = ROWS) -> bool:
    return job.provider.log.titles == {f"For r{number}": 1 for number in range(1, rows + 1)}


def succeeded(job: SmallJob) -> list[bool]:
    return [row["video_status"] == "succeeded" for row in job.results]


KILLS = {
    "before the third create is processed": {"on": "create", "nth": 3, "action": "drop"},
    "after the third create was accepted, before its answer": {"on": "create", "nth": 3, "action": "accept_then_drop"},
    "right after the third create was answered": {"on": "create", "nth": 3, "action": "answer", "seconds": 0},
    "while the state of renders is asked for": {"on": "statuses", "nth": 2, "action": "drop"},
    "in the middle of a file": {"on": "download", "nth": 2, "action": "truncate"},
}


@pytest.mark.parametrize("moment", KILLS)
def test_killed_with_kill_9_the_next_run_finishes_and_nothing_is_created_twice(moment: str, real_job: SmallJob) -> None:
    real_job.write(rows=ROWS, job=TWO_AT_A_TIME)
    real_job.provider.set_faults({**KILLS[moment], "then": "kill_client"})
    with real_job.start() as run:
        real_job.provider.will_kill(run)
        assert run.wait().code == -9
    assert not all("video_status" in row for row in real_job.results), "the sheet is untouched by a killed run"
    ended = real_job.run()
    assert ended.code == 0
    assert ended.json["counts"] == {"succeeded": ROWS}
    assert ordered_once(real_job)
    assert all(succeeded(real_job))
    assert len(list((real_job.folder / "videos").glob("*.mp4"))) == ROWS
    assert list((real_job.folder / "videos").glob("*.part")) == []


def test_a_killed_simulated_run_goes_on_in_the_same_world(job: SmallJob) -> None:
    job.write(rows=3)
    command = ("run", "job.toml", "--simulate", "--static", "--clock-speed")
    database = job.state_folder / "hello.simulator" / "simulator.db"
    with Batchgen(*command, "0.1", folder=job.folder) as run:
        run.wait_until(lambda: database.exists() and len(log_of(database.parent).created) == 3)
        run.kill()
    ended = job.simulate(clock_speed=1000)
    assert ended.code == 0
    assert ended.json["counts"] == {"succeeded": 3}
    assert len(job.simulated_log.created) == 3


def test_a_rerun_does_nothing_and_costs_nothing(real_job: SmallJob) -> None:
    real_job.write(rows=3)
    first = real_job.run()
    before, calls = every_file(real_job.folder / "videos"), real_job.provider.log.routes
    cells = real_job.results
    second = real_job.run()
    assert (first.code, second.code) == (0, 0)
    assert second.json["spent_usd"] == first.json["spent_usd"]
    assert second.json["counts"] == {"succeeded": 3}
    assert real_job.provider.log.routes == calls, "not one call to the provider"
    assert every_file(real_job.folder / "videos") == before
    assert real_job.results == cells


def test_sorted_and_inserted_rows_are_not_rendered_again(real_job: SmallJob) -> None:
    real_job.write(rows=4)
    assert real_job.run().code == 0
    files = {row["id"]: row["video_file"] for row in real_job.results}
    head, *rows = real_job.sheet.read_text().splitlines()
    random.Random(7).shuffle(rows)
    rows.insert(1, "new,Zoe" + "," * rows[0].count(","))
    real_job.sheet.write_text("\n".join([head, *rows]) + "\n")
    ended = real_job.run()
    assert ended.json["counts"] == {"succeeded": 5}
    assert real_job.provider.log.titles == {**{f"For r{number}": 1 for number in range(1, 5)}, "For new": 1}
    assert [row["id"] for row in real_job.results] == [row.split(",")[0] for row in rows]
    assert {row["id"]: row["video_file"] for row in real_job.results} == {**files, "new": "videos/new.mp4"}


def test_without_an_id_column_sorting_renders_nothing_again(real_job: SmallJob) -> None:
    real_job.write(rows=4, job=JOB.replace('id = "id"\n', "").replace("{{ id }}", "{{ name }}"))
    assert real_job.run().code == 0
    head, *rows = real_job.sheet.read_text().splitlines()
    real_job.sheet.write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert real_job.run().code == 0
    assert len(real_job.provider.log.sends) == 4
    assert {row["name"]: row["video_file"] for row in real_job.results if row["video_file"]}.keys() == {
        "Bogdan", "Chiara", "Dmitri", "Emre",
    }  # fmt: skip


def test_a_failed_row_is_sent_anew_when_it_was_edited_and_only_then(real_job: SmallJob) -> None:
    real_job.write(rows=3)
    refuse = {"on": "create", "title_contains": "r2", "action": "respond", "status": 400}
    real_job.provider.set_faults({**refuse, "code": "content_policy_violation", "message": "Not this name."})
    ended = real_job.run()
    assert ended.code == 3
    assert [(each["row"], each["id"]) for each in ended.json["problems"]] == [(3, "r2")]
    assert "Not this name." in ended.json["problems"][0]["message"]
    assert "Not this name" in real_job.results[1]["video_note"]
    real_job.provider.set_faults()
    assert real_job.run().code == 3, "unchanged, it stays failed"
    assert len(real_job.provider.log.sends) == 3
    real_job.edit({"Chiara": "Clara"})
    assert real_job.run().code == 0
    assert real_job.provider.log.titles == {"For r1": 1, "For r2": 1, "For r3": 1}
    assert all(succeeded(real_job))
    assert real_job.results[1]["video_note"] == ""


def test_an_edited_row_that_has_its_video_is_shown_as_changed_and_kept(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    assert real_job.run().code == 0
    real_job.edit({"Bogdan": "Boris"})
    ended = real_job.run()
    assert ended.code == 0
    assert ended.json["counts"] == {"succeeded": 2, "changed": 1}
    assert len(real_job.provider.log.sends) == 2
    assert "edited" in real_job.results[0]["video_note"]


def test_removed_and_filtered_rows_are_not_sent(real_job: SmallJob) -> None:
    real_job.write(rows=4, job="only_if = \"name != 'Dmitri'\"\n" + JOB)
    real_job.edit({"r4,Emre\n": ""})
    ended = real_job.run()
    assert ended.code == 0
    assert ended.json["counts"] == {"succeeded": 2, "filtered": 1}
    assert real_job.provider.log.titles == {"For r1": 1, "For r2": 1}
    assert real_job.results[2].get("video_status", "") == ""


def test_a_row_removed_before_it_was_sent_is_not_sent_later(real_job: SmallJob) -> None:
    real_job.write(rows=3)
    real_job.provider.set_faults({"on": "create", "every": 1, "action": "insufficient_credit"})
    assert real_job.run().code == 5
    real_job.provider.set_faults()
    lines = real_job.sheet.read_text().splitlines(keepends=True)
    real_job.sheet.write_text("".join(lines[:2] + lines[3:]))
    ended = real_job.run()
    assert ended.code == 0
    assert real_job.provider.log.titles == {"For r1": 1, "For r3": 1}


def test_a_row_removed_while_it_rendered_is_still_collected(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    real_job.provider.run_at(0.001)
    assert real_job.run("--time-limit", "1s").code == 4
    real_job.provider.run_at(200)
    real_job.provider.advance(3600)
    lines = real_job.sheet.read_text().splitlines(keepends=True)
    real_job.sheet.write_text("".join(lines[:2]))
    ended = real_job.run()
    assert ended.code == 0
    assert "No longer in the sheet: 1 row" in ended.stderr
    assert {path.name for path in (real_job.folder / "videos").iterdir()} == {"r1.mp4", "r2.mp4"}


def test_invalid_rows_may_be_skipped_and_are_told_in_the_sheet(real_job: SmallJob) -> None:
    real_job.write(rows=[("r1", "Anna"), ("r2", "x" * 5000), ("r3", "Chiara")])
    ended = real_job.run("--skip-invalid")
    assert ended.code == 3
    assert ended.json["counts"] == {"succeeded": 2, "invalid": 1}
    assert [each["row"] for each in ended.json["problems"]] == [3]
    assert real_job.results[1]["video_status"] == "invalid"
    assert "5,000 are the most" in real_job.results[1]["video_note"]
    assert real_job.provider.log.titles == {"For r1": 1, "For r3": 1}


def test_a_job_that_another_machine_never_gave_back_is_taken_once_nothing_is_heard_of_it(
    job: SmallJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchgen.ledger.lease.HEARD_WITHIN_S", 0.1)
    job.write(rows=1)
    assert job.simulate().code == 0
    holding = "UPDATE jobs SET held_by = 'mac|b|7|1.0', held_host = 'mac', held_pid = 7, held_since = 1, held_until = 2"
    with contextlib.closing(sqlite3.connect(job.state_folder / "hello.simulated.db")) as ledger, ledger:
        ledger.execute(holding)
    ended = job.simulate()
    assert ended.code == 0
    assert 'The job "hello" was never given back by mac (pid 7). Listening' in ended.stderr


def test_a_row_that_was_edited_while_its_old_video_was_made_in_vain_is_the_next_runs_work(job: SmallJob) -> None:
    fails_late = {"on": "render", "title_contains": "r2", "nth": 1, "action": "fail", "failure_code": "internal_error"}
    job.write(rows=2)
    assert job.simulate("--time-limit", "0.5s", faults=[fails_late], clock_speed=1).code == 4
    assert job.simulated_statuses == ["rendering", "rendering"]
    job.edit({NAMES[2]: "Cosima"})
    ended = job.simulate(faults=[fails_late])
    assert (ended.code, ended.json["counts"]) == (4, {"succeeded": 1, "pending": 1, "changed": 1})
    (problem,) = ended.json["problems"]
    assert problem["message"] == "1 row was edited while the old video was made, which then failed."
    assert ended.json["next"] == next_of("run")
    assert job.simulate().code == 0
    assert job.simulated_statuses == ["succeeded", "succeeded"]
    assert len(job.simulated_log.created) == 3
