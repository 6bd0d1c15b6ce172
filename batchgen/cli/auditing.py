"""What ``batchgen audit`` does: look four ways, fetch files again, correct the sheet, say what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from batchgen.audit import Amiss, Finding, audit_files, audit_provider
from batchgen.cli.commands import command_for
from batchgen.cli.deciding import known_job
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.rows import short_id
from batchgen.cli.world import Endpoint, endpoint, open_ledger
from batchgen.errors import ApiError, FileProblem, InvalidInput, Problem, SheetNotWritten
from batchgen.job import Job
from batchgen.ledger import Ledger, Owner, Queries, Run, begin_run, end_run, heartbeat
from batchgen.report import write_report
from batchgen.runner import fetch_again
from batchgen.sheet import read_sheet
from batchgen.video_api import FileHost, VideoApi

CONNECTIONS = 8
BEATS_PER_LEASE = 4
FILES_AMISS = (Amiss.FILE_MISSING, Amiss.FILE_ALTERED)


@dataclass(frozen=True, kw_only=True)
class Audited:
    """One finding, and what became of it."""

    finding: Finding
    mended: bool
    hint: str


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """How many rows of the sheet disagreed with the ledger; what kept it from being corrected, as a whole
    (``trouble``) or in cells that a person wrote into."""

    rows: int = 0
    trouble: str | None = None
    conflicts: tuple[Problem, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.trouble is None and not self.conflicts


def audit_job(path: Path, output: Output, *, simulated: bool) -> Outcome:
    """Audit a job. Holds it meanwhile, so that nothing moves; exit 0 only when everything agrees in the end."""
    job = known_job(path, simulated=simulated)
    output.job = job.name
    with open_ledger(job) as ledger, endpoint(job) as provider:
        run = begin_run(ledger, job.name, Owner.this_process())
        try:
            audited = asyncio.run(while_held(ledger, run, _look_and_mend(job, path, ledger, run, provider)))
        finally:
            end_run(ledger, run, {"ending": "audited"})
        sheet = _correct_sheet(job, Queries(ledger.engine))
    return _outcome(job, path, audited, sheet)


async def while_held(ledger: Ledger, run: Run, work: Coroutine[Any, Any, list[Audited]]) -> list[Audited]:
    """Do the work, extending the lease meanwhile: hashing and fetching many files takes longer than one lease.

    Stops with ``EventRefused`` when another run took the job over, this process having slept for too long.
    """
    working, beating = asyncio.ensure_future(work), asyncio.ensure_future(_keep_lease(ledger, run))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        return await (working if working.done() else beating)
    finally:
        for task in (working, beating):
            task.cancel()
        await asyncio.gather(working, beating, return_exceptions=True)


async def _keep_lease(ledger: Ledger, run: Run) -> NoReturn:
    while True:
        heartbeat(ledger, run)
        await asyncio.sleep(run.lease_s / BEATS_PER_LEASE)


async def _look_and_mend(job: Job, path: Path, ledger: Ledger, run: Run, provider: Endpoint) -> list[Audited]:
    queries = Queries(ledger.engine)
    api = VideoApi(base_url=provider.base_url, key=provider.key, connections=CONNECTIONS)
    files = FileHost(base_url=provider.base_url, connections=CONNECTIONS)
    async with api, files:
        found = await audit_files(job.output.folder, queries.files(job.name))
        found += await audit_provider(api, queries.attempts(job.name))
        return [await _mend(job, path, ledger, run, api, files, finding) for finding in found]


async def _mend(
    job: Job, path: Path, ledger: Ledger, run: Run, api: VideoApi, files: FileHost, finding: Finding
) -> Audited:
    if finding.amiss is Amiss.VIDEO_UNCLAIMED:
        adopt = command_for(
            path, verb="resolve", simulated=job.simulated, more=[finding.row_id, "--adopt", finding.video_id]
        )
        return Audited(finding=finding, mended=False, hint=f"It was paid. If it should be this row's: {adopt}")
    if finding.amiss is Amiss.RENDER_GONE:
        go_on = command_for(path, simulated=job.simulated)
        return Audited(finding=finding, mended=False, hint=f"The next run decides what that means: {go_on}")
    if finding.amiss not in FILES_AMISS:
        return Audited(finding=finding, mended=False, hint="Keep the file: it cannot be fetched again.")
    try:
        fetched = await fetch_again(
            api, files, folder=job.output.folder, video_id=finding.video_id, kind=finding.kind, path=finding.path
        )
    except (ApiError, FileProblem, OSError) as error:
        return Audited(finding=finding, mended=False, hint=f"It could not be fetched again: {error}")
    ledger.take(run, finding.entry_id)
    ledger.fetched_again(run, finding.entry_id, stored=fetched.stored)
    kept = f" What was there is now {fetched.aside.name}." if fetched.aside is not None else ""
    return Audited(finding=finding, mended=True, hint=f"Fetched again.{kept}")


def _correct_sheet(job: Job, queries: Queries) -> Corrected:
    """Write the ledger's results into the sheet, and say how far that made the two agree."""
    before = _result_texts(job)
    try:
        written = write_report(job, queries.results(job.name))
    except SheetNotWritten as error:
        return Corrected(trouble=str(error))
    if written.reason is not None:  # they are in a workbook of our own, written anew
        return Corrected(conflicts=written.conflicts)
    after = _result_texts(job)
    if after is None:
        return Corrected(trouble=f"{job.results.name} cannot be read any more.", conflicts=written.conflicts)
    known = before or {}
    return Corrected(
        rows=sum(known.get(number) != texts for number, texts in after.items()), conflicts=written.conflicts
    )


