"""Writing results back: the ledger's entries go into the rows that they belong to, found by row id.

The sheet is read anew for every write, because the person may have sorted, filtered or edited it meanwhile; what
counts is where a row stands now. When it changes between that reading and the writing, both are done again.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from batchgen.errors import InvalidInput, Problem, SheetChanged, SheetNotWritten
from batchgen.job import Job
from batchgen.ledger import Refusal, Result
from batchgen.report.cells import invalid_cells, result_cells
from batchgen.report.conflicts import conflicts
from batchgen.report.memory import remember, texts_of, written_before
from batchgen.report.refused import without_refused
from batchgen.report.snippets import Snippets
from batchgen.request import Built, InvalidRow, build_rows
from batchgen.sheet import (
    NOT_OURS,
    CellValue,
    Sheet,
    has_column,
    read_sheet,
    read_stored,
    results_workbook_of,
    takes_results,
    write_extract,
    write_results,
)

TRIES = 3
MOST_NAMED = 3  # problems in one reason
NONE_REFUSED: Mapping[str, Refusal] = {}


@dataclass(frozen=True, kw_only=True)
class Reported:
    """Where results went, why not into the sheet itself, and cells in which a person's own words were kept."""

    path: Path
    reason: str | None
    conflicts: tuple[Problem, ...] = ()


def write_report(job: Job, results: Mapping[str, Result], refused: Mapping[str, Refusal] = NONE_REFUSED) -> Reported:
    """Fill the result columns of the job's sheet from ``results`` (row id → entry).

    Rows that the ledger does not know keep what their cells say, except that a row that cannot be sent gets told
    why, and so does one that runs left out (``refused``: row id → why). What a person wrote into a result column is
    kept, and told. May be repeated at any time.

    When the sheet cannot be written (open elsewhere, moved, read-only, disk full, its header changed so that rows
    are not found) the results go to ``<stem>.results.csv`` beside it and ``SheetNotWritten`` says so; the next
    report that gets through brings them home and takes that file away.
    """
    try:
        written = _write_unless_it_moves(job, results, refused)
    except SheetNotWritten as error:
        raise _told_with_aside(job, results, error) from error
    if is_aside(job, aside := aside_of(job)):
        with suppress(OSError):
            aside.unlink()
    return written


def aside_of(job: Job) -> Path:
    """Where results wait while the sheet cannot take them."""
    return job.results.with_name(f"{job.results.stem}.results.csv")


def results_file(job: Job) -> Path | None:
    """The file that holds the results, None when there is none; what waits beside the sheet is newer than the sheet."""
    if is_aside(job, aside := aside_of(job)):
        return aside
    columns = job.output.signs
    if takes_results(job.results) and has_column(job.results, columns, tab=job.tab, header_row=job.header_row):
        return job.results
    workbook = results_workbook_of(job.results)
    return workbook if has_column(workbook, columns) else None


def _headers_aside(job: Job) -> list[str]:
    return ["row", "id", *job.output.columns.values()]


def is_aside(job: Job, aside: Path) -> bool:
    """Whether an earlier report made the file; a file of the person's own that has its name is left alone."""
    try:
        with aside.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            headers = next(csv.reader(file), [])
    except (OSError, csv.Error):
        return False
    own = _headers_aside(job)
    return headers[:2] == own[:2] and set(job.output.signs) <= set(headers)  # other columns may have been chosen


def _told_with_aside(job: Job, results: Mapping[str, Result], error: SheetNotWritten) -> SheetNotWritten:
    """The error, with where the results are meanwhile; as it was when they cannot be put there either."""
    aside = aside_of(job)
    if aside.exists() and not is_aside(job, aside):
        return error
    snippets = Snippets.of_sheet(job, ())
    lines = ([entry.row_number, row_id, *_values(snippets, entry)] for row_id, entry in results.items())
    try:
        write_extract(aside, _headers_aside(job), lines)
    except SheetNotWritten:
        return error
    reason = error.reason if error.reason.endswith((".", "?")) else f"{error.reason}."
    return SheetNotWritten(error.path, f"{reason} Meanwhile the results are in {aside.name}")


def _values(snippets: Snippets, result: Result) -> list[CellValue]:
    """The cells of a row of which only the ledger is at hand, not its own cells."""
    result, html = snippets.with_note(result, None)
    return list(result_cells(snippets.job, result, changed=False, html=html).values())


