"""What was ever spent or reserved, summed up from the attempts: no second account that could disagree with them."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, or_, select

from batchgen.ledger.facts import Run
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.tables import attempts, jobs, shared_budgets


def join_budget(ledger: Ledger, run: Run, shared: str | None) -> None:
    """From now on the job counts into the budget ``shared``; None: into none but its own."""
    with ledger.transaction() as connection:
        connection.execute(delete(shared_budgets).where(shared_budgets.c.job_id == run.job_id))
        if shared is not None:
            connection.execute(insert(shared_budgets).values(job_id=run.job_id, name=shared))


def committed_microusd(connection: Connection, job: str, shared: str | None) -> int:
    """What the attempts of ``job``, and of every job in the budget ``shared``, settled at or still reserve.

    Within a transaction that writes, nobody else can reserve until it ends: SQLite has one writer, and elsewhere
    the rows of these jobs are locked.
    """
    sharing = select(shared_budgets.c.job_id).where(shared_budgets.c.name == shared)
    counted = select(jobs.c.id).where(or_(jobs.c.name == job, jobs.c.id.in_(sharing))).order_by(jobs.c.id)
    ids = connection.execute(counted.with_for_update()).scalars().all()
    spent = func.sum(func.coalesce(attempts.c.settled_microusd, attempts.c.reserved_microusd))
    return int(connection.execute(select(spent).where(attempts.c.job_id.in_(ids))).scalar_one() or 0)