def _result_texts(job: Job) -> dict[int, tuple[str, ...]] | None:
    """The result cells of every row as they read now, but for the time of the last change; None: unreadable."""
    try:
        sheet = read_sheet(job.results, tab=job.tab, header_row=job.header_row)
    except InvalidInput:
        return None
    wanted = {header for name, header in job.output.columns.items() if name != "video_updated_at"}
    places = [index for index, header in enumerate(sheet.headers) if header in wanted]
    return {row.number: tuple(row.cells[index] for index in places) for row in sheet.rows}


def _outcome(job: Job, path: Path, audited: list[Audited], sheet: Corrected) -> Outcome:
    agree = all(each.mended for each in audited) and sheet.agrees
    verb = "status" if agree else "audit"
    next_command = command_for(path, verb=verb, simulated=job.simulated)
    facts = {
        "job": job.name,
        "agree": agree,
        "findings": [asdict(each.finding) | {"mended": each.mended, "hint": each.hint} for each in audited],
        "sheet_rows_corrected": sheet.rows,
        "sheet_problem": sheet.trouble,
        "problems": [asdict(conflict) for conflict in sheet.conflicts],
        "next": next_command,
    }
    text = "\n".join([*_lines(audited, sheet, agree=agree), f"Next: {next_command}"])
    return Outcome(exit=Exit.DONE if agree else Exit.ROWS_FAILED, facts=facts, text=text)


def _lines(audited: Iterable[Audited], sheet: Corrected, *, agree: bool) -> Iterator[str]:
    for each in audited:
        sign, finding = "✓" if each.mended else "✗", each.finding
        yield f"{sign} Row {finding.row_number} (id {short_id(finding.row_id)}): {finding.message}. {each.hint}"
    if sheet.rows:
        yield f"✓ {sheet.rows} rows of the sheet disagreed with the ledger and were corrected."
    if sheet.trouble is not None:
        yield f"✗ The sheet could not be corrected: {sheet.trouble}"
    for conflict in sheet.conflicts:
        yield f"✗ {conflict}"
    yield "Ledger, provider, files and sheet agree." if agree else "Not everything agrees; see above."
