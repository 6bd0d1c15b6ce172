"""The summary of a run or of a job's state: one set of facts for people and for ``--json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from batchgen.errors import Problem
from batchgen.ledger import Known, Money, Result, Status
from batchgen.plan import Plan, PlannedRow, PlanWord
from batchgen.report.cells import usd

EDIT_IT = "Change the row in the sheet and run again; unchanged, it is not sent a second time."

TAKE_IT = "It may have been paid. Should its video be at the provider after all: {command}"

ASK_AGAIN = "It was sent, but the answer was lost. Run again; nothing is paid twice."


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What happened, money in USD.

    ``counts`` is by status of the sheet's rows, or why they wait, plus changed, invalid and filtered.
    """

    job: str
    run: int | None
    rows: int
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]
    spent_usd: float
    simulated: bool
    gone: tuple[Mapping[str, Any], ...] = ()
    """Rows that are in the ledger but no longer in the sheet: id, row (where it was last) and status."""
    notes: tuple[str, ...] = ()
    next: str | None = None

    def facts(self) -> dict[str, Any]:
        """The JSON object that ``--json`` prints; its keys are a promise. The notes are for people only."""
        facts = {
            "job": self.job,
            "run": self.run,
            "rows": self.rows,
            "counts": dict(self.counts),
            "problems": [asdict(problem) for problem in self.problems],
            "spent_usd": self.spent_usd,
            "next": self.next,
        }
        gone = {"gone": [dict(row) for row in self.gone]} if self.gone else {}
        return facts | gone | ({"simulated": True} if self.simulated else {})

    def with_next(self, command: str | None) -> Summary:
        """The same summary with the next command to type."""
        return replace(self, next=command)


def summarize(
    plan: Plan,
    results: Mapping[str, Result],
    money: Money,
    *,
    run: int | None,
    problems: tuple[Problem, ...] = (),
    notes: tuple[str, ...] = (),
    decide: Mapping[str, str] | None = None,
) -> Summary:
    """Sum up where every row of the sheet stands after a run. ``problems`` concern the run as a whole.

    ``decide`` maps rows in doubt that another run cannot settle, and rows that failed although they may be paid, to the
    command by which a person settles them.
    """
    held_back = {
        planned.row.id: str(planned.word) for planned in plan.rows if _waits(planned, results.get(planned.row.id))
    }
    in_sheet = [
        results[planned.row.id]
        for planned in plan.rows
        if planned.row.id in results and planned.row.id not in held_back
    ]
    counts = Counter([*(str(result.status) for result in in_sheet), *held_back.values()])
    counts[PlanWord.CHANGED] = sum(
        _changed(planned.row.request.fingerprint, results.get(planned.row.id)) for planned in plan.rows
    )
    counts[PlanWord.INVALID] = len(plan.built.invalid)
    counts[PlanWord.FILTERED] = len(plan.built.filtered)
    return Summary(
        job=plan.job.name,
        run=run,
        rows=plan.total_rows,
        counts={str(word): count for word, count in counts.items() if count},
        problems=(*problems, *plan.built.problems, *problems_of(in_sheet, decide)),
        spent_usd=usd(money.spent),
        simulated=plan.job.simulated,
        gone=tuple(gone_rows({row_id: results[row_id] for row_id in plan.gone if row_id in results})),
        notes=notes,
    )


def gone_rows(gone: Mapping[str, Known | Result]) -> Iterator[dict[str, Any]]:
    """What programs are told of rows that are no longer in the sheet, in the order in which they stood there."""
    for row_id, entry in sorted(gone.items(), key=lambda each: each[1].row_number):
        yield {"id": row_id, "row": entry.row_number, "status": str(entry.status)}


def _waits(planned: PlannedRow, result: Result | None) -> bool:
    """Whether a row counts as held back; one that has a video counts as that, although it waits for another."""
    return planned.is_held_back and (result is None or result.status is not Status.SUCCEEDED)


def _changed(fingerprint: str, result: Result | None) -> bool:
    return result is not None and result.status.live and result.fingerprint != fingerprint


def problems_of(results: Iterable[Result], decide: Mapping[str, str] | None = None) -> Iterator[Problem]:
    """What people should look at: rows that failed, and rows in doubt. ``decide`` as in `summarize`."""
    for result in results:
        command = (decide or {}).get(result.row_id)
        if result.status is Status.FAILED:
            yield _problem(result, TAKE_IT.format(command=command) if command else EDIT_IT)
        elif result.status is Status.IN_DOUBT:
            yield _problem(result, f"Look for the video, then decide: {command}" if command else ASK_AGAIN)


def _problem(result: Result, hint: str) -> Problem:
    note = (result.note or "no reason was given").rstrip(".")
    message = f"{str(result.status).replace('_', ' ')}: {note}."
    return Problem(message=message, hint=hint, row=result.row_number, id=result.row_id)
