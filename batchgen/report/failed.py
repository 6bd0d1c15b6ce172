"""Rows that a person has to mend, as a file of their own: their columns as they were, and the problem."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from batchgen.job import Job
from batchgen.ledger import Result, Status
from batchgen.request import build_rows
from batchgen.sheet import SheetRow, has_column, read_sheet, write_extract

PROBLEM = "problem"


def write_failed(job: Job, results: Mapping[str, Result], target: Path) -> int:
    """Write the rows that failed or cannot be sent to ``target`` (.csv or .xlsx); how many there are.

    Nothing is written when there is none. Raises ``InvalidInput`` when the sheet cannot be read, and
    ``SheetNotWritten``.
    """
    sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    built = build_rows(job, sheet)
    told: dict[int, str] = {}
    for row in built.rows:
        result = results.get(row.id)
        if result is not None and result.status is Status.FAILED:
            told[row.number] = result.note
    for problem in built.problems:
        if problem.row is not None:
            told[problem.row] = "; ".join(filter(None, (told.get(problem.row), str(problem))))
    ours = {*job.output.columns.values(), PROBLEM}
    kept = [place for place, header in enumerate(sheet.headers) if header.strip() and header not in ours]
    rows = [row for row in sheet.rows if row.number in told]
    if rows:
        headers = [*(sheet.headers[place] for place in kept), PROBLEM]
        lines = ([*_kept(row, kept), told[row.number]] for row in rows)
        write_extract(target, headers, lines, tab=job.tab, header_row=job.header_row)
    return len(rows)


def made_by_write_failed(file: Path, job: Job) -> bool:
    """Whether an existing file is one that `write_failed` made, and not one of the person's own."""
    return has_column(file, [PROBLEM], tab=job.tab, header_row=job.header_row)


def _kept(row: SheetRow, places: list[int]) -> list[str]:
    return [row.cells[place] for place in places]
