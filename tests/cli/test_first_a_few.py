"""A few rows first, the rest later; and rows that wait until somebody says yes."""

from __future__ import annotations

import pytest

from tests.batchgen_process import Ended
from tests.cli.small_job import FAILS, JOB, SmallJob, next_of

GATED = JOB + "[approve]\nrequire_sample = true\nsample_rows = 2\n"
BY_ROW = JOB.replace("{{ name }}", "friend") + '[approve]\ncolumn = "name"\n'


def message(refused: Ended) -> str:
    assert refused.code == 2
    (problem,) = refused.json["problems"]
    return str(problem["message"])


# --- samples --------------------------------------------------------------------------------------------------


def test_after_a_sample_a_plain_run_sends_the_rest_and_nothing_twice(job: SmallJob) -> None:
    job.write(rows=5)
    first = job.simulate("--sample", 2)
    assert (first.code, first.json["counts"]) == (0, {"succeeded": 2, "waiting": 3})
    assert (first.json["sampled"], first.json["waiting"], first.json["next"]) == (2, 3, next_of("run"))
    assert [row["video_status"] for row in job.simulated_results] == ["succeeded", "succeeded", "", "", ""]
    rest = job.simulate()
    assert (rest.code, rest.json["counts"]) == (0, {"succeeded": 5})
    assert job.simulated_log.titles == {f"For r{number}": 1 for number in range(1, 6)}


def test_the_last_words_tell_what_was_left(job: SmallJob) -> None:
    job.write(rows=3)
    ended = job.tell("run", "--static", "--clock-speed", 200, "--sample", 1)
    assert "3 rows: 1 succeeded, 2 left for later" in ended.stdout
    assert "Left for later: 2 rows; the same command without --sample and --rows sends the rest." in ended.stdout
    assert ended.stdout.endswith(f"Next: {next_of('run')}\n")


def test_named_rows_are_the_sample(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("a,b", "Ben"), ("r3", "Cleo"), ("r4", "Dan")])
    assert job.simulate("--rows", "a,b", "--rows", "r3,row:5").json["counts"] == {"waiting": 1, "succeeded": 3}
    again = job.simulate("--rows", "r3")
    assert again.code == 0
    assert "Row r3 is not sent: it has its video." in again.stderr
    assert len(job.simulated_log.created) == 3


def test_a_row_that_is_not_there_is_no_sample(job: SmallJob) -> None:
    job.write(rows=2)
    assert 'There is no row "r9" in the sheet.' in message(job.simulate("--rows", "r9"))


@pytest.mark.parametrize("options", [["--sample", 1, "--rows", "r1"], ["--spread"], ["--rows", "r1", "--spread"]])
def test_options_that_contradict_each_other_are_refused(job: SmallJob, options: list[object]) -> None:
    job.write(rows=2)
    assert "--sample N" in message(job.simulate(*options))
    assert "--sample N" in message(job.ask("plan", "--offline", *options))


def test_a_plan_shows_the_same_choice(job: SmallJob) -> None:
    job.write(rows=4)
    facts = job.ask("plan", "--offline", "--sample", 3, "--spread").json
    assert (facts["counts"], facts["sampled"], facts["waiting"]) == ({"new": 3, "waiting": 1}, 3, 1)
    assert facts["next"] == next_of("run", "--sample", "3", "--spread")


def test_a_row_recorded_by_an_earlier_run_is_not_sent_by_a_sample_without_it(job: SmallJob) -> None:
    job.write(rows=4)
    assert job.simulate("--max-usd", 0.4).code == 5  # all are recorded, one was sent
    ended = job.simulate("--rows", "r4")
    assert ended.code == 0
    assert ended.json["counts"] == {"succeeded": 2, "waiting": 2}
    assert "For r3" not in job.simulated_log.titles


def test_a_sample_that_was_stopped_is_finished_as_a_sample(job: SmallJob) -> None:
    job.write(rows=4)
    stopped = job.simulate("--sample", 2, "--time-limit", "0.01s", clock_speed=1)
    assert stopped.code == 4
    assert stopped.json["next"] == next_of("run", "--rows", "r1,r2")


def test_a_failed_row_of_a_sample_is_told_by_the_exit_code(job: SmallJob) -> None:
    job.write(rows=3)
    ended = job.simulate("--sample", 2, faults=[FAILS])
    assert (ended.code, ended.json["waiting"]) == (3, 1)


# --- approval by row ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["yes", "x", "TRUE", "1", "✓", "✔️", " Approved "])
def test_a_yes_lets_a_row_through(job: SmallJob, word: str) -> None:
    job.write(rows=[("r1", word), ("r2", "")], job=BY_ROW)
    assert job.ask("plan", "--offline").json["counts"] == {"new": 1, "unapproved": 1}


@pytest.mark.parametrize("word", ["no", "FALSE", "0", "-", ""])
def test_a_no_holds_a_row_back(job: SmallJob, word: str) -> None:
    job.write(rows=[("r1", word)], job=BY_ROW)
    ended = job.ask("plan", "--offline")
    assert ended.json["counts"] == {"unapproved": 1}
    assert "neither" not in ended.stderr


def test_what_is_neither_yes_nor_no_counts_as_no_and_is_told(job: SmallJob) -> None:
    job.write(rows=[("r1", "yes"), ("r2", "later"), ("r3", "ask Tom")], job=BY_ROW)
    ended = job.ask("plan", "--offline")
    assert ended.json["counts"] == {"new": 1, "unapproved": 2}
    assert "Rows 3-4: The approval is neither a yes nor a no; it counts as no." in ended.stderr


