"""Cells of ours that a person wrote into, told from those that hold what we ever wrote there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from batchgen.errors import Problem
from batchgen.fields import normal
from batchgen.job import Job
from batchgen.ledger import Status
from batchgen.plan import PlanWord
from batchgen.report.memory import Written, by_equal_rows, compared, equal_rows_of
from batchgen.report.same_value import same_moment, same_number
from batchgen.sheet import Sheet, SheetRow, read_headers, read_sheet

STATUS_WORDS = frozenset(map(str, (*Status, *PlanWord)))
SAME_VALUE = {"video_duration_s": same_number, "video_cost_usd": same_number, "video_updated_at": same_moment}
"""The columns that hold no text, and how a cell of theirs is compared with what was written."""


def conflicts(
    job: Job,
    sheet: Sheet,
    ids: Mapping[int, str],
    before: Written,
    now: Mapping[int, Mapping[str, str]],
    stored: Callable[[], Sheet],
) -> Iterator[Problem]:
    """Cells of ours that a person wrote into: neither what we ever wrote there nor what is to be there now.

    A word for a status is always ours. In a row that no report wrote yet, nothing is known of what was there. Equal
    rows without an id are told apart by their order alone, so a sorted sheet shows one of them the other's results.
    ``stored`` reads the sheet once more, with numbers as they are stored: a format may show less of them.
    """
    written = before if job.id_column is not None else by_equal_rows(before)
    places = _places(job, sheet)
    stored_rows = cache(lambda: {row.number: row.cells for row in stored().rows})
    for row in sheet.rows:
        row_id = ids.get(row.number, "")
        ours = written.get(row_id if job.id_column is not None else equal_rows_of(row_id))
        if ours is None or row.number not in now:
            continue
        for name, header, place in places:
            seen, coming = compared(row.cells[place]), now[row.number].get(header, "")
            if not seen or _is_word_of_ours(name, seen, ours, header, coming):
                continue
            if name in SAME_VALUE and _is_value(name, stored_rows()[row.number][place], [*ours[header], coming]):
                continue
            yield Problem(
                message="You wrote into this result column; your text was kept.",
                hint="Clear the cell to have the result there again.",
                row=row.number,
                id=ids.get(row.number),
                column=header,
                value=row.cells[place],
            )


def in_the_way(job: Job) -> Iterator[Problem]:
    """For each result column that holds something of the person's own: the first such cell.

    Under a header that the job names that is any text; under one of ours, what stands in a row that no report wrote:
    its status is none. To be asked before the first report: from then on it is remembered what is ours.
    """
    headers = read_headers(job.sheet, tab=job.tab, header_row=job.header_row)
    if not _places_in(job, headers):
        return
    sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    places = _places(job, sheet)
    of_status = next((place for name, _, place in places if name == "video_status"), None)
    for name, header, place in places:
        theirs = (row for row in sheet.rows if _is_theirs(row, name, place, None if name != header else of_status))
        if (row := next(theirs, None)) is not None:
            yield Problem(
                message=f"This column is to hold {name}, which would be written over what is there.",
                hint="Give the result another header in [output.columns], or empty the column.",
                row=row.number,
                column=header,
                value=row.cells[place],
            )


def _is_theirs(row: SheetRow, name: str, place: int, of_status: int | None) -> bool:
    """Whether a cell holds what no report wrote; ``of_status``: where the row's status tells whether one did."""
    text = row.cells[place].strip()
    status = "" if of_status is None else row.cells[of_status].strip()
    return bool(text) and status not in STATUS_WORDS and not (name == "video_status" and text in STATUS_WORDS)


def _places(job: Job, sheet: Sheet) -> list[tuple[str, str, int]]:
    """Name, header and place of the result columns that the sheet has."""
    return _places_in(job, sheet.headers)


def _places_in(job: Job, of_sheet: Sequence[str]) -> list[tuple[str, str, int]]:
    headers = [normal(header) for header in of_sheet]
    columns = [(name, header) for name, header in job.output.columns.items() if normal(header) in headers]
    return [(name, header, headers.index(normal(header))) for name, header in columns]


def _is_word_of_ours(name: str, seen: str, ours: Mapping[str, Sequence[str]], header: str, coming: str) -> bool:
    """Whether we wrote what a cell shows, or are about to."""
    if seen == coming or seen in ours.get(header, ()):
        return True
    if name in SAME_VALUE:  # a memory of old says nothing of these columns
        return header not in ours or _is_value(name, seen, [*ours[header], coming])
    return name == "video_status" and seen in STATUS_WORDS


def _is_value(name: str, seen: str, written: Sequence[str]) -> bool:
    return any(SAME_VALUE[name](seen, each) for each in written)
