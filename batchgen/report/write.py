"""Writing results back: the ledger's entries go into the rows that they belong to, found by row id.

The sheet is read anew for every write, because the person may have sorted, filtered or edited it meanwhile; what
counts is where a row stands now. When it changes between that reading and the writing, both are done again.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from batchgen.errors import InvalidInput, SheetChanged, SheetNotWritten
from batchgen.job import Job
from batchgen.ledger import Result
from batchgen.report.cells import invalid_cells, result_cells
from batchgen.request import Built, build_rows
from batchgen.sheet import CellValue, Written, read_sheet, write_extract, write_results

TRIES = 3


def write_report(job: Job, results: Mapping[str, Result]) -> Written:
    """Fill the result columns of the job's sheet from ``results`` (row id → entry).

    Rows that the ledger does not know keep what their cells say, except that a row that cannot be sent gets told
    why. May be repeated at any time. When the sheet cannot be written (open elsewhere, moved, read-only, disk full)
    the results go to ``<stem>.results.csv`` beside it and ``SheetNotWritten`` says so; the next report that gets
    through brings them home and takes that file away.
    """
    try:
        written = _write_unless_it_moves(job, results)
    except SheetNotWritten as error:
        raise _told_with_aside(job, results, error) from error
    if _is_ours(job, aside := aside_of(job)):
        aside.unlink()
    return written


def aside_of(job: Job) -> Path:
    """Where results wait while the sheet cannot take them."""
    return job.results.with_name(f"{job.results.stem}.results.csv")


def _headers_aside(job: Job) -> list[str]:
    return ["row", "id", *job.output.columns.values()]


def _is_ours(job: Job, aside: Path) -> bool:
    """Whether an earlier report made the file; a file of the person's own that has its name is left alone."""
    try:
        with aside.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return next(csv.reader(file), None) == _headers_aside(job)
    except (FileNotFoundError, csv.Error):
        return False


def _told_with_aside(job: Job, results: Mapping[str, Result], error: SheetNotWritten) -> SheetNotWritten:
    """The error, with where the results are meanwhile; as it was when they cannot be put there either."""
    aside = aside_of(job)
    if aside.exists() and not _is_ours(job, aside):
        return error
    lines = ([entry.row_number, row_id, *_values(job, entry)] for row_id, entry in results.items())
    try:
        write_extract(aside, _headers_aside(job), lines)
    except SheetNotWritten:
        return error
    return SheetNotWritten(error.path, f"{error.reason}. Meanwhile the results are in {aside.name}")


def _values(job: Job, result: Result) -> list[CellValue]:
    cells = result_cells(job, result, changed=False)
    return [cells[header] for header in job.output.columns.values()]


def _write_unless_it_moves(job: Job, results: Mapping[str, Result]) -> Written:
    for attempt in range(1, TRIES + 1):
        try:
            return _write_once(job, results)
        except SheetChanged:
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _write_once(job: Job, results: Mapping[str, Result]) -> Written:
    try:
        sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    except InvalidInput as error:
        raise SheetNotWritten(job.sheet, f"results cannot be written into it: {error}") from error
    return write_results(
        job.sheet,
        job.results,
        tab=job.tab,
        header_row=job.header_row,
        columns=list(job.output.columns.values()),
        cells=_cells(job, build_rows(job, sheet), results),
        expect_digest=sheet.digest,
    )


def _cells(job: Job, built: Built, results: Mapping[str, Result]) -> dict[int, dict[str, CellValue]]:
    cells: dict[int, dict[str, CellValue]] = {}
    for row in built.rows:
        if (result := results.get(row.id)) is not None:
            changed = result.fingerprint != row.request.fingerprint
            cells[row.number] = result_cells(job, result, changed=changed)
    told = {problem.row: problem for problem in reversed(built.problems) if problem.row is not None}
    for invalid in built.invalid:
        result = results.get(invalid.id) if invalid.id is not None else None
        problem = told.get(invalid.number)
        if result is not None:
            cells[invalid.number] = result_cells(job, result, changed=True)
        elif problem is not None:
            cells[invalid.number] = invalid_cells(job, f"{problem.message} {problem.hint}".strip())
    for filtered in built.filtered:
        result = results.get(filtered.id) if filtered.id is not None else None
        if result is not None:
            cells[filtered.number] = result_cells(job, result, changed=False)
    return cells
