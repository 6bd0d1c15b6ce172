"""What ``batchgen audit`` does: look four ways, fetch files again, correct the sheet, say what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from batchgen.audit import Amiss, Finding, audit_files, audit_provider
from batchgen.cli.commands import command_for
from batchgen.cli.deciding import known_job
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.rows import short_id
from batchgen.cli.world import Endpoint, endpoint, open_ledger
from batchgen.errors import ApiError, InvalidInput, SheetNotWritten
from batchgen.job import Job
from batchgen.ledger import Ledger, Owner, Queries, Run, begin_run, end_run
from batchgen.report import write_report
from batchgen.runner import fetch_again
from batchgen.sheet import read_sheet
from batchgen.video_api import FileHost, VideoApi

CONNECTIONS = 8
FILES_AMISS = (Amiss.FILE_MISSING, Amiss.FILE_ALTERED)


@dataclass(frozen=True, kw_only=True)
class Audited:
    """One finding, and what became of it."""

    finding: Finding
    mended: bool
    hint: str


def audit_job(path: Path, output: Output, *, simulated: bool) -> Outcome:
    """Audit a job. Holds it meanwhile, so that nothing moves; exit 0 only when everything agrees in the end."""
    job = known_job(path, simulated=simulated)
    output.job = job.name
    with open_ledger(job) as ledger, endpoint(job) as provider:
        run = begin_run(ledger, job.name, Owner.this_process())
        try:
            audited = asyncio.run(_look_and_mend(job, path, ledger, run, provider))
        finally:
            end_run(ledger, run, {"ending": "audited"})
        sheet_rows, sheet_trouble = _correct_sheet(job, Queries(ledger.engine))
    return _outcome(job, path, audited, sheet_rows, sheet_trouble)


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
    if finding.amiss not in FILES_AMISS:
        return Audited(finding=finding, mended=False, hint="Keep the file: it cannot be fetched again.")
    try:
        stored = await fetch_again(
            api, files, folder=job.output.folder, video_id=finding.video_id, kind=finding.kind, path=finding.path
        )
    except ApiError as error:
        return Audited(finding=finding, mended=False, hint=f"It could not be fetched again: {error}")
    ledger.take(run, finding.entry_id)
    ledger.fetched_again(run, finding.entry_id, stored=stored)
    return Audited(finding=finding, mended=True, hint="Fetched again.")


def _correct_sheet(job: Job, queries: Queries) -> tuple[int, str | None]:
    """How many rows of the results sheet disagreed with the ledger, and what kept them from being corrected."""
    before = _result_texts(job)
    try:
        written = write_report(job, queries.results(job.name))
    except SheetNotWritten as error:
        return 0, str(error)
    if written.reason is not None:
        return 0, None
    after = _result_texts(job)
    return sum(before.get(number) != texts for number, texts in after.items()), None


def _result_texts(job: Job) -> dict[int, tuple[str, ...]]:
    """The result cells of every row as they read now, but for the time of the last change."""
    if not job.results.exists():
        return {}
    try:
        sheet = read_sheet(job.results, tab=job.tab, header_row=job.header_row)
    except InvalidInput:
        return {}
    wanted = {header for name, header in job.output.columns.items() if name != "video_updated_at"}
    places = [index for index, header in enumerate(sheet.headers) if header in wanted]
    return {row.number: tuple(row.cells[index] for index in places) for row in sheet.rows}


def _outcome(job: Job, path: Path, audited: list[Audited], sheet_rows: int, sheet_trouble: str | None) -> Outcome:
    open_findings = [each for each in audited if not each.mended]
    agree = not open_findings and sheet_trouble is None
    verb = "status" if agree else "audit"
    next_command = command_for(path, verb=verb, simulated=job.simulated)
    facts = {
        "job": job.name,
        "agree": agree,
        "findings": [asdict(each.finding) | {"mended": each.mended, "hint": each.hint} for each in audited],
        "sheet_rows_corrected": sheet_rows,
        "sheet_problem": sheet_trouble,
        "next": next_command,
    }
    text = "\n".join(_lines(audited, sheet_rows, sheet_trouble, agree=agree, next_command=next_command))
    return Outcome(exit=Exit.DONE if agree else Exit.ROWS_FAILED, facts=facts, text=text)


def _lines(
    audited: Iterable[Audited], sheet_rows: int, sheet_trouble: str | None, *, agree: bool, next_command: str
) -> Iterable[str]:
    for each in audited:
        sign, finding = "✓" if each.mended else "✗", each.finding
        yield f"{sign} Row {finding.row_number} (id {short_id(finding.row_id)}): {finding.message}. {each.hint}"
    if sheet_rows:
        yield f"✓ {sheet_rows} rows of the sheet disagreed with the ledger and were corrected."
    if sheet_trouble is not None:
        yield f"✗ The sheet could not be corrected: {sheet_trouble}"
    yield "Ledger, provider, files and sheet agree." if agree else "Not everything agrees; see above."
    yield f"Next: {next_command}"
