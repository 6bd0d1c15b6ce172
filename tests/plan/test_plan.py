"""What a run would do with every row: each known status, with the same request and with another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.errors import PriceUnknown
from batchgen.ledger import Known, Status
from batchgen.plan import Plan, Rerender, make_plan
from batchgen.price import estimate
from tests.small_sheet import ANNA, BEN, JOB_FILE, built_rows, small_job

SAME = {
    Status.PENDING: ("pending", True),
    Status.SUBMITTING: ("submitting", False),
    Status.IN_DOUBT: ("in_doubt", False),
    Status.RENDERING: ("rendering", False),
    Status.RENDERED: ("rendered", False),
    Status.SUCCEEDED: ("done", False),
    Status.FAILED: ("failed", False),
    Status.CANCELLED: ("cancelled", False),
}
EDITED = {
    Status.PENDING: ("pending", True),
    Status.SUBMITTING: ("changed", False),
    Status.IN_DOUBT: ("changed", False),
    Status.RENDERING: ("changed", False),
    Status.RENDERED: ("changed", False),
    Status.SUCCEEDED: ("changed", False),
    Status.FAILED: ("new", True),
    Status.CANCELLED: ("cancelled", False),
}


def known(status: Status, fingerprint: str = "another request", number: int = 2) -> Known:
    return Known(fingerprint=fingerprint, status=status, row_number=number)


def plan_of(folder: Path, entry: Known | None = None, *, same: bool = False, rerender: Rerender | None = None) -> Plan:
    """A plan for one row, Anna's, whose entry is ``entry``."""
    job = small_job(folder, ANNA)
    built = built_rows(job)
    if entry is not None and same:
        entry = known(entry.status, built.rows[0].request.fingerprint)
    entries = {} if entry is None else {"A-1": entry}
    return make_plan(job, built, entries, rerender=rerender) if rerender else make_plan(job, built, entries)


def stands(plan: Plan) -> tuple[str, bool]:
    (row,) = plan.rows
    return str(row.word), row.sends


def test_a_row_that_the_ledger_does_not_know_is_new_and_sent(tmp_path: Path) -> None:
    assert stands(plan_of(tmp_path)) == ("new", True)


@pytest.mark.parametrize("status", Status)
def test_an_unchanged_row(tmp_path: Path, status: Status) -> None:
    assert stands(plan_of(tmp_path, known(status), same=True)) == SAME[status]


@pytest.mark.parametrize("status", Status)
def test_an_edited_row(tmp_path: Path, status: Status) -> None:
    assert stands(plan_of(tmp_path, known(status))) == EDITED[status]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("rerender", [Rerender(all=True), Rerender(rows=frozenset({"A-1"}))])
def test_only_a_finished_video_is_rendered_anew_when_asked_for(
    tmp_path: Path, status: Status, rerender: Rerender
) -> None:
    plan = plan_of(tmp_path, known(status), rerender=rerender)
    word, sends = EDITED[status]
    assert stands(plan) == (word, sends or status is Status.SUCCEEDED)
    assert plan.rerendered == ({"A-1"} if status is Status.SUCCEEDED else frozenset())


def test_rendering_anew_is_for_the_rows_that_were_named(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, known(Status.SUCCEEDED), rerender=Rerender(rows=frozenset({"A-9"})))
    assert stands(plan) == ("changed", False)


def test_an_unchanged_finished_row_is_never_rendered_anew(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, known(Status.SUCCEEDED), same=True, rerender=Rerender(all=True))
    assert stands(plan) == ("done", False)


def test_a_plan_counts_every_row_once(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN, ("A-3", "Cleo", "yes"), ("A-4", "x" * 5_001, ""))
    plan = make_plan(job, built_rows(job), {"A-2": known(Status.SUCCEEDED)})
    assert plan.counts == {"new": 1, "changed": 1, "invalid": 1, "filtered": 1}
    assert plan.total_rows == 4
    assert [type(word) for word in plan.counts] == [str] * 4


