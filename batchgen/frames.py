"""Jobs from pandas DataFrames, and their results as DataFrames."""

from __future__ import annotations

import csv
import io
import numbers
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batchgen.errors import JobInvalid, Problem, SheetInvalid
from batchgen.job import JOB_FILE, Job, job_of_values, toml_text
from batchgen.ledger import Queries
from batchgen.report import cells_of, shown_results, without_refused
from batchgen.request import build_rows
from batchgen.sheet import Sheet, read_sheet
from batchgen.sheet.csv import read_csv
from batchgen.sheet.frame import results_frame, sheet_from_frame
from batchgen.sheet.replace_file import replacing

if TYPE_CHECKING:
    from pandas import DataFrame

MADE_HERE = "# Made by Job.from_frame, which makes it anew each time.\n"
"""The first line of our job files: by it a person's own file is told from ours."""


def job_from_frame(df: DataFrame, *, name: str, folder: Path, settings: Mapping[str, Any]) -> Job:
    """See `Job.from_frame`; ``settings`` are a job file's keys, None for those that are not set."""
    path = folder.absolute() / JOB_FILE
    sheet = sheet_from_frame(df, f"{name}.csv")
    given = {key: _plain(value) for key, value in settings.items() if value is not None}
    values = {"name": name, "sheet": f"{name}.csv"} | given
    job = job_of_values(path, values)
    data = _csv(sheet)
    _refuse_foreign_files(path, job.sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, (MADE_HERE + toml_text(values)).encode())
    _write(job.sheet, data)
    return job


def results_of(job: Job) -> DataFrame:
    """The sheet's own columns as text, and the result columns, one line per row; the index is the row's number.

    From the job's ledger; empty cells where it knows nothing yet. For the simulated world give it
    ``job.in_simulator(clock_speed=1)``. Raises ``SheetInvalid`` and ``LedgerUnavailable``.
    """
    sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    queries = Queries.open(job.ledger_at)
    if queries is None:
        return results_frame(sheet, list(job.output.columns.values()), {})
    try:
        results, refused = shown_results(job, queries), queries.refused(job.name)
    finally:
        queries.close()
    built = without_refused(build_rows(job, sheet), results, refused)
    cells = cells_of(job, sheet, built, results)
    return results_frame(sheet, list(job.output.columns.values()), cells)


def _csv(sheet: Sheet) -> bytes:
    """The sheet as a text file that reads back as exactly these texts at these row numbers. Raises SheetInvalid."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.headers)
    number = 1
    for row in sheet.rows:
        writer.writerows([""] * len(sheet.headers) for _ in range(row.number - number - 1))
        writer.writerow(row.cells)
        number = row.number
    # The second way names the separator, for texts that look as if they were separated by another one.
    for preamble in ("", "sep=,\r\n"):
        try:
            data = (preamble + text.getvalue()).encode("utf-8-sig")
        except UnicodeEncodeError as error:
            raise SheetInvalid([_unwritable(f"it holds {error.object[error.start]!r}, half a character")]) from error
        if _reads_back(data, sheet):
            return data
    raise SheetInvalid([_unwritable("it does not read back as the same texts")])


def _reads_back(data: bytes, sheet: Sheet) -> bool:
    try:
        read = read_csv(data, sheet.path, header_row=1, digest="")
    except SheetInvalid:
        return False
    return (read.headers, [*read.rows]) == (sheet.headers, [*sheet.rows])


def _unwritable(why: str) -> Problem:
    return Problem(
        message=f"The frame cannot be written as CSV: {why}.",
        hint="Give every column a name, and look for control characters.",
    )


def _write(target: Path, data: bytes) -> None:
    with replacing(target, before_rename=lambda: None) as file:
        file.write(data)


def _refuse_foreign_files(path: Path, sheet: Path) -> None:
    """Raise JobInvalid when the folder holds a job file or a sheet that is not from here."""
    if path.exists() and path.read_bytes().startswith(MADE_HERE.encode()):
        return
    problems = [
        Problem(message=f"{file} is there already and was not made by Job.from_frame.", hint="Name another folder.")
        for file in (path, sheet)
        if file.exists()
    ]
    if problems:
        raise JobInvalid(problems)


def _plain(value: Any) -> Any:
    """A setting as a job file would hold it: paths are texts, numpy's numbers are numbers, what is None is left out."""
    match value:
        case bool() | str():
            return value
        case Path():
            return str(value)
        case numbers.Integral():
            return int(value)
        case numbers.Real():
            return float(value)
        case Mapping():
            return {str(key): _plain(inner) for key, inner in value.items() if inner is not None}
        case Sequence():
            return [_plain(inner) for inner in value]
        case _:
            message = f"{value!r} cannot stand in a job file."
            raise JobInvalid([Problem(message=message, hint="Give texts, numbers, True or False.")])