def _write_unless_it_moves(job: Job, results: Mapping[str, Result], refused: Mapping[str, Refusal]) -> Reported:
    for attempt in range(1, TRIES + 1):
        try:
            return _write_once(job, results, refused)
        except SheetChanged:
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _write_once(job: Job, results: Mapping[str, Result], refused: Mapping[str, Refusal]) -> Reported:
    try:
        sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    except InvalidInput as error:
        raise SheetNotWritten(job.sheet, f"results cannot be written into it: {error}") from error
    built = without_refused(build_rows(job, sheet), results, refused)
    ids = _ids(built)
    _refuse_lost_rows(job, built, ids, results)
    cells = cells_of(job, sheet, built, results)
    kept: tuple[Problem, ...] = ()
    if job.results == job.sheet:
        kept = _kept_words(job, sheet, ids, cells)
    else:
        _refuse_file_of_the_person(job)
    written = write_results(
        job.sheet,
        job.results,
        tab=job.tab,
        header_row=job.header_row,
        columns=list(job.output.columns.values()),
        cells=cells,
        expect_digest=sheet.digest,
    )
    return Reported(path=written.path, reason=written.reason, conflicts=kept)


def _kept_words(
    job: Job, sheet: Sheet, ids: Mapping[int, str], cells: Mapping[int, dict[str, CellValue]]
) -> tuple[Problem, ...]:
    """Take the cells out of ``cells`` that a person wrote into, and remember what is about to be written."""
    before = written_before(job)
    texts = {number: texts_of(job, row) for number, row in cells.items()}
    kept = tuple(conflicts(job, sheet, ids, before, texts, lambda: _as_stored(job, sheet)))
    for conflict in kept:
        if conflict.row is not None and conflict.column is not None:
            del cells[conflict.row][conflict.column]
    remember(job, before, {ids[number]: row for number, row in texts.items() if number in ids})
    return kept


def _as_stored(job: Job, sheet: Sheet) -> Sheet:
    """The same sheet with its numbers as they are stored. Raises SheetChanged when it is another by now."""
    try:
        stored = read_stored(job.sheet, tab=job.tab, header_row=job.header_row)
    except InvalidInput as error:
        raise SheetChanged(job.sheet, "it was changed since it was read") from error
    if stored.digest != sheet.digest:
        raise SheetChanged(job.sheet, "it was changed since it was read")
    return stored


def _refuse_lost_rows(job: Job, built: Built, ids: Mapping[int, str], results: Mapping[str, Result]) -> None:
    """A header that was changed (the id column has another name, say) hides rows that have results."""
    if built.blocking and not results.keys() <= set(ids.values()):
        reasons = " ".join(str(problem) for problem in built.blocking[:MOST_NAMED])
        raise SheetNotWritten(job.sheet, f"results cannot be written into it: {reasons.rstrip('.')}")


def _refuse_file_of_the_person(job: Job) -> None:
    """The file beside the sheet that is to take the results may be there already, and be nobody's but theirs."""
    if not job.results.exists():
        return
    if not has_column(job.results, job.output.signs, tab=job.tab, header_row=job.header_row):
        raise SheetNotWritten(job.results, NOT_OURS)


def _ids(built: Built) -> dict[int, str]:
    """Row number → row id, where it is known."""
    ids = {row.number: row.id for row in built.rows}
    ids |= {row.number: row.id for row in built.invalid if row.id is not None}
    return ids | {row.number: row.id for row in built.filtered if row.id is not None}


def cells_of(job: Job, sheet: Sheet, built: Built, results: Mapping[str, Result]) -> dict[int, dict[str, CellValue]]:
    """The result cells of every row that has something to tell, by row number and header."""
    return _Cells(job, sheet).of(built, results)


class _Cells:
    """The result cells of the rows of one sheet."""

    def __init__(self, job: Job, sheet: Sheet) -> None:
        self._job = job
        self._snippets = Snippets.of_sheet(job, sheet.headers)
        self._rows = {row.number: row for row in sheet.rows} if self._snippets.snippet else {}

    def of(self, built: Built, results: Mapping[str, Result]) -> dict[int, dict[str, CellValue]]:
        cells: dict[int, dict[str, CellValue]] = {}
        for row in built.rows:
            if (result := results.get(row.id)) is not None:
                changed = result.fingerprint != row.request.fingerprint
                cells[row.number] = self._of_result(row.number, result, changed=changed)
        for invalid in built.invalid:
            result = results.get(invalid.id) if invalid.id is not None else None
            cells[invalid.number] = self._of_invalid(invalid, result)
        for filtered in built.filtered:
            result = results.get(filtered.id) if filtered.id is not None else None
            if result is not None:
                cells[filtered.number] = self._of_result(filtered.number, result, changed=False)
        return cells

    def _of_invalid(self, invalid: InvalidRow, result: Result | None) -> dict[str, CellValue]:
        if result is None:
            return invalid_cells(self._job, invalid.note)
        result, html = self._snippets.with_note(result, self._rows.get(invalid.number))
        return invalid_cells(self._job, invalid.note, result, html=html)

    def _of_result(self, number: int, result: Result, *, changed: bool) -> dict[str, CellValue]:
        result, html = self._snippets.with_note(result, self._rows.get(number))
        return result_cells(self._job, result, changed=changed, html=html)
