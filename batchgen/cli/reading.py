"""Reading a job's sheet and building its rows, with every problem told at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from batchgen.cli.output import Output
from batchgen.cli.user_prices import with_user_prices
from batchgen.errors import Doubt, InvalidInput, JobInvalid, Problem, RowsInvalid, UsageError
from batchgen.job import Draft, Job, draft_job
from batchgen.proofreading import proofread
from batchgen.request import Built, build_rows
from batchgen.sheet import fetch_sheet, read_sheet


def refuse_invalid_job(path: Path, output: Output) -> None:
    """Raise ``JobInvalid`` with what is wrong with the job file and, as far as that can be told, with its sheet."""
    draft = draft_job(path)
    if draft.problems:
        raise JobInvalid([*draft.problems, *_of_sheet(draft, output)])


def _of_sheet(draft: Draft, output: Output) -> Iterator[Problem]:
    """The sheet's problems, but for what is missing in its rows: that may be what the job file was to say."""
    if not draft.rows_are_clear or not draft.job.sheet.exists():
        return
    try:
        built = rows_of(with_user_prices(draft.job), output)
    except InvalidInput as error:
        yield from error.problems
    else:
        yield from (problem for problem in built.problems if problem.row is None or problem.column is not None)


def fetch_if_linked(job: Job) -> None:
    """Bring the local copy of a sheet that is behind a link up to date. Raises ``SheetInvalid``."""
    if job.sheet_link is not None:
        fetch_sheet(job.sheet_link, job.sheet)


def refuse_unfetched(job: Job) -> None:
    """Raise ``UsageError`` when a sheet behind a link was never fetched."""
    if job.sheet_link is not None and not job.sheet.exists():
        raise UsageError("The sheet is behind a link and was never fetched; plan once without --offline.")


def rows_of(job: Job, output: Output) -> Built:
    """Every row of the job's sheet as a request, with every problem; tells what maps to what, and what looks odd."""
    sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    built = build_rows(job, sheet)
    for line in built.lines:
        output.say(line)
    for doubt in (*_of_route(job), *built.warnings, *proofread(sheet, built)):
        output.doubt(doubt)
    return built


def _of_route(job: Job) -> Iterator[Doubt]:
    if job.provider.api == "v2":
        from batchgen.video_api import LEGACY  # the libraries of the wire load in 0.2 s

        message = f'[provider] api = "v2" is the legacy route, announced to end on {LEGACY.ends}.'
        hint = "It takes no idempotency key: where an answer is lost nothing is sent again, and you may have to decide."
        yield Doubt(kind="legacy_route", message=message, hint=hint)


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
