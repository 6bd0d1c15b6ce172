"""Sealed plans: whether the ledger still is as a plan saw it, and that no plan begins a second run."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from batchgen.ledger.facts import Run
from batchgen.ledger.lease import begin_run
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.owner import Owner
from batchgen.ledger.status import Event
from batchgen.ledger.tables import entries, events, jobs, ledgers, used_plans


@dataclass(frozen=True, kw_only=True, slots=True)
class Generation:
    """Which ledger it is, and how far the job has come in it. Reading it, and other jobs' work, changes nothing.

    A ledger that was not there yet, and one that never heard of the job, are the same: nothing was promised.
    """

    ledger: float | None
    """When the ledger was made, in unix seconds: another ledger in its place was made at another moment."""
    last_event: int | None
    """The id of the last event of the job's entries; what becomes of files after success does not count."""


OF_FILES = (Event.FILES_WANTED, Event.FILES_ADDED, Event.FETCHED_AGAIN, Event.NAME_TAKEN)
NOTHING_YET = Generation(ledger=None, last_event=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanUse:
    """The run that was begun with a plan, and when (unix seconds)."""

    run: int
    at: float


def generation_of(connection: Connection, job: str) -> Generation:
    """How far ``job`` has come in this ledger."""
    last = (
        select(events.c.id)
        .join(entries, entries.c.id == events.c.entry_id)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job, events.c.event.not_in(OF_FILES))
        .order_by(events.c.id.desc())
        .limit(1)
    )
    last_event = connection.execute(last).scalar_one_or_none()
    if last_event is None:
        return NOTHING_YET
    made_at = connection.execute(select(ledgers.c.created_at)).scalar_one_or_none()
    return Generation(ledger=made_at, last_event=last_event)


def use_of(connection: Connection, plan_id: str) -> PlanUse | None:
    """The run that was begun with the plan; None: it was never used."""
    row = connection.execute(select(used_plans).where(used_plans.c.id == plan_id)).one_or_none()
    return None if row is None else PlanUse(run=row.run_id, at=row.at)


def begin_planned_run(
    ledger: Ledger, job: str, owner: Owner, *, plan_id: str, generation: Generation, place: str | None = None
) -> Run | None:
    """Take the job as `begin_run` does and use the plan up, in one commit.

    None, and nothing was done, when the plan was used before or the ledger is not as the plan saw it: a run that
    came in between cannot be missed. Raises ``JobHeld``.
    """
    with ledger.transaction() as connection:
        if use_of(connection, plan_id) is not None or generation_of(connection, job) != generation:
            return None
        run = begin_run(ledger, job, owner, place=place)
        connection.execute(insert(used_plans).values(id=plan_id, run_id=run.id, at=ledger.clock()))
    return run
