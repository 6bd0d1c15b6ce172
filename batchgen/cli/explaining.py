"""A row's story in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from textwrap import wrap

from batchgen.cli.attention import run_settles
from batchgen.cli.commands import command_for
from batchgen.cli.deciding import numbers_of
from batchgen.cli.event_words import EVENT_WORDS, event_in_words
from batchgen.cli.exits import Exit
from batchgen.cli.mending import failed_rows_of
from batchgen.cli.output import Outcome, Output
from batchgen.cli.request_lines import request_lines
from batchgen.cli.rows import rows_named, short_id
from batchgen.cli.telling import WORDS
from batchgen.cli.world import known_job, reading_ledger
from batchgen.errors import BatchgenError, UsageError
from batchgen.job import Job
from batchgen.ledger import Event, Status, Story, StoryAttempt, StoryEvent
from batchgen.plan import file_names
from batchgen.report import dollars
from batchgen.request import build_rows, digests_in
from batchgen.sheet import read_sheet
from batchgen.video_api import route_at

COLUMNS = 80


def explained(path: Path, row: str, output: Output, *, simulated: bool) -> Outcome:
    """Everything that the ledger knows of one row, oldest first."""
    job = known_job(path, simulated=simulated)
    output.job = job.name
    with reading_ledger(job) as queries:
        if queries is None:
            raise UsageError(f'The job "{job.name}" has never run.')
        (row_id,) = rows_named([row], numbers_of(queries.results(job.name)))
        stories = queries.story(job.name, row_id)
        may_turn_up = queries.may_turn_up(job.name)
    files = {} if output.json else _file_names(job, stories)
    next_command = _next(path, job, stories[-1], row, may_turn_up)
    facts = {"job": job.name, "row": row_id, "entries": [asdict(story) for story in stories], "next": next_command}
    return Outcome(exit=Exit.DONE, facts=facts, text="\n".join([*_lines(stories, files), f"Next: {next_command}"]))


def _next(path: Path, job: Job, story: Story, row: str, may_turn_up: Mapping[str, str | None]) -> str:
    """What goes on with the row as it stands; ``may_turn_up``: row id → the video that may be there after all."""
    simulated, video_id = job.simulated, may_turn_up.get(story.row_id)
    match Status(story.status):
        case Status.IN_DOUBT if not _is_settled_by_a_run(job, story.attempts[-1]):
            return command_for(path, verb="resolve", simulated=simulated, more=[row])
        case Status.FAILED | Status.CANCELLED if video_id is not None:
            return command_for(path, verb="resolve", simulated=simulated, more=[row, "--adopt", video_id])
        case Status.FAILED if story.row_id in may_turn_up:
            return command_for(path, verb="audit", simulated=simulated)
        case Status.FAILED:
            return failed_rows_of(path, job)
        case Status.CANCELLED:
            return command_for(path, verb="retry", simulated=simulated, more=[row])
        case Status.SUCCEEDED:
            return command_for(path, verb="status", simulated=simulated)
        case _:
            return command_for(path, simulated=simulated)


def _is_settled_by_a_run(job: Job, attempt: StoryAttempt) -> bool:
    return run_settles(job, batch=attempt.batch, route=attempt.route, first_sent_at=attempt.first_sent_at)


def _file_names(job: Job, stories: Iterable[Story]) -> Mapping[str, str]:
    """sha256 → path of the local files that the sheet names now; none when it cannot be read any more."""
    if not any(digests_in(story.request) for story in stories):
        return {}
    try:
        built = build_rows(job, read_sheet(job.sheet, tab=job.tab, header_row=job.header_row))
    except BatchgenError:
        return {}
    return file_names(job.folder, built.media)


def _lines(stories: Iterable[Story], files: Mapping[str, str]) -> Iterator[str]:
    for story in stories:
        replaced = ", replaced by another request" if story.superseded_at else ""
        word = WORDS.get(story.status, story.status)
        yield f"Row {story.row_number} (id {short_id(story.row_id)}): {word}{replaced}"
        yield f"  Request {story.fingerprint[:12]}:"
        for line in request_lines(story.request, files):
            yield from _wrapped(line, "    ")
        if story.note:
            yield from _wrapped(f"Note: {story.note}", "  ")
        for attempt in story.attempts:
            yield from _attempt_lines(attempt)
        for file in story.files:
            whole = f"{file.size_bytes:,} bytes" if file.sha256 else "not here yet"
            yield f"  File: {file.path} ({file.kind}, {whole})"
        yield "  What happened:"
        for event in story.events:
            yield from _wrapped(_event_line(event), "    ")


def _attempt_lines(attempt: StoryAttempt) -> Iterator[str]:
    yield f"  Attempt {attempt.number}: {EVENT_WORDS[Event(attempt.outcome)] if attempt.outcome else 'under way'}"
    yield f"    key: {attempt.idempotency_key}"
    yield f"    title marker: [{attempt.marker}]"
    yield f"    sent: {_sent(attempt)}"
    if attempt.batch is not None:
        yield f"    in batch {attempt.batch}"
    yield f"    video: {attempt.video_id or 'unknown'} at {attempt.provider}"
    yield f"    money: {_money(attempt)}"


def _sent(attempt: StoryAttempt) -> str:
    times = {0: "not yet", 1: "once"}.get(attempt.sends, f"{attempt.sends} times")
    if attempt.route is None:
        return times
    return f"{times}, to {attempt.route}" + (
        "" if route_at(attempt.route).replays else ", which takes no key: never again"
    )


def _money(attempt: StoryAttempt) -> str:
    reserved = f"{dollars(attempt.reserved_microusd)} reserved"
    if attempt.settled_microusd is None:
        return reserved
    return f"{dollars(attempt.settled_microusd) if attempt.settled_microusd else 'nothing'} spent, of {reserved}"


def _event_line(event: StoryEvent) -> str:
    run, attempt = f" run {event.run}" if event.run else "", f" attempt {event.attempt}" if event.attempt else ""
    who = ",".join(filter(None, (run, attempt)))
    return f"{_time(event.at)}{who}{':' if who else ''} {event_in_words(event.event, event.details)}"


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ006  # the person's own clock


def _wrapped(text: str, indent: str) -> list[str]:
    """As many lines as it takes; ids and links stay whole, to be copied."""
    return wrap(
        text,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
