"""Which attempt a row's next send belongs to, as `begin_submission` will number it."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from batchgen.ledger.tables import THE_ONE_THAT_COUNTS_LAST, attempts, entries, jobs


def next_attempt(connection: Connection, job: str, row_id: str, fingerprint: str) -> int:
    """The number of the attempt that is open for this request of the row, else of the one after the last."""
    mine = (jobs.c.name == job, entries.c.row_id == row_id)
    last = (
        select(func.max(attempts.c.number))
        .join(entries, entries.c.id == attempts.c.entry_id)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(*mine, attempts.c.fingerprint == fingerprint)
    )
    newest = (
        select(entries.c.fingerprint, entries.c.attempt_open)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(*mine)
        .order_by(*(order.desc() for order in THE_ONE_THAT_COUNTS_LAST))
        .limit(1)
    )
    entry = connection.execute(newest).one_or_none()
    is_open = entry is not None and entry.fingerprint == fingerprint and bool(entry.attempt_open)
    return (connection.execute(last).scalar_one() or 0) + (0 if is_open else 1)
