"""``run --rerender``: which edited rows get a new video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from batchgen.cli.rows import numbers_in_sheet, rows_named, short_id
from batchgen.ledger import Status
from batchgen.plan import Plan, PlannedRow, PlanWord, Rerender
from batchgen.request import Built

ALL = "changed"


def rerender_of(names: Sequence[str], built: Built) -> Rerender:
    """What was typed, as row ids. Raises ``UsageError`` for a row that is not in the sheet."""
    rows = rows_named([name for name in names if name != ALL], numbers_in_sheet(built), place="the sheet")
    return Rerender(rows=frozenset(rows), all=ALL in names)


def kept_all_the_same(plan: Plan) -> Iterator[str]:
    """The rows that were named, but get no new video in this run."""
    planned = {row.row.id: row for row in plan.rows}
    for row_id in sorted(plan.rerender.rows - plan.rerendered):
        yield f"Row {short_id(row_id)} is not rendered anew: {_why(planned.get(row_id))}"


def _why(row: PlannedRow | None) -> str:
    if row is None:
        return "it takes no part in this run."
    if row.word is PlanWord.CHANGED:
        return "its first video is still under way. Rerender it when that is done."
    if row.word is PlanWord.DONE:
        return "it was not edited since its video was made."
    if row.word is Status.CANCELLED:
        return "it was cancelled. Retry it instead."
    return "it has no video yet." if row.sends else f"it is {row.word.replace('_', ' ')}."
