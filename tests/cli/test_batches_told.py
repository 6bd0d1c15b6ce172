"""Rows in doubt that went out in a batch: whether a run goes on with them, or a person decides."""

from __future__ import annotations

import contextlib
import sqlite3

from batchgen.runner.reconcile import MOST_TOO_MANY
from tests.cli.small_job import DAYS_S, JOB, SmallJob, next_of

IN_BATCHES = JOB + "[submit]\nbatch = 100\n"
ITEMS_UNTOLD = {"on": "batch_status", "action": "unavailable"}
UNANSWERED = {"on": "batch", "action": "accept_then_502"}


def days_later(job: SmallJob, fault: dict[str, str]) -> None:
    """The first row of four goes out by itself; the others went out in a batch days ago, and are in doubt."""
    job.write(rows=4, job=IN_BATCHES)
    assert job.simulate("--time-limit", "3s", faults=[fault]).code == 4
    assert job.simulated_statuses == ["succeeded", "in_doubt", "in_doubt", "in_doubt"]
    with contextlib.closing(sqlite3.connect(job.state_folder / "hello.simulated.db")) as ledger, ledger:
        ledger.execute("UPDATE attempts SET first_sent_at = first_sent_at - ?", (DAYS_S,))
        ledger.execute("UPDATE batches SET first_sent_at = first_sent_at - ?", (DAYS_S,))


def test_a_batch_that_arrived_is_asked_for_its_items_however_late_it_is(job: SmallJob) -> None:
    days_later(job, ITEMS_UNTOLD)
    told = job.ask("status").json
    assert (told["next"], told["attention"]) == (next_of("run"), [])
    story = job.ask("explain", "r2").json
    assert story["next"] == next_of("run")
    assert f"in batch {story['entries'][0]['attempts'][0]['batch']}" in job.tell("explain", "r2").stdout
    ended = job.simulate()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 4})


def test_a_batch_without_an_answer_is_a_persons_to_decide_when_its_key_is_too_old(job: SmallJob) -> None:
    days_later(job, UNANSWERED)
    told = job.ask("status").json
    assert [row["command"] for row in told["attention"]] == [next_of("resolve", row) for row in ("r2", "r3", "r4")]
    assert job.ask("explain", "r2").json["next"] == next_of("resolve", "r2")


def test_a_batch_in_doubt_that_is_more_than_the_account_takes_at_once_is_a_persons_to_decide(job: SmallJob) -> None:
    """Not 23 hours of waiting for a turn that never comes."""
    never_arrives = {"on": "batch", "action": "drop", "nth": 1}
    too_many = {"on": "batch", "action": "rate_limit", "retry_after_s": 1}
    job.write(rows=4, job=IN_BATCHES)
    ended = job.simulate(faults=[never_arrives, too_many], clock_speed=2000)
    assert (ended.code, ended.json["counts"]) == (6, {"succeeded": 1, "in_doubt": 3})
    while_r1_rendered = range(3)
    sends = job.simulated_log.routes["POST /v3/videos/batches"]
    assert sends - 1 - MOST_TOO_MANY in while_r1_rendered
    for row in ("r2", "r3", "r4"):
        assert job.ask("resolve", row, "--resubmit").code == 0
    ended = job.simulate()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 4})
    assert len(job.simulated_log.created) == 4


def test_a_batch_that_the_provider_forgot_leaves_its_rows_to_their_markers(job: SmallJob) -> None:
    job.write(rows=4, job=IN_BATCHES)
    forgotten = {"on": "batch_status", "action": "respond", "status": 404, "code": "batch_not_found"}
    ended = job.simulate(faults=[forgotten], clock_speed=2000)
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 4})
    assert len(job.simulated_log.created) == 4


def test_an_item_refused_for_its_number_slows_the_run_down_and_says_how_the_row_goes_on(job: SmallJob) -> None:
    job.write(rows=5, job=IN_BATCHES)
    too_many = {"on": "batch", "action": "refuse_items", "code": "rate_limit_exceeded"}
    ended = job.simulate(faults=[too_many])
    assert (ended.code, ended.json["counts"]) == (3, {"succeeded": 3, "failed": 2})
    notes = {row["video_note"] for row in job.simulated_results if row["video_status"] == "failed"}
    assert "No video was made; batchgen retry sends the row again" in notes.pop()
    assert job.ask("retry", "--failed").code == 0
    assert job.simulate().json["counts"] == {"succeeded": 5}


def test_the_rows_of_a_batch_in_doubt_wait_together_when_the_provider_calls_them_too_fast(job: SmallJob) -> None:
    """Each alone would send the whole batch again."""
    never_arrives = {"on": "batch", "action": "drop", "nth": 1}
    too_fast = {"on": "batch", "action": "respond", "status": 429, "code": "rate_limit_exceeded"}
    job.write(rows=4, job=IN_BATCHES)
    assert job.simulate("--time-limit", "4s", faults=[never_arrives, too_fast], clock_speed=2000).code == 4
    with contextlib.closing(sqlite3.connect(job.state_folder / "hello.simulated.db")) as ledger:
        times = ledger.execute("SELECT DISTINCT not_before FROM entries WHERE status = 'in_doubt'").fetchall()
    assert len(times) == 1
