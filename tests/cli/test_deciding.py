"""What people decide about rows, and what they are told: retry, resolve, cancel, explain, report, sync, audit."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from batchgen.ledger import Ledger, Wish, ask
from tests.batchgen_process import PATIENCE_S, batchgen
from tests.cli.small_job import FAILS, NEVER_ARRIVES, PROMISED_KEYS, SmallJob, next_of

VANISHES = {"on": "render", "title_contains": "r2", "action": "vanish"}
ANSWER_LOST = {"on": "create", "title_contains": "r2", "action": "accept_then_drop"}

DECISION_KEYS = {"job", "wish", "rows", "left_out", "settled", "next", "simulated"}
ABOUT_ROWS = {
    "retry": ("retry",),
    "cancel": ("cancel",),
    "resolve": ("resolve", "--abandon"),
    "explain": ("explain",),
}
ABOUT_JOBS = {"sync": ("sync",)}


@pytest.mark.parametrize("verb", ABOUT_ROWS)
def test_a_row_that_nobody_knows_is_refused_and_a_number_is_no_id(verb: str, job: SmallJob) -> None:
    job.write(rows=3)
    assert job.simulate(faults=[FAILS]).code == 3
    before = job.simulated_statuses
    for typed, told in (
        ("r22", 'There is no row "r22" in the ledger. Did you mean "r2"?'),
        ("3", "For the row with the number 3 write row:3."),
        ("row:9", 'There is no row "row:9"'),
    ):
        ended = job.ask(*ABOUT_ROWS[verb], typed)
        assert (ended.code, set(ended.json)) == (2, PROMISED_KEYS | {"simulated"})
        assert told in ended.json["problems"][0]["message"]
        assert ended.json["next"] == next_of("status")
    assert job.simulated_statuses == before


@pytest.mark.parametrize("verb", [*ABOUT_ROWS, *ABOUT_JOBS])
def test_a_job_that_never_ran_is_to_be_run_first(verb: str, job: SmallJob) -> None:
    job.write(rows=1)
    ended = job.ask(*ABOUT_JOBS[verb]) if verb in ABOUT_JOBS else job.ask(*ABOUT_ROWS[verb], "r1")
    assert (ended.code, ended.json["next"]) == (2, next_of("run"))
    assert "has never run" in ended.json["problems"][0]["message"]


def test_a_report_into_the_wrong_file_is_refused_with_the_right_command(job: SmallJob) -> None:
    job.write(rows=1)
    assert job.simulate().code == 0
    for target in ("people.csv", "fix-me.txt"):
        ended = job.ask("report", "--failed", target)
        assert (ended.code, ended.json["next"]) == (2, next_of("report", "--failed", "fix-me.xlsx"))
    nothing = job.ask("report", "--failed", "fix-me.csv")
    assert (nothing.code, nothing.json["rows"], nothing.json["next"]) == (0, 0, next_of("status"))


def test_failed_rows_are_tried_again_by_name_by_number_or_all_at_once(job: SmallJob) -> None:
    job.write(rows=3)
    for chosen in ("r2", "row:3", "--failed"):
        assert job.simulate(faults=[FAILS]).code == 3
        ended = job.ask("retry", chosen)
        assert (ended.code, set(ended.json)) == (0, DECISION_KEYS)
        assert ended.json["settled"] == [{"id": "r2", "wish": "retry", "outcome": "done"}]
        assert ended.json["next"] == next_of("run")
    assert job.simulated_statuses == ["succeeded", "pending", "succeeded"]
    assert job.simulate().json["counts"] == {"succeeded": 3}


def test_retry_failed_leaves_out_a_vanished_video_until_it_is_named(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate(faults=[VANISHES], clock_speed=1000).code == 3
    ended = job.ask("retry", "--failed")
    assert (ended.code, ended.json["rows"], ended.json["left_out"]) == (0, [], ["r2"])
    assert ended.json["next"] == next_of("status")
    assert "name it to retry it anyway" in job.tell("retry", "--failed").stdout
    assert job.simulated_statuses == ["succeeded", "failed"]
    assert job.ask("retry", "r2").code == 0
    assert job.simulated_statuses == ["succeeded", "pending"]


def gone_for_a_while(job: SmallJob) -> str:
    """Two rows, of which r1 is done; r2 failed, for the provider did not know its video for long. It does now."""
    job.write(rows=2)
    faults = [{"on": on, "title_contains": "r2", "action": "unknown_video"} for on in ("status", "statuses")]
    ended = job.simulate(faults=faults, clock_speed=1000)
    assert (ended.code, ended.json["counts"]) == (3, {"succeeded": 1, "failed": 1})
    [call] = [call for call in job.simulated_log.created if "r2" in call["title"]]
    return str(call["video_id"])


def test_a_video_that_was_called_gone_is_taken_when_it_is_there_again(job: SmallJob) -> None:
    video_id = gone_for_a_while(job)
    spent = job.ask("status").json["spent_usd"]
    assert job.ask("resolve", "r2", "--adopt", "v-of-another").code == 2
    ended = job.ask("resolve", "r2", "--adopt", video_id)
    assert (ended.code, ended.json["next"]) == (0, next_of("run"))
    assert job.ask("status").json["spent_usd"] == spent, "spent once, and still"
    assert job.simulate().json["counts"] == {"succeeded": 2}
    assert job.simulated_results[1]["video_id"] == video_id
    assert len(job.simulated_log.created) == 2
    costs = [float(row["video_cost_usd"]) for row in job.simulated_results]
    assert job.ask("status").json["spent_usd"] == pytest.approx(sum(costs))


def test_whoever_asks_is_told_how_a_row_gets_the_video_that_was_called_gone(job: SmallJob) -> None:
    adopt = next_of("resolve", "r2", "--adopt", gone_for_a_while(job))
    status = job.ask("status").json
    assert [row["command"] for row in status["attention"]] == [adopt]
    assert job.ask("explain", "r2").json["next"] == adopt
    again = job.simulate().json
    report = job.ask("report").json
    assert again["next"] == report["next"] == next_of("audit")
    for told in (status, again, report):
        (problem,) = told["problems"]
        assert problem["hint"].endswith(f"after all: {adopt}")
    assert "To send a failed row again" not in job.tell("status").stdout


def test_rows_to_mend_come_before_videos_to_look_for(job: SmallJob) -> None:
    job.write(rows=3)
    fails = FAILS | {"title_contains": "r3"}
    ended = job.simulate(faults=[VANISHES, fails], clock_speed=1000)
    assert (ended.code, ended.json["next"]) == (3, next_of("report", "--failed", "fix-me.xlsx"))
    assert job.ask("report").json["next"] == ended.json["next"]
    assert f"as it is: {next_of('retry', 'r3')}" in job.tell("status").stdout


def test_an_abandoned_row_is_looked_for_by_an_audit(job: SmallJob) -> None:
    job.in_doubt_for_days(ANSWER_LOST)
    assert job.ask("resolve", "r2", "--abandon").code == 0
    assert job.ask("explain", "r2").json["next"] == next_of("audit")
    (problem,) = job.ask("status").json["problems"]
    assert problem["hint"].endswith(f"after all: {next_of('audit')}")
    (finding,) = job.ask("audit").json["findings"]
    assert f"resolve job.toml r2 --adopt {finding['video_id']}" in finding["hint"]


def test_a_row_that_was_cancelled_in_doubt_takes_its_own_video_and_no_other(job: SmallJob) -> None:
    job.in_doubt_for_days(ANSWER_LOST)
    assert job.ask("cancel", "r2").code == 0
    spent = job.ask("status").json["spent_usd"]
    audited = job.ask("audit")
    (finding,) = audited.json["findings"]
    assert (audited.code, finding["amiss"]) == (3, "video_unclaimed")
    others = [call["video_id"] for call in job.simulated_log.created if call["video_id"] != finding["video_id"]]
    for another in (others[0], "v-unknown"):
        refused = job.ask("resolve", "r2", "--adopt", another)
        assert refused.code == 2
        assert "carries the tag" in refused.json["problems"][0]["message"]
    adopt = finding["hint"].partition("row's: ")[2].split()
    assert job.ask(*adopt[1:2], *adopt[3:-1]).code == 0
    assert job.ask("status").json["spent_usd"] == spent
    assert job.simulate().json["counts"] == {"succeeded": 3}
    assert job.simulated_results[1]["video_id"] == finding["video_id"]
    assert job.simulated_log.titles["For r2"] == 1
    assert job.ask("audit").code == 0


def test_a_row_that_was_cancelled_while_it_rendered_can_still_have_its_video(job: SmallJob) -> None:
    job.write(rows=2)
    slow = {"on": "render", "title_contains": "r2", "action": "slow", "seconds": 100_000}
    assert job.simulate("--time-limit", "2s", faults=[slow]).code == 4
    assert job.ask("cancel", "r2").code == 0
    assert job.ask("audit").code == 0, "the ledger names the video, and a person did not want it"
    adopt = job.ask("explain", "r2").json["next"].split()
    assert adopt[3:5] == ["r2", "--adopt"]
    assert job.ask(*adopt[1:2], *adopt[3:-1]).code == 0
    assert job.simulate(clock_speed=100_000).json["counts"] == {"succeeded": 2}
    assert len(job.simulated_log.created) == 2


def test_a_person_is_told_when_nobody_could_compare_the_tags(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    real_job.provider.set_faults({"on": "create", "action": "accept_then_drop"})
    assert real_job.run("--time-limit", "2s").code == 4
    for arguments in (("cancel", "job.toml", "r1"), ("resolve", "job.toml", "r1", "--adopt", "v1")):
        ended = batchgen(*arguments, folder=real_job.folder, env={**real_job.env, "HEYGEN_API_KEY": ""})
        assert ended.code == 0
    assert "Nobody looked whether the video carries the row's tag: No API key." in ended.stderr


def test_a_retry_that_does_not_fit_is_told(job: SmallJob) -> None:
    job.write(rows=1)
    assert job.simulate().code == 0
    ended = job.ask("retry", "r1")
    assert (ended.code, ended.json["next"]) == (2, next_of("status"))
    meant_for = "its status is succeeded; only a row that failed or was cancelled can be tried again."
    assert ended.json["settled"][0]["outcome"] == meant_for
    assert f"Row r1: {meant_for}\n" in job.tell("retry", "r1").stdout
    neither = job.ask("retry")
    assert (neither.code, neither.json["next"]) == (2, next_of("status"))


def test_resubmitted_a_row_is_sent_anew_and_gets_its_video(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    ended = job.ask("resolve", "r2", "--resubmit")
    assert (ended.code, set(ended.json), ended.json["next"]) == (0, DECISION_KEYS, next_of("run"))
    assert job.simulate().json["counts"] == {"succeeded": 3}
    assert job.simulated_log.titles["For r2"] == 1


def test_adopted_a_video_is_collected_and_not_made_again(job: SmallJob) -> None:
    job.in_doubt_for_days(ANSWER_LOST)
    [call] = [call for call in job.simulated_log.created if "r2" in call["title"]]
    ended = job.ask("resolve", "row:3", "--adopt", call["video_id"])
    assert (ended.code, ended.json["rows"]) == (0, ["r2"])
    assert job.simulate().json["counts"] == {"succeeded": 3}
    assert job.simulated_results[1]["video_id"] == call["video_id"]
    assert job.simulated_log.titles["For r2"] == 1


def test_an_abandoned_row_stays_spent_and_is_no_part_of_retry_failed(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    spent = job.ask("status").json["spent_usd"]
    assert job.ask("resolve", "r2", "--abandon").code == 0
    assert job.simulated_statuses == ["succeeded", "failed", "succeeded"]
    assert job.ask("retry", "--failed").json["left_out"] == ["r2"]
    ended = job.simulate()
    assert (ended.code, ended.json["spent_usd"]) == (3, spent)


def test_a_cancelled_row_stays_so_until_it_is_retried(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    ended = job.ask("cancel", "r2", "r2")
    assert (ended.code, set(ended.json)) == (0, DECISION_KEYS)
    assert (ended.json["rows"], ended.json["next"]) == (["r2"], next_of("status"))
    assert job.simulate().json["counts"] == {"succeeded": 2, "cancelled": 1}
    assert job.ask("explain", "r2").json["next"] == next_of("retry", "r2")
    assert job.ask("retry", "r2").code == 0
    assert job.simulate().json["counts"] == {"succeeded": 3}


def test_a_rows_story_is_told_and_says_what_to_do_next(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate(faults=[FAILS]).code == 3
    ended = job.ask("explain", "row:2")
    assert (ended.code, set(ended.json)) == (0, {"job", "row", "entries", "next", "simulated"})
    assert (ended.json["row"], ended.json["next"]) == ("r1", next_of("status"))
    assert [event["event"] for event in ended.json["entries"][0]["events"]][-1] == "artifact_stored"
    assert job.ask("explain", "r2").json["next"] == next_of("report", "--failed", "fix-me.xlsx")
    told = job.tell("explain", "r2").stdout
    assert "content_policy_violation" in told
    assert told.splitlines()[-1].startswith("Next: batchgen report")


def test_sync_brings_results_home_and_audit_agrees(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    job.folder.joinpath("people.simulated.csv").unlink()
    ended = job.ask("sync")
    assert (ended.code, set(ended.json)) == (0, {"job", "written", "problem", "problems", "next", "simulated"})
    assert ended.json["next"] == next_of("status")
    assert job.simulated_statuses == ["succeeded", "succeeded"]
    audited = job.ask("audit")
    assert (audited.code, audited.json["agree"], audited.json["simulated"]) == (0, True, True)
    assert audited.json["next"] == next_of("status")


def test_a_row_whose_video_is_there_is_not_sent_again_on_the_word_of_a_person(job: SmallJob) -> None:
    job.in_doubt_for_days(ANSWER_LOST)
    refused = job.ask("resolve", "r2", "--resubmit")
    assert refused.code == 2
    (problem,) = refused.json["problems"]
    assert "It did arrive: the provider has video" in problem["message"]
    adopt = problem["hint"].removeprefix("Take it: ").split()
    assert job.ask(*adopt[1:2], *adopt[3:-1]).code == 0
    assert job.simulate().code == 0
    assert len(job.simulated_log.created) == 3


def test_a_person_is_told_when_nobody_could_look_for_the_video(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    real_job.provider.set_faults({"on": "create", "action": "drop"})
    assert real_job.run("--time-limit", "2s").code == 4
    real_job.env["HEYGEN_API_KEY"] = ""
    ended = batchgen("resolve", "job.toml", "r1", "--resubmit", folder=real_job.folder, env=real_job.env)
    assert ended.code == 0
    assert "Nobody looked whether the provider has the video after all: No API key." in ended.stderr


def test_what_a_killed_command_had_only_written_down_is_done_by_the_next_run(job: SmallJob) -> None:
    job.write(rows=3)
    assert job.simulate(faults=[FAILS]).code == 3
    with closing(Ledger(job.state_folder / "hello.simulated.db", provider="simulator")) as ledger:
        ask(ledger, "hello", ["r2"], Wish.RETRY, by="a person")
    ended = job.simulate()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 3})


def test_a_resubmit_decided_while_the_row_is_sent_again_pays_nothing(real_job: SmallJob) -> None:
    """The person looked before the repeated send arrived; the run that was to carry it out is killed."""
    real_job.write(rows=1)
    provider = real_job.provider
    provider.run_at(1)
    held = {"on": "create", "nth": 2, "action": "delay"}
    provider.set_faults({"on": "create", "nth": 1, "action": "drop"}, held)
    with real_job.start() as run:
        run.wait_until(lambda: is_sent_again(real_job))
        told = batchgen("resolve", "job.toml", "r1", "--resubmit", folder=real_job.folder, env=real_job.env)
        assert "A run is at work; it will resubmit 1 row" in told.stdout
        run.kill()
    provider.set_faults()
    provider.release()
    until = time.monotonic() + PATIENCE_S
    while not provider.log.created:
        assert time.monotonic() < until, "what was on its way did not arrive"
        time.sleep(0.05)
    provider.run_at(200)
    assert real_job.run().code == 0
    assert len(provider.log.created) == 1


def is_sent_again(job: SmallJob) -> bool:
    """Whether a repeated send is on its way, as the ledger tells (which a run may be making at this moment)."""
    try:
        with closing(sqlite3.connect(job.state_folder / "hello.db")) as ledger:
            return bool(ledger.execute("SELECT count(*) FROM events WHERE event = 'sent_again'").fetchone()[0])
    except sqlite3.OperationalError:
        return False
