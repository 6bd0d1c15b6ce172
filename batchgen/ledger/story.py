"""A row's whole story: its entries, attempts, files and the event log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from batchgen.ledger.tables import artifacts, attempts, batches, entries, events, jobs, runs


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryEvent:
    """One line of the event log. ``at`` is unix seconds."""

    at: float
    event: str
    attempt: int | None
    run: int | None
    owner: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryAttempt:
    """One try to obtain the video, with its key, answers and money (micro-USD).

    ``batch`` is the provider's id of the batch that it arrived in.
    """

    number: int
    fingerprint: str
    idempotency_key: str
    marker: str
    provider: str
    route: str | None
    batch: str | None
    begun_at: float
    first_sent_at: float | None
    sends: int
    video_id: str | None
    reserved_microusd: int
    settled_microusd: int | None
    outcome: str | None
    errors: list[Mapping[str, Any]]
    ended_at: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryFile:
    """One artifact; without a sha256 its name is reserved and the file is not there yet."""

    kind: str
    path: str
    size_bytes: int | None
    sha256: str | None
    stored_at: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One entry of a row, oldest first among its siblings."""

    entry_id: int
    row_id: str
    row_number: int
    status: str
    fingerprint: str
    request: Mapping[str, Any]
    video_id: str | None
    duration_s: float | None
    note: str
    superseded_at: float | None
    attempts: list[StoryAttempt]
    files: list[StoryFile]
    events: list[StoryEvent]


def story_of(connection: Connection, job: str, row_id: str) -> list[Story]:
    """Every entry that the row ever had, oldest first."""
    query = (
        select(entries)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job, entries.c.row_id == row_id)
        .order_by(entries.c.id)
    )
    return [_entry(connection, row) for row in connection.execute(query).all()]


def _entry(connection: Connection, row: Any) -> Story:
    return Story(
        entry_id=row.id,
        row_id=row.row_id,
        row_number=row.row_number,
        status=row.status,
        fingerprint=row.fingerprint,
        request=orjson.loads(row.request),
        video_id=row.video_id,
        duration_s=row.duration_s,
        note=row.note,
        superseded_at=row.superseded_at,
        attempts=_attempts(connection, row.id),
        files=_files(connection, row.id),
        events=_events(connection, row.id),
    )


def _attempts(connection: Connection, entry_id: int) -> list[StoryAttempt]:
    columns = [attempts.c[name] for name in StoryAttempt.__dataclass_fields__ if name != "batch"]
    query = (
        select(*columns, batches.c.provider_batch_id.label("batch"))
        .outerjoin(batches, batches.c.id == attempts.c.batch_id)
        .where(attempts.c.entry_id == entry_id)
        .order_by(attempts.c.id)
    )
    rows = [dict(row._mapping) for row in connection.execute(query)]
    return [StoryAttempt(**{**row, "errors": orjson.loads(row["errors"])}) for row in rows]


def _files(connection: Connection, entry_id: int) -> list[StoryFile]:
    columns = [artifacts.c[name] for name in StoryFile.__dataclass_fields__]
    query = select(*columns).where(artifacts.c.entry_id == entry_id).order_by(artifacts.c.id)
    return [StoryFile(**row._mapping) for row in connection.execute(query)]


def _events(connection: Connection, entry_id: int) -> list[StoryEvent]:
    query = (
        select(events.c.at, events.c.event, events.c.attempt, events.c.run_id, runs.c.owner, events.c.details)
        .outerjoin(runs, runs.c.id == events.c.run_id)
        .where(events.c.entry_id == entry_id)
        .order_by(events.c.id)
    )
    return [
        StoryEvent(
            at=row.at,
            event=row.event,
            attempt=row.attempt,
            run=row.run_id,
            owner=row.owner,
            details=orjson.loads(row.details),
        )
        for row in connection.execute(query)
    ]
