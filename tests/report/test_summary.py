"""The summary: one set of facts for people and for --json."""

from __future__ import annotations

from pathlib import Path

from batchgen.errors import Problem
from batchgen.ledger import Money, Status
from batchgen.plan import make_plan
from batchgen.report import Summary, problems_of, summarize
from tests.report.results import result
from tests.small_sheet import ANNA, BEN, built_rows, small_job

SPENT = Money(settled=1_234_567, reserved=1_000_000)


def summary(folder: Path, *, simulated: bool = False) -> Summary:
    job = small_job(folder, ANNA, BEN, ("A-3", "Cleo", "yes"), ("A-4", "x" * 5_001, ""), ("A-5", "Eva", ""))
    if simulated:
        job = job.in_simulator(clock_speed=20)
    built = built_rows(job)
    results = {
        "A-1": result(fingerprint=built.rows[0].request.fingerprint),
        "A-2": result(row_id="A-2", row_number=3, fingerprint="of before"),
        "A-5": result(row_id="A-5", row_number=6, status=Status.FAILED, note="avatar_expired: It expired."),
        "gone": result(row_id="gone"),
    }
    return summarize(make_plan(job, built, {}), results, SPENT, run=7, notes=("A note.",))


def test_the_facts_have_exactly_the_promised_keys(tmp_path: Path) -> None:
    facts = summary(tmp_path).with_next("batchgen run job.toml").facts()
    assert list(facts) == ["job", "run", "rows", "counts", "problems", "spent_usd", "next"]
    assert facts["next"] == "batchgen run job.toml"
    assert (facts["job"], facts["run"], facts["rows"]) == ("welcome", 7, 5)
    for problem in facts["problems"]:
        assert set(problem) == {"row", "id", "column", "value", "message", "hint"}


def test_a_simulated_run_says_so(tmp_path: Path) -> None:
    facts = summary(tmp_path, simulated=True).facts()
    assert facts["simulated"] is True
    assert len(facts) == 8


def test_every_row_of_the_sheet_is_counted_where_it_stands(tmp_path: Path) -> None:
    counts = summary(tmp_path).facts()["counts"]
    assert counts == {"succeeded": 2, "failed": 1, "changed": 1, "invalid": 1, "filtered": 1}
    assert {type(word) for word in counts} == {str}


def test_spent_is_what_was_settled_and_what_is_reserved(tmp_path: Path) -> None:
    assert summary(tmp_path).facts()["spent_usd"] == 2.2346


def test_rows_that_failed_or_are_in_doubt_are_problems_with_what_to_do(tmp_path: Path) -> None:
    failed, doubtful = problems_of(
        [
            result(),
            result(row_number=3, row_id="A-2", status=Status.FAILED, note="avatar_expired: It expired."),
            result(row_number=4, row_id="A-3", status=Status.IN_DOUBT, note=""),
            result(status=Status.CANCELLED),
            result(status=Status.RENDERING),
        ]
    )
    assert (failed.row, failed.id, failed.message) == (3, "A-2", "failed: avatar_expired: It expired.")
    assert "run again" in failed.hint
    assert doubtful.message == "in doubt: no reason was given."
    assert "nothing is paid twice" in doubtful.hint


def test_a_failed_row_whose_video_may_be_there_names_the_command_that_takes_it() -> None:
    failed = result(row_id="A-2", status=Status.FAILED, note="the provider no longer knows video v1")
    (problem,) = problems_of([failed], {"A-2": "batchgen resolve job.toml A-2 --adopt v1"})
    assert problem.hint.endswith("after all: batchgen resolve job.toml A-2 --adopt v1")
    assert "Change the row" not in problem.hint


def test_problems_of_the_run_come_first_and_those_of_the_sheet_are_kept(tmp_path: Path) -> None:
    job = small_job(tmp_path, ("A-4", "x" * 5_001, ""))
    plan = make_plan(job, built_rows(job), {})
    of_the_run = Problem(message="The account is out of credit.")
    told = summarize(plan, {}, SPENT, run=None, problems=(of_the_run,)).problems
    assert told[0] == of_the_run
    assert [problem.row for problem in told[1:]] == [2]