def test_the_cost_is_that_of_the_rows_to_be_sent(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    built = built_rows(job)
    costs = [estimate(row.request.payload, job.prices) for row in built.rows]
    both = make_plan(job, built, {})
    assert both.microusd == sum(cost.microusd for cost in costs) > 0
    assert both.microusd_high == sum(cost.microusd_high for cost in costs) > both.microusd
    one = make_plan(job, built, {"A-1": known(Status.SUCCEEDED)})
    assert (one.microusd, one.microusd_high) == (costs[1].microusd, costs[1].microusd_high)
    assert [request.estimate_microusd for request in one.requests()] == [cost.microusd_high for cost in costs]
    assert one.price_tables == [costs[1].table]


def test_a_row_without_a_price_is_told_and_counts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise PriceUnknown("No price is known for this.")

    monkeypatch.setattr("batchgen.plan.plan.estimate", unknown)
    job = small_job(tmp_path, ANNA)
    plan = make_plan(job, built_rows(job), {})
    assert [row.row.id for row in plan.unpriced] == ["A-1"]
    assert (plan.microusd_high, [request.estimate_microusd for request in plan.requests()]) == (0, [0])


def test_the_ledger_is_asked_to_record_every_row_as_it_would_be_sent(tmp_path: Path) -> None:
    job = small_job(tmp_path, BEN, ANNA)
    built = built_rows(job)
    asked = list(make_plan(job, built, {}).requests())
    assert [(one.row_id, one.row_number, one.file_stem) for one in asked] == [("A-2", 2, "A-2"), ("A-1", 3, "A-1")]
    assert [one.fingerprint for one in asked] == [row.request.fingerprint for row in built.rows]
    assert b"Hello Ben!" in asked[0].request


def test_rows_that_are_gone_are_told_but_not_those_filtered_out_or_invalid(tmp_path: Path) -> None:
    job = small_job(tmp_path, ("A-3", "Cleo", "yes"), ("A-4", "x" * 5_001, ""))
    entries = {row_id: known(Status.SUCCEEDED) for row_id in ("A-1", "A-3", "A-4")}
    assert list(make_plan(job, built_rows(job), entries).gone) == ["A-1"]


class TestWithoutAnIdColumn:
    """An edited row looks like one gone and another one new."""

    def plan(self, folder: Path, gone: dict[str, Known]) -> Plan:
        job = small_job(folder, ANNA, BEN, job_file=JOB_FILE.replace('id = "id"\n', ""))
        return make_plan(job, built_rows(job), gone)

    def test_new_rows_beside_vanished_videos_are_paired(self, tmp_path: Path) -> None:
        plan = self.plan(tmp_path, {"f#1": known(Status.SUCCEEDED, number=2)})
        first, second = plan.lookalikes()
        assert "the video of what was row 2 has no row any more" in first.message
        assert (first.row, second.row, second.message) == (2, 3, "This row looks new.")

    @pytest.mark.parametrize("status", [Status.PENDING, Status.FAILED, Status.CANCELLED])
    def test_rows_without_a_video_may_vanish(self, tmp_path: Path, status: Status) -> None:
        assert self.plan(tmp_path, {"f#1": known(status)}).lookalikes() == []

    def test_new_rows_alone_are_fine(self, tmp_path: Path) -> None:
        assert self.plan(tmp_path, {}).lookalikes() == []


def test_with_an_id_column_a_new_row_is_a_new_row(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    assert make_plan(job, built_rows(job), {"B-1": known(Status.SUCCEEDED)}).lookalikes() == []


def test_a_job_that_gets_an_id_column_keeps_the_videos_of_unchanged_rows(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    built = built_rows(job)
    entries = {f"{row.request.fingerprint}#1": known(Status.SUCCEEDED, row.request.fingerprint) for row in built.rows}
    plan = make_plan(job, built, entries)
    assert [str(row.word) for row in plan.rows] == ["done", "done"]
    assert list(plan.renamed.values()) == ["A-1", "A-2"]
    assert (plan.to_send, plan.gone, plan.lookalikes()) == ([], {}, [])


def test_a_row_edited_while_its_job_gets_an_id_column_is_asked_about(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    built = built_rows(job)
    anna = built.rows[0].request.fingerprint
    entries = {f"{anna}#1": known(Status.SUCCEEDED, anna), f"{'ab' * 32}#1": known(Status.SUCCEEDED, number=3)}
    plan = make_plan(job, built, entries)
    assert [str(row.word) for row in plan.rows] == ["done", "new"]
    (problem,) = plan.lookalikes()
    assert "the video of what was row 3 has no row any more" in problem.message


def test_a_new_id_that_asks_for_what_a_vanished_one_got_is_asked_about(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    built = built_rows(job)
    entries = {"00A-1": known(Status.RENDERING, built.rows[0].request.fingerprint)}
    (problem,) = make_plan(job, built, entries).lookalikes()
    assert (problem.row, problem.id) == (2, "A-1")
    assert 'what the row with id "00A-1" got' in problem.message
