"""A cap holds: no create begins that could go over it, and a run that it stops says so."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from batchgen.cli.running import refuse_unpriced
from batchgen.cli.world import cap_of
from batchgen.errors import RowsInvalid
from batchgen.job import load_job
from batchgen.plan import make_plan
from batchgen.request import build_rows
from batchgen.sheet import read_sheet
from tests.cli.small_job import JOB, SmallJob

UPPER_USD = 0.3624  # one row: 7 words ÷ 2.0 a second and 1 s more, at the dearest price of its engine
CAPPED = JOB + f"[budget]\nmax_usd = {2.5 * UPPER_USD}\n"


def estimate_of_a_row(job: SmallJob) -> float:
    facts = job.ask("plan", "--offline").json
    return float(facts["estimate_high_usd"]) / int(facts["to_send"])


def test_a_run_ends_when_the_next_row_does_not_fit_and_tells_how_to_go_on(job: SmallJob) -> None:
    job.write(rows=6)
    upper = estimate_of_a_row(job)
    ended = job.simulate("--max-usd", 2.5 * upper)
    assert ended.code == 5
    facts = ended.json
    assert facts["counts"]["succeeded"] >= 2
    assert facts["counts"]["pending"] == 6 - facts["counts"]["succeeded"]
    assert facts["spent_usd"] <= 2.5 * upper
    assert "The budget stopped the run" in facts["problems"][0]["message"]
    words = shlex.split(facts["next"])
    assert words[:4] == ["batchgen", "run", "job.toml", "--max-usd"]
    again = job.simulate("--max-usd", float(words[4]))
    assert (again.code, again.json["counts"]) == (0, {"succeeded": 6})
    assert len(job.simulated_log.created) == 6


@pytest.mark.parametrize(("chosen", "next_rows"), [((), "--sample 2"), (("--spread",), "--rows ")])
def test_a_sample_that_it_stops_goes_on_as_that_sample(job: SmallJob, chosen: tuple[str, ...], next_rows: str) -> None:
    job.write(rows=6)
    upper = estimate_of_a_row(job)
    ended = job.simulate("--sample", 3, *chosen, "--max-usd", 1.01 * upper)
    assert (ended.code, ended.json["counts"]["pending"], ended.json["waiting"]) == (5, 2, 3)
    words = shlex.split(ended.json["next"])
    assert ended.json["next"].startswith(f"batchgen run job.toml {next_rows}")
    again = job.simulate(*(word for word in words[3:] if word != "--simulate"))
    assert (again.code, again.json["counts"]) == (0, {"succeeded": 3, "waiting": 3})


def test_what_videos_cost_less_than_reserved_is_used_for_further_rows(job: SmallJob) -> None:
    job.write(rows=3)
    upper = estimate_of_a_row(job)
    true_cost = job.simulate("--max-usd", upper).json["spent_usd"]
    assert 0 < true_cost < upper
    assert job.simulate("--max-usd", true_cost + upper).json["counts"]["succeeded"] >= 2


def test_the_cap_counts_what_earlier_runs_spent(job: SmallJob) -> None:
    job.write(rows=2)
    upper = estimate_of_a_row(job)
    assert job.simulate("--max-usd", 2 * upper).code == 0
    job.write(rows=3)
    ended = job.simulate("--max-usd", 2 * upper)
    assert ended.code in (0, 5)
    spent = ended.json["spent_usd"]
    assert spent <= 2 * upper
    job.write(rows=4)
    assert job.simulate("--max-usd", spent).code == 5
    assert job.simulated_results[3]["video_status"] == "pending"


def test_a_plan_says_how_much_of_the_cap_is_left_and_how_many_rows_fit(job: SmallJob) -> None:
    job.write(rows=4, job=JOB + "[budget]\nmax_usd = 0.9\n")
    ended = job.ask("plan", "--offline")
    assert ended.code == 0
    assert ended.json["budget"] == {"max_usd": 0.9, "committed_usd": 0.0, "left_usd": 0.9, "shared": None}
    said = job.tell("plan", "--offline")
    assert "Cap: $0.90, of which $0.00 is spent or reserved: $0.90 left" in said.stdout
    assert "The cap is sure to hold" in said.stdout


def test_a_cap_without_a_known_price_refuses_to_run(job: SmallJob) -> None:
    job.write(rows=2, job=CAPPED)
    loaded = load_job(job.job_file)
    plan = make_plan(loaded, build_rows(loaded, read_sheet(loaded.sheet)), {}, cap=cap_of(loaded, None))
    refuse_unpriced(plan)
    unpriced = replace(plan, rows=tuple(replace(row, estimate=None) for row in plan.rows))
    with pytest.raises(RowsInvalid) as refusal:
        refuse_unpriced(unpriced)
    assert [problem.row for problem in refusal.value.problems] == [None, 2, 3]
    refuse_unpriced(replace(unpriced, cap=None))


def test_a_negative_cap_is_refused(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + "[budget]\nmax_usd = -1\n")
    ended = job.ask("plan", "--offline")
    assert ended.code == 2
    assert "max_usd" in ended.json["problems"][0]["message"]


def test_a_shared_budget_counts_all_its_jobs(real_job: SmallJob) -> None:
    """Two jobs, one ledger, one budget: the second finds what the first has spent."""
    capped = f'ledger = "sqlite:///all.db"\n{JOB}[budget]\nmax_usd = 0.5\nshared = "spring"\n'
    real_job.write(rows=1, job=capped)
    first = real_job.run()
    assert first.code == 0
    real_job.write(rows=3, job=capped.replace('"hello"', '"second"'))
    second = real_job.run()
    assert second.code == 5, second.stderr
    done = second.json["counts"].get("succeeded", 0)
    assert 0.5 - UPPER_USD < first.json["spent_usd"] + second.json["spent_usd"] <= 0.5
    assert len(real_job.provider.log.created) == 1 + done
