"""A quick look at a job, cheap enough to be taken every second at a hundred thousand rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from batchgen.ledger.status import Status
from batchgen.ledger.tables import ID_THAT_COUNTS, entries, jobs


def counts_by_status(connection: Connection, job: str) -> dict[Status, int]:
    """How many rows stand where, by their latest entries, in the order of an entry's life."""
    newest = (
        select(ID_THAT_COUNTS.label("id"))
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job)
        .group_by(entries.c.row_id)
        .subquery()
    )
    query = (
        select(entries.c.status, func.count().label("rows"))
        .join(newest, newest.c.id == entries.c.id)
        .group_by(entries.c.status)
    )
    counted = {row.status: row.rows for row in connection.execute(query)}
    return {status: counted[status] for status in Status if status in counted}


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderFact:
    """A render under way; ``submitted_at`` is in unix seconds."""

    row_id: str
    row_number: int
    submitted_at: float


def oldest_renders(connection: Connection, job: str, limit: int) -> list[RenderFact]:
    """The renders that take longest, the oldest first."""
    query = (
        select(entries.c.row_id, entries.c.row_number, entries.c.submitted_at)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job, entries.c.status == Status.RENDERING, entries.c.submitted_at.is_not(None))
        .order_by(entries.c.submitted_at)
        .limit(limit)
    )
    return [RenderFact(**row._mapping) for row in connection.execute(query)]
