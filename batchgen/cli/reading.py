"""Reading a job's sheet and building its rows, with every problem told at once."""

from __future__ import annotations

from batchgen.cli.output import Output
from batchgen.errors import RowsInvalid, UsageError
from batchgen.job import Job
from batchgen.request import Built, build_rows
from batchgen.sheet import fetch_sheet, read_sheet


def fetch_if_linked(job: Job) -> None:
    """Bring the local copy of a sheet that is behind a link up to date. Raises ``SheetInvalid``."""
    if job.sheet_link is not None:
        fetch_sheet(job.sheet_link, job.sheet)


def refuse_unfetched(job: Job) -> None:
    """Raise ``UsageError`` when a sheet behind a link was never fetched."""
    if job.sheet_link is not None and not job.sheet.exists():
        raise UsageError("The sheet is behind a link and was never fetched; plan once without --offline.")


def rows_of(job: Job, output: Output) -> Built:
    """Every row of the job's sheet as a request, with every problem; tells what maps to what."""
    built = build_rows(job, read_sheet(job.sheet, tab=job.tab, header_row=job.header_row))
    for line in built.lines:
        output.say(line)
    for warning in built.warnings:
        output.warn(warning)
    return built


def built_rows(job: Job, output: Output, *, skip_invalid: bool) -> Built:
    """The rows that may be sent. Raises ``InvalidInput`` with all problems.

    With ``skip_invalid`` rows that cannot be sent are left out, as long as nothing is wrong with the sheet or the
    job file as a whole.
    """
    fetch_if_linked(job)
    built = rows_of(job, output)
    if not built.problem_count:
        return built
    if built.blocking or not skip_invalid:
        raise RowsInvalid(built.problems)
    output.problems(built.problems, count=built.problem_count)
    return built
