"""The next command to type never spends more, or on other rows, than the one that was typed."""

from __future__ import annotations

import pytest

from tests.cli.small_job import JOB, SmallJob, next_of

REFUSED_KEY = {"on": "create", "action": "respond", "status": 402, "code": "insufficient_credit", "nth": 2}


@pytest.mark.parametrize(
    "options",
    [
        "--max-usd 0.5",
        "--sample 2 --spread",
        "--rows r1",
        "--time-limit 90s --rerender changed",
        "--skip-invalid --check-links",
    ],
)
def test_a_run_that_was_not_confirmed_is_advised_as_it_was_typed(options: str, real_job: SmallJob) -> None:
    real_job.write(rows=3)
    ended = real_job.run_without_yes("--json", *options.split())
    assert ended.code == 2
    words = ended.json["next"].split()
    assert words[:3] == ["batchgen", "run", "job.toml"]
    assert words[-1] == "--yes"
    assert sorted(words[3:-1]) == sorted(options.split())


def test_a_run_with_invalid_rows_is_advised_with_its_sample(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("r1", "Ben"), ("r2", "Cleo")])
    ended = job.simulate("--sample", 1, "--max-usd", 5)
    assert ended.code == 2
    assert "--sample 1" in ended.json["next"]
    assert "--max-usd 5" in ended.json["next"]


def test_options_that_contradict_each_other_are_not_advised_again(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate("--sample", 1, "--rows", "r1").json["next"] == "batchgen run --help"


def test_after_an_account_stop_the_next_run_is_of_the_same_rows_under_the_same_cap(job: SmallJob) -> None:
    job.write(rows=6)
    ended = job.simulate("--sample", 3, "--max-usd", 50, faults=[REFUSED_KEY])
    assert ended.code == 5
    words = ended.json["next"].split()
    assert words[:3] == ["batchgen", "run", "job.toml"]
    assert words[-3:] == ["--max-usd", "50", "--simulate"]
    again = job.simulate(*words[3:-1])
    assert (again.code, again.json["counts"]) == (0, {"succeeded": 3, "waiting": 3})
    assert "--max-usd 50" in again.json["next"]


def test_a_run_that_stopped_in_time_goes_on_under_its_cap(job: SmallJob) -> None:
    job.write(rows=3)
    slow = {"on": "render", "action": "slow", "seconds": 100_000}
    ended = job.simulate("--rows", "r1,r2", "--max-usd", 50, "--time-limit", "3s", faults=[slow])
    assert (ended.code, ended.json["next"]) == (4, next_of("run", "--rows", "r1,r2", "--max-usd", "50"))


def test_a_plan_hands_its_cap_on(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.ask("plan", "--offline", "--max-usd", 0.5).json["next"] == next_of("run", "--max-usd", "0.5")


def test_a_sealed_sample_that_is_stale_is_sealed_anew_as_a_sample(job: SmallJob) -> None:
    job.write(rows=5)
    assert job.ask("plan", "--offline", "--sample", 2, "--max-usd", 1, "--save", "p.json").code == 0
    job.edit({"r1,": "r0,"})
    ended = job.simulate("--plan", "p.json")
    assert ended.code == 2
    expected = ("--save", "p.json", "--rows", "r1,r2", "--max-usd", "1")
    assert ended.json["next"] == next_of("plan", *expected)


def test_lookalikes_of_a_sealed_plan_are_allowed_within_that_plan(real_job: SmallJob) -> None:
    untitled = JOB.replace('title = "For {{ id }}"', "")
    real_job.write(rows=1, job=untitled)
    assert real_job.run().code == 0
    real_job.write(rows=[("r-1", "Bogdan")], job=untitled)
    assert real_job.plan("--save", "p.json", "--offline").code == 0
    ended = real_job.run("--plan", "p.json")
    assert (ended.code, ended.json["next"]) == (2, "batchgen run job.toml --plan p.json --allow-new")
