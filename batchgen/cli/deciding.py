"""Carrying out what people decide about rows: retry, cancel, resolve."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.world import job_in_world, ledger_at, open_ledger
from batchgen.errors import JobHeld, SheetNotWritten, UsageError
from batchgen.job import Job
from batchgen.ledger import (
    Ledger,
    Owner,
    Queries,
    Result,
    Settled,
    Wish,
    apply_wishes,
    ask,
    begin_run,
    end_run,
    ledger_exists,
)
from batchgen.report import write_report

Choose = Callable[[Mapping[str, Result]], list[str]]

SAID = {
    Wish.RETRY: "will be tried again, as a new attempt with a new key",
    Wish.CANCEL: "is cancelled",
    Wish.ADOPT: "has that video now and will be collected",
    Wish.ABANDON: "is given up; its reservation counts as spent",
    Wish.RESUBMIT: "will be sent again, as a new attempt with a new key",
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A wish about rows of a job; ``choose`` picks the row ids from what the ledger knows."""

    path: Path
    simulated: bool
    wish: Wish
    choose: Choose
    video_id: str | None = None


def decide(decision: Decision, output: Output) -> Outcome:
    """Apply a decision now, or leave it to the run that holds the job."""
    job = known_job(decision.path, simulated=decision.simulated)
    output.job = job.name
    with open_ledger(job) as ledger:
        queries = Queries(ledger.engine)
        row_ids = decision.choose(queries.results(job.name))
        ask(ledger, job.name, row_ids, decision.wish, by=_who(), video_id=decision.video_id)
        settled = _apply(ledger, job) if row_ids else []
        if settled:
            _report(job, queries, output)
    return _outcome(decision, job, row_ids, settled)


def known_job(path: Path, *, simulated: bool) -> Job:
    """A job that has run before, in the world that is meant. Raises ``UsageError`` when it has not."""
    job = job_in_world(path, simulated=simulated)
    if not ledger_exists(ledger_at(job)):
        raise UsageError(f'The job "{job.name}" has never run; there is nothing to decide yet.')
    return job


def _apply(ledger: Ledger, job: Job) -> list[Settled] | None:
    """What became of the open wishes; None when a run holds the job and will apply them."""
    try:
        run = begin_run(ledger, job.name, Owner.this_process())
    except JobHeld:
        return None
    try:
        return apply_wishes(ledger, run)
    finally:
        end_run(ledger, run, {"ending": "decided"})


def _report(job: Job, queries: Queries, output: Output) -> None:
    try:
        write_report(job, queries.results(job.name))
    except SheetNotWritten as error:
        output.warn(f"The sheet does not show it yet: {error}")


def _who() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _outcome(decision: Decision, job: Job, row_ids: list[str], settled: list[Settled] | None) -> Outcome:
    lines = list(_lines(decision.wish, row_ids, settled))
    refused = [result for result in settled or [] if not result.done]
    next_command = command_for(decision.path, simulated=decision.simulated)
    facts = {
        "job": job.name,
        "wish": decision.wish,
        "rows": row_ids,
        "settled": None
        if settled is None
        else [{"id": s.row_id, "wish": s.wish, "outcome": s.outcome} for s in settled],
        "next": next_command,
    }
    text = "\n".join([*lines, f"Next: {next_command}"])
    return Outcome(exit=Exit.INVALID if refused else Exit.DONE, facts=facts, text=text)


def _lines(wish: Wish, row_ids: list[str], settled: Iterable[Settled] | None) -> Iterable[str]:
    if not row_ids:
        yield f"No row to {wish}."
    elif settled is None:
        yield f"A run is at work; it will {wish} {len(row_ids)} rows in a moment."
    for result in settled or []:
        yield f"Row {result.row_id} {SAID[result.wish]}." if result.done else f"Row {result.row_id}: {result.outcome}"