def test_rows_without_a_yes_wait_and_are_sent_once_they_have_it(job: SmallJob) -> None:
    job.write(rows=[("r1", "yes"), ("r2", ""), ("r3", "no")], job=BY_ROW)
    ended = job.simulate()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 1, "unapproved": 2})
    assert 'Not sent: 2 rows without a yes in the column "name".' in ended.stderr
    job.write(rows=[("r1", "yes"), ("r2", "yes"), ("r3", "no")], job=BY_ROW)
    assert job.simulate().json["counts"] == {"succeeded": 2, "unapproved": 1}
    assert job.simulated_log.titles == {"For r1": 1, "For r2": 1}


def test_a_row_that_lost_its_yes_while_it_rendered_is_not_ordered_a_second_time(real_job: SmallJob) -> None:
    real_job.write(rows=[("r1", "yes")], job=BY_ROW)
    real_job.provider.set_faults({"on": "render", "action": "fail", "failure_code": "rendering_failed", "nth": 1})
    real_job.provider.run_at(0.001)
    assert real_job.run("--time-limit", "1s").code == 4
    real_job.edit({"r1,yes": "r1,no"})
    real_job.provider.run_at(200)
    real_job.provider.advance(3600)
    ended = real_job.run()
    assert (ended.code, ended.json["counts"]) == (0, {"pending": 1}), ended.stderr
    assert real_job.run().json["counts"] == {"unapproved": 1}
    assert len(real_job.provider.log.created) == 1
    real_job.edit({"r1,no": "r1,yes"})
    assert real_job.run().code == 0
    assert len(real_job.provider.log.created) == 2


def test_an_approval_column_that_is_not_there_is_told(job: SmallJob) -> None:
    job.write(rows=1, job=BY_ROW.replace('column = "name"', 'column = "nam"'))
    assert message(job.simulate()).startswith('[approve] column = "nam": the sheet has no such column.')


# --- approval of a sample -------------------------------------------------------------------------------------


def test_many_rows_wait_for_a_sample_that_somebody_approved(job: SmallJob) -> None:
    job.write(rows=4, job=GATED)
    refused = job.simulate()
    assert "4 rows wait for a sample" in message(refused)
    assert refused.json["next"] == next_of("run", "--sample", "2")
    assert message(job.ask("approve")).startswith('The job "hello" has never run')
    sampled = job.simulate("--sample", 2)
    assert (sampled.code, sampled.json["next"]) == (0, next_of("run"))  # two rows are left, which need no approval
    job.write(rows=6, job=GATED)
    refused = job.simulate()
    assert "4 rows wait until somebody approves the template. Look at the 2 videos" in message(refused)
    assert refused.json["next"] == next_of("approve")
    approved = job.ask("approve")
    assert (approved.code, approved.json["videos"], approved.json["next"]) == (0, 2, next_of("run"))
    assert "@" in approved.json["approved_by"]
    assert job.simulate().json["counts"] == {"succeeded": 6}
    assert len(job.simulated_log.created) == 6


def test_a_sample_says_that_it_wants_to_be_approved(job: SmallJob) -> None:
    job.write(rows=6, job=GATED)
    assert job.simulate("--sample", 2).json["next"] == next_of("approve")
    assert job.ask("plan", "--offline").json["next"] == next_of("approve")


def test_a_larger_sample_is_no_way_round(job: SmallJob) -> None:
    job.write(rows=6, job=GATED)
    assert "wait for a sample" in message(job.simulate("--sample", 3))


@pytest.mark.parametrize(
    "changed",
    [
        GATED.replace("Hello", "Good day"),
        GATED.replace('title = "For', 'title = "To'),
        GATED.replace("[approve]", '[columns]\n"name" = "motion_prompt"\n[approve]'),
    ],
)
def test_another_template_needs_another_sample_and_approval(job: SmallJob, changed: str) -> None:
    job.write(rows=5, job=GATED)
    assert job.simulate("--sample", 2).code == 0
    assert job.ask("approve").code == 0
    job.write(rows=5, job=changed)
    assert "wait for a sample" in message(job.simulate())
    assert message(job.ask("approve")).startswith("There is nothing to approve: no video was made with the template")
    job.write(rows=5, job=GATED)  # as it was approved
    assert job.simulate().code == 0


def test_other_rows_and_other_settings_leave_the_approval_as_it_is(job: SmallJob) -> None:
    job.write(rows=5, job=GATED)
    assert job.simulate("--sample", 2).code == 0
    assert job.ask("approve").code == 0
    job.write(rows=7, job=GATED + "[retry]\nattempts = 3\n")
    assert job.simulate().json["counts"] == {"succeeded": 7}


def test_a_sealed_plan_is_no_way_round_the_approval(job: SmallJob) -> None:
    job.write(rows=5, job=GATED)
    assert job.ask("plan", "--offline", "--save", "plan.json").code == 0
    assert "wait for a sample" in message(job.simulate("--plan", "plan.json"))


def test_what_nobody_asked_to_approve_may_be_approved_with_a_word(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    ended = job.ask("approve")
    assert ended.code == 0
    assert "The job file does not ask for an approval" in ended.stderr
