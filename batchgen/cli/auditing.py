"""What ``batchgen audit`` says: what was found, what was mended, how far the sheet agrees, what is left to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from batchgen.audit import Audited, Remedy, look_and_mend, while_held
from batchgen.cli.attention import way_back
from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.refusing import forgotten_rows
from batchgen.cli.rows import short_id
from batchgen.cli.same_account import heed_account
from batchgen.cli.world import (
    Endpoint,
    endpoint,
    job_in_world,
    known_entries,
    known_videos,
    open_ledger,
    place_of,
    reading_ledger,
)
from batchgen.errors import InvalidInput, Problem, SheetNotWritten
from batchgen.job import Job
from batchgen.ledger import Ledger, Owner, Queries, Run, begin_run, end_run, listen_for_holder
from batchgen.plan import Plan, make_plan
from batchgen.report import shown_results, write_report
from batchgen.request import Built, build_rows
from batchgen.sheet import read_sheet
from batchgen.video_api import FileHost, VideoApi

CONNECTIONS = 8
NO_ROWS = Built(rows=(), filtered=(), invalid=(), lines=(), warnings=(), problems=(), problem_count=0, blocking=())


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
    job = job_in_world(path, simulated=simulated)
    output.job = job.name
    plan = _plan(job)
    with open_ledger(job) as ledger, endpoint(job) as provider:
        listen_for_holder(ledger, job.name, output.say)
        run = begin_run(ledger, job.name, Owner.this_process(), place=place_of(job))
        try:
            heed_account(job, path, ledger, provider)
            audited = asyncio.run(while_held(ledger, run, _audited(plan, ledger, run, provider)))
        finally:
            end_run(ledger, run, {"ending": "audited"})
        forgotten = tuple(forgotten_rows(plan, known_videos(job, Queries(ledger.engine))))
        sheet = _correct_sheet(job, Queries(ledger.engine))
    return _outcome(job, path, audited, sheet, forgotten)


async def _audited(plan: Plan, ledger: Ledger, run: Run, provider: Endpoint) -> list[Audited]:
    api = VideoApi(base_url=provider.base_url, key=provider.key, connections=CONNECTIONS)
    files = FileHost(base_url=provider.base_url, connections=CONNECTIONS)
    async with api, files:
        return await look_and_mend(plan, ledger, run, api, files)


def _plan(job: Job) -> Plan:
    """The sheet beside the ledger. Of a sheet that cannot be read no row is looked for; its state is told later."""
    with reading_ledger(job) as queries:
        known = known_entries(job, queries)
    try:
        sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    except InvalidInput:
        return make_plan(job, NO_ROWS, known)
    return make_plan(job, build_rows(job, sheet), known)


def _correct_sheet(job: Job, queries: Queries) -> Corrected:
    """Write the ledger's results into the sheet, and say how far that made the two agree."""
    before = _result_texts(job)
    try:
        written = write_report(job, shown_results(job, queries), queries.refused(job.name))
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


def _outcome(job: Job, path: Path, audited: list[Audited], sheet: Corrected, forgotten: Sequence[Problem]) -> Outcome:
    agree = all(each.mended for each in audited) and sheet.agrees and not forgotten
    verb = "status" if agree else "audit"
    next_command = command_for(path, verb=verb, simulated=job.simulated)
    facts = {
        "job": job.name,
        "agree": agree,
        "findings": [
            asdict(each.finding) | {"mended": each.mended, "hint": _hint(each, job, path)} for each in audited
        ],
        "sheet_rows_corrected": sheet.rows,
        "sheet_problem": sheet.trouble,
        "problems": [asdict(problem) for problem in (*sheet.conflicts, *forgotten)],
        "next": next_command,
    }
    lines = [*_finding_lines(audited, job, path), *_forgotten_lines(forgotten), *_sheet_lines(sheet, agree=agree)]
    text = "\n".join([*lines, f"Next: {next_command}"])
    return Outcome(exit=Exit.DONE if agree else Exit.ROWS_FAILED, facts=facts, text=text)


def _finding_lines(audited: Iterable[Audited], job: Job, path: Path) -> Iterator[str]:
    for each in audited:
        sign, finding = "✓" if each.mended else "✗", each.finding
        place = f"Row {finding.row_number} (id {short_id(finding.row_id)})"
        yield f"{sign} {place}: {finding.message}. {_hint(each, job, path)}"


def _hint(audited: Audited, job: Job, path: Path) -> str:
    """What was done about a finding, or what is to be done."""
    finding, go_on = audited.finding, command_for(path, simulated=job.simulated)
    match audited.remedy:
        case Remedy.FETCHED_AGAIN:
            return f"Fetched again. What was there is now {audited.detail}." if audited.detail else "Fetched again."
        case Remedy.ADOPTED:
            return f"It is the row's again; the next run collects it: {go_on}"
        case Remedy.NOT_FETCHED:
            return f"It could not be fetched again: {audited.detail}"
        case Remedy.KEEP_THE_FILE:
            return "Keep the file: it cannot be fetched again."
        case Remedy.NEXT_RUN:
            return f"The next run decides what that means: {go_on}"
        case Remedy.CHOOSE:
            return "Delete all but one of them on the provider's page, then audit again."
        case Remedy.RESOLVE:
            row = (finding.row_id, finding.row_number)
            adopt = way_back(path, *row, finding.video_id, simulated=job.simulated)
            return f"It was paid. If it should be this row's: {adopt}"
        case Remedy.SPARE:
            return (
                "It was paid, but its row has gone on without it. Use it from the provider's page, or delete it there."
            )


def _forgotten_lines(forgotten: Sequence[Problem]) -> Iterator[str]:
    for row in forgotten:
        yield f"✗ {row}"
    if forgotten:
        yield (
            "No video carries the tag of these rows as they stand now. Put them, and the job file, back as they were "
            "when they were sent, then audit again; or empty the result columns of rows that are new."
        )


def _sheet_lines(sheet: Corrected, *, agree: bool) -> Iterator[str]:
    if sheet.rows:
        rows = counted(sheet.rows, "row")
        yield f"✓ {rows} of the sheet disagreed with the ledger and {'was' if sheet.rows == 1 else 'were'} corrected."
    if sheet.trouble is not None:
        yield f"✗ The sheet could not be corrected: {sheet.trouble}"
    for conflict in sheet.conflicts:
        yield f"✗ {conflict}"
    yield "Ledger, provider, files and sheet agree." if agree else "Not everything agrees; see above."
