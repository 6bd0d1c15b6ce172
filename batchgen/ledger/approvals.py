"""Who approved which template of a job, after looking at videos made with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from batchgen.ledger.ledger import Ledger
from batchgen.ledger.tables import approvals, jobs


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """Who approved a template, and when (unix seconds)."""

    by: str
    at: float


def approve_template(ledger: Ledger, job: str, template: str, *, by: str) -> Approval:
    """Write down that ``by`` approved the template with this digest; who did so first stays written."""
    with ledger.transaction() as connection:
        if (known := approval_of(connection, job, template)) is not None:
            return known
        now = ledger.clock()
        job_id = connection.execute(select(jobs.c.id).where(jobs.c.name == job)).scalar_one()
        connection.execute(insert(approvals).values(job_id=job_id, template=template, by=by, at=now))
    return Approval(by=by, at=now)


def approval_of(connection: Connection, job: str, template: str) -> Approval | None:
    """The approval of exactly this template; None: nobody approved it."""
    query = (
        select(approvals.c.by, approvals.c.at)
        .join(jobs, jobs.c.id == approvals.c.job_id)
        .where(jobs.c.name == job, approvals.c.template == template)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Approval(by=row.by, at=row.at)
