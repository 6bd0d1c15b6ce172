"""An edit that was taken back: the video of the earlier request is there and paid for, so its entry counts again."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, insert, select, update

from batchgen.ledger.facts import Run
from batchgen.ledger.status import STARTS_FROM, Event, Status
from batchgen.ledger.tables import attempts, entries, events, jobs

REPLACED = (entries.c.status.in_(STARTS_FROM[Event.REINSTATED]), entries.c.superseded_at.is_not(None))
ROWS_AT_ONCE = 500


def replaced_videos(connection: Connection, job: str) -> dict[str, frozenset[str]]:
    """Row id → fingerprints of the requests that have a video, though a later request took their place."""
    query = (
        select(entries.c.row_id, entries.c.fingerprint)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job, *REPLACED)
    )
    found: dict[str, set[str]] = {}
    for row_id, fingerprint in connection.execute(query):
        found.setdefault(row_id, set()).add(fingerprint)
    return {row_id: frozenset(fingerprints) for row_id, fingerprints in found.items()}


def replaced_entries(connection: Connection, job_id: int, row_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """(row id, fingerprint) → the newest entry (its id) with a video of that request, which another one replaced."""
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(row_ids), ROWS_AT_ONCE):
        query = select(entries.c.row_id, entries.c.fingerprint, entries.c.id).where(
            entries.c.job_id == job_id, entries.c.row_id.in_(row_ids[start : start + ROWS_AT_ONCE]), *REPLACED
        )
        rows = connection.execute(query.order_by(entries.c.id))
        found |= {(row.row_id, row.fingerprint): row.id for row in rows}
    return found


def reinstate(connection: Connection, now: float, run: Run, entry_id: int, *, instead_of: int) -> None:
    """Let the entry with the video count again, in place of a later one that has failed, or of which nothing can have
    arrived anywhere. What that one had reserved is free; what it spent stays spent."""
    later = entries.c.id == instead_of
    close_open_attempts(connection, now, instead_of)
    waits = connection.execute(
        update(entries)
        .where(later, entries.c.status == Status.PENDING)
        .values(status=Status.CANCELLED, finalized_at=now, leased_by=None, leased_until=None, updated_at=now)
    )
    connection.execute(update(entries).where(later).values(superseded_at=now))
    connection.execute(update(entries).where(entries.c.id == entry_id).values(superseded_at=None, updated_at=now))
    log = {"run_id": run.id, "at": now, "details": orjson.dumps({"instead_of": instead_of}).decode()}
    happened = [{**log, "entry_id": entry_id, "event": Event.REINSTATED}]
    if waits.rowcount:
        happened.append({**log, "entry_id": instead_of, "event": Event.SUPERSEDED, "details": "{}"})
    connection.execute(insert(events), happened)


def close_open_attempts(connection: Connection, now: float, entry_id: int) -> None:
    """Nothing of the entry's open attempt can have arrived: what it had reserved is free again."""
    connection.execute(
        update(attempts)
        .where(attempts.c.entry_id == entry_id, attempts.c.outcome.is_(None))
        .values(outcome=Event.SUPERSEDED, ended_at=now, settled_microusd=0)
    )
