"""What ``batchgen status`` shows: every row that the ledger knows, the money, and the run that holds the job."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from batchgen.cli.attention import attention, retry_hint, run_settles, ways_back
from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.exits import Exit
from batchgen.cli.money import cap_lines, money_facts
from batchgen.cli.output import Outcome, Output
from batchgen.cli.rows import typed_row
from batchgen.cli.telling import oldest_renders, summary_text
from batchgen.cli.world import job_in_world, reading_ledger
from batchgen.job import Job
from batchgen.ledger import Holder, Queries, Result
from batchgen.report import Summary, gone_rows, problems_of, results_file, usd


def standing_of(path: Path, output: Output, *, simulated: bool) -> Outcome:
    """How the job stands. Reads only; a job that never ran has an empty standing."""
    job = job_in_world(path, simulated=simulated)
    output.job = job.name
    with reading_ledger(job) as queries:
        summary, more = _never_run(job, path) if queries is None else _standing(job, path, queries)
    results = results_file(job)
    return Outcome(
        exit=Exit.DONE,
        facts=summary.facts() | more | ({"results": str(results)} if results else {}),
        text=summary_text(job, summary, sheet=results),
        notes=summary.notes,
    )


def _never_run(job: Job, path: Path) -> tuple[Summary, dict[str, object]]:
    summary = Summary(
        job=job.name,
        run=None,
        rows=0,
        counts={},
        problems=(),
        spent_usd=0.0,
        simulated=job.simulated,
        notes=("This job has never run.",),
        next=command_for(path, simulated=job.simulated),
    )
    return summary, money_facts(job, None) | attention(path, job, [], {})


def _standing(job: Job, path: Path, queries: Queries) -> tuple[Summary, dict[str, object]]:
    """The summary, and what else programs are told."""
    known = queries.results(job.name)
    results = known.values()
    gone = {row_id: known[row_id] for row_id in queries.gone(job.name) if row_id in known}
    open_rows = [result for result in results if not result.status.final]
    decide = _to_decide(job, path, queries, open_rows) | ways_back(path, job, queries, results)
    holder = queries.holder(job.name, time.time())
    verb = "watch" if holder else "run" if open_rows else "plan"
    summary = Summary(
        job=job.name,
        run=None,
        rows=len(results),
        counts=Counter(str(result.status) for result in results),
        problems=tuple(problems_of(results, decide)),
        spent_usd=usd(queries.money(job.name).spent),
        simulated=job.simulated,
        gone=tuple(gone_rows(gone)),
        notes=(
            *_notes(job, queries, open_rows, len(gone), holder),
            *cap_lines(job, queries),
            *retry_hint(path, results, decide, simulated=job.simulated),
        ),
        next=command_for(path, verb=verb, simulated=job.simulated),
    )
    return summary, money_facts(job, queries) | attention(path, job, results, decide)


def _to_decide(job: Job, path: Path, queries: Queries, open_rows: list[Result]) -> dict[str, str]:
    """The rows in doubt that no run settles any more, and the command by which a person decides."""
    numbers = {result.row_id: result.row_number for result in open_rows}
    return {
        row_id: command_for(path, verb="resolve", simulated=job.simulated, more=[typed_row(row_id, numbers[row_id])])
        for row_id, send in queries.sent_in_doubt(job.name).items()
        if row_id in numbers
        and not run_settles(job, batch=send.batch, route=send.route, first_sent_at=send.first_sent_at)
    }


def _notes(job: Job, queries: Queries, open_rows: list[Result], gone: int, holder: Holder | None) -> list[str]:
    notes = []
    if gone:
        notes.append(f"No longer in the sheet of the last run: {counted(gone, 'row')}.")
    if holder is not None:
        notes.append(f"A run is at work: {holder}.")
    if (reserved := queries.money(job.name).reserved) > 0:
        notes.append(f"Of the money, ${usd(reserved):,.2f} is reserved for what is under way.")
    return [*notes, *oldest_renders(open_rows, time.time())]
