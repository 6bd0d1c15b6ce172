"""Carrying out what people decide about rows: retry, cancel, resolve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.exits import Exit
from batchgen.cli.looking_first import refuse_foreign, refuse_if_there
from batchgen.cli.output import Outcome, Output
from batchgen.cli.person import person
from batchgen.cli.rows import rows_named, short_id
from batchgen.cli.world import known_job, open_ledger
from batchgen.errors import JobHeld, SheetNotWritten
from batchgen.job import Job
from batchgen.ledger import (
    Ledger,
    Owner,
    Queries,
    Result,
    Settled,
    Status,
    Wish,
    apply_wishes,
    ask,
    begin_run,
    end_run,
    listen_for_holder,
    newest_event,
)
from batchgen.report import shown_results, write_report


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The ids of the rows that are meant, and of those that a general wish leaves out."""

    rows: list[str]
    left_out: list[str]


Choose = Callable[[Queries, str], Chosen]

SAID = {
    Wish.RETRY: "will be tried again, as a new attempt with a new key",
    Wish.CANCEL: "is cancelled",
    Wish.ADOPT: "has that video now and will be collected",
    Wish.ABANDON: "is given up; its reservation counts as spent",
    Wish.RESUBMIT: "will be sent again, as a new attempt with a new key",
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A wish about rows of a job; ``choose`` picks them from what the ledger knows of the job of that name."""

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
        chosen = decision.choose(queries, job.name)
        seen_event = None
        if decision.wish is Wish.RESUBMIT:
            _apply(ledger, job, output)  # what a run that died was sending is in doubt from now on, and looked for
            seen_event = newest_event(ledger)
            refuse_if_there(job, decision.path, queries, chosen.rows, output)
        wish, by, video_id = decision.wish, person(), decision.video_id
        if video_id is not None:
            refuse_foreign(job, decision.path, queries, chosen.rows, video_id, output)
        ask(ledger, job.name, chosen.rows, wish, by=by, video_id=video_id, seen_event=seen_event)
        settled = _apply(ledger, job, output) if chosen.rows else []
        if settled:
            _report(job, queries, output)
    return _outcome(decision, job, chosen, settled)


def named(names: Sequence[str]) -> Choose:
    """The rows with these names. Raises ``UsageError`` for a name that the ledger does not know."""
    return lambda queries, job: Chosen(rows=rows_named(names, numbers_of(queries.results(job))), left_out=[])


def failed_unpaid(queries: Queries, job: str) -> Chosen:
    """Every row that failed, but for those whose last attempt may have been paid: these need to be named."""
    failed = [row_id for row_id, result in queries.results(job).items() if result.status is Status.FAILED]
    paid = queries.may_be_paid(job)
    return Chosen(
        rows=[row_id for row_id in failed if row_id not in paid], left_out=[row for row in failed if row in paid]
    )


def numbers_of(results: Mapping[str, Result]) -> dict[str, int]:
    """Row id → the number of its row, as the last run saw it."""
    return {row_id: result.row_number for row_id, result in results.items()}


def _apply(ledger: Ledger, job: Job, output: Output) -> list[Settled] | None:
    """What became of the open wishes; None when a run holds the job and will apply them."""
    try:
        listen_for_holder(ledger, job.name, output.say)
        run = begin_run(ledger, job.name, Owner.this_process())
    except JobHeld:
        return None
    try:
        return apply_wishes(ledger, run)
    finally:
        end_run(ledger, run, {"ending": "decided"})


def _report(job: Job, queries: Queries, output: Output) -> None:
    try:
        write_report(job, shown_results(job, queries), queries.refused(job.name))
    except SheetNotWritten as error:
        output.warn(f"The sheet does not show it yet: {error}")


def _outcome(decision: Decision, job: Job, chosen: Chosen, settled: list[Settled] | None) -> Outcome:
    refused = [result for result in settled or [] if not result.done]
    next_command = _next(decision, chosen, settled)
    facts = {
        "job": job.name,
        "wish": decision.wish,
        "rows": chosen.rows,
        "left_out": chosen.left_out,
        "settled": None
        if settled is None
        else [{"id": s.row_id, "wish": s.wish, "outcome": s.outcome} for s in settled],
        "next": next_command,
    }
    lines = [*_lines(decision.wish, chosen, settled), f"Next: {next_command}"]
    return Outcome(exit=Exit.INVALID if refused else Exit.DONE, facts=facts, text="\n".join(lines))


def _next(decision: Decision, chosen: Chosen, settled: list[Settled] | None) -> str:
    """A run goes on with what was decided; where nothing is to be done yet, look how the job stands."""
    waiting = not settled or not all(result.done for result in settled)
    verb = "status" if waiting or decision.wish is Wish.CANCEL else "run"
    return command_for(decision.path, verb=verb, simulated=decision.simulated)


def _lines(wish: Wish, chosen: Chosen, settled: Iterable[Settled] | None) -> Iterator[str]:
    if not chosen.rows:
        yield f"No row to {wish}."
    elif settled is None:
        yield f"A run is at work; it will {wish} {counted(len(chosen.rows), 'row')} in a moment."
    for result in settled or []:
        said = f" {SAID[result.wish]}." if result.done else f": {result.outcome}"
        yield f"Row {short_id(result.row_id)}{said}"
    for row_id in chosen.left_out:
        yield f"Row {short_id(row_id)} is left out: it may have been paid; name it to {wish} it anyway."
