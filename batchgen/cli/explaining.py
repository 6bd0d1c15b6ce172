"""A row's story in words and as JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import orjson

from batchgen.cli.commands import command_for, failed_rows_of
from batchgen.cli.deciding import numbers_of
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.rows import rows_named, short_id
from batchgen.cli.world import known_job, reading_ledger
from batchgen.errors import UsageError
from batchgen.job import Job
from batchgen.ledger import Status, Story, StoryAttempt, StoryEvent
from batchgen.report import usd
from batchgen.runner import replays
from batchgen.video_api import route_at

MOST_DETAIL = 200


def explained(path: Path, row: str, output: Output, *, simulated: bool) -> Outcome:
    """Everything that the ledger knows of one row, oldest first."""
    job = known_job(path, simulated=simulated)
    output.job = job.name
    with reading_ledger(job) as queries:
        if queries is None:
            raise UsageError(f'The job "{job.name}" has never run.')
        (row_id,) = rows_named([row], numbers_of(queries.results(job.name)))
        stories = queries.story(job.name, row_id)
    next_command = _next(path, job, stories[-1], row)
    facts = {"job": job.name, "row": row_id, "entries": [asdict(story) for story in stories], "next": next_command}
    return Outcome(exit=Exit.DONE, facts=facts, text="\n".join([*_lines(stories), f"Next: {next_command}"]))


def _next(path: Path, job: Job, story: Story, row: str) -> str:
    """What goes on with the row as it stands."""
    simulated = job.simulated
    match Status(story.status):
        case Status.IN_DOUBT if not _is_asked_for(job, story.attempts[-1]):
            return command_for(path, verb="resolve", simulated=simulated, more=[row])
        case Status.FAILED:
            return failed_rows_of(path, simulated=simulated)
        case Status.CANCELLED:
            return command_for(path, verb="retry", simulated=simulated, more=[row])
        case Status.SUCCEEDED:
            return command_for(path, verb="status", simulated=simulated)
        case _:
            return command_for(path, simulated=simulated)


def _is_asked_for(job: Job, attempt: StoryAttempt) -> bool:
    """Whether a run learns by itself what became of the send: from its batch, or by sending it again."""
    if attempt.batch is not None:
        return True
    return replays(job, route=attempt.route, first_sent_at=attempt.first_sent_at or 0.0, now=time.time())


def _lines(stories: list[Story]) -> Iterator[str]:
    for story in stories:
        replaced = ", replaced by a later request" if story.superseded_at else ""
        yield f"Row {story.row_number} (id {short_id(story.row_id)}): {story.status}{replaced}"
        asked_for = str(story.request.get("script") or orjson.dumps(story.request).decode())
        yield f"  request {story.fingerprint[:12]}: {_shortened(asked_for)}"
        if story.note:
            yield f"  note: {story.note}"
        for attempt in story.attempts:
            yield from _attempt_lines(attempt)
        for file in story.files:
            whole = f"{file.size_bytes:,} bytes, sha256 {file.sha256}" if file.sha256 else "not here yet"
            yield f"  file {file.kind}: {file.path} ({whole})"
        for event in story.events:
            yield f"  {_event_line(event)}"


def _attempt_lines(attempt: StoryAttempt) -> Iterator[str]:
    money = f"reserved ${usd(attempt.reserved_microusd):,.4f}"
    if attempt.settled_microusd is not None:
        money += f", settled ${usd(attempt.settled_microusd):,.4f}"
    sent = f"marker [{attempt.marker}], sent {attempt.sends} ×"
    if attempt.route is not None:
        sent += f" to {attempt.route}" + (
            "" if route_at(attempt.route).replays else ", which takes no key: never again"
        )
    if attempt.batch is not None:
        sent += f" in batch {attempt.batch}"
    yield f"  attempt {attempt.number}: key {attempt.idempotency_key}, {sent}"
    yield f"    video {attempt.video_id or 'unknown'}, {attempt.outcome or 'open'}, {money}, at {attempt.provider}"
    for error in attempt.errors:
        yield f"    {_time(error['at'])} {error['error']}"


def _event_line(event: StoryEvent) -> str:
    details = ", ".join(f"{name} {value}" for name, value in event.details.items() if value not in (None, ""))
    run = f"run {event.run}" if event.run else "no run"
    attempt = f", attempt {event.attempt}" if event.attempt else ""
    return f"{_time(event.at)} {event.event} ({run}{attempt}){': ' + _shortened(details) if details else ''}"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]  # noqa: DTZ006  # the person's own clock


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MOST_DETAIL else f"{flat[:MOST_DETAIL]}…"
