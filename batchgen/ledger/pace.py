"""How long the job's videos took, from the order to the finished file."""

from __future__ import annotations

from sqlalchemy import Connection, select

from batchgen.ledger.status import Status
from batchgen.ledger.tables import entries, jobs

MOST_LOOKED_AT = 200  # the newest


def render_waits(connection: Connection, job: str) -> list[float]:
    """Seconds from order to file of the videos that came last."""
    query = (
        select(entries.c.finalized_at - entries.c.submitted_at)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job, entries.c.status == Status.SUCCEEDED, entries.c.submitted_at.is_not(None))
        .order_by(entries.c.id.desc())
        .limit(MOST_LOOKED_AT)
    )
    return [wait for wait in connection.execute(query).scalars() if wait >= 0]
