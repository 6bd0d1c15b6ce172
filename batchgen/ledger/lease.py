"""Holding a job: one run at a time, and what becomes of a dead run's claims."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, func, insert, select, update

from batchgen.errors import EventRefused, JobHeld
from batchgen.ledger.facts import Run
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.owner import Owner
from batchgen.ledger.status import Event, Status
from batchgen.ledger.tables import entries, events, jobs, runs

LEASE_S = 60.0
HEARD_WITHIN_S = 20.0  # a run at work extends its lease every 15 seconds
ENDED_TOO_SOON = "the run that sent it ended before the answer was written down"

_LAST_EVENT = (
    select(func.max(events.c.id)).where(events.c.entry_id == entries.c.id).correlate(entries).scalar_subquery()
)
UNANSWERED = (
    select(entries.c.id)
    .join(events, events.c.id == _LAST_EVENT)
    .where(
        entries.c.job_id == bindparam("of_job"),
        entries.c.status == Status.IN_DOUBT,
        events.c.event == Event.SENT_AGAIN,
    )
)
"""Entries in doubt that went out again, and no answer was written down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who holds a job: host, pid, since when (unix seconds)."""

    host: str
    pid: int
    since: float

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.since, UTC).astimezone()
        return f"host {self.host}, pid {self.pid}, since {since:%Y-%m-%d %H:%M:%S}"


def holder(connection: Connection, job: str, now: float) -> Holder | None:
    """Who holds ``job`` right now, if anybody does."""
    row = _known(connection, job)
    if row is None or row.held_by is None or row.held_until < now or Owner.parse(row.held_by).surely_gone():
        return None
    return _holder(row)


def _holder(row: Any) -> Holder:
    return Holder(host=row.held_host, pid=row.held_pid, since=row.held_since)


def refuse_if_held(connection: Connection, job: str, now: float) -> None:
    """Raise ``JobHeld``, naming the other run, when one holds ``job``."""
    if (held := holder(connection, job, now)) is not None:
        raise JobHeld(f'Another run holds the job "{job}": {held}. Wait for it, or stop it, then run again.')


def listen_for_holder(
    ledger: Ledger, job: str, tell: Callable[[str], None], *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Make sure that a run on another machine is over before its job is taken: whether its lease has run out is a
    matter of two clocks, which may differ, but a run at work is heard extending it.

    Blocks for ``HEARD_WITHIN_S`` when there was such a run and nobody gave the job back. Raises ``JobHeld`` when it
    is heard.
    """
    if (silent := _silent_elsewhere(ledger, job)) is None:
        return
    tell(
        f'The job "{job}" was never given back by {silent.held_host} (pid {silent.held_pid}). '
        f"Listening for {HEARD_WITHIN_S:.0f} s whether that run is still at work."
    )
    sleep(HEARD_WITHIN_S)
    with ledger.transaction() as connection:
        now = _known(connection, job)
    if now.held_by == silent.held_by and now.held_until != silent.held_until:
        raise JobHeld(
            f'Another run holds the job "{job}": {_holder(now)}. By this machine\'s clock it would be over: set both '
            "clocks right, wait for the run, or stop it, then run again."
        )


def _silent_elsewhere(ledger: Ledger, job: str) -> Any:
    """The job's row when a run seems to be over of which nobody can tell: one of another machine, from before this one
    was started, or whose process is still there (the machine slept, or its clock was set)."""
    with ledger.transaction() as connection:
        row = _known(connection, job)
        if row is None or row.held_by is None:
            return None
        owner = Owner.parse(row.held_by)
        if owner.shares_our_clock and owner.surely_gone():
            return None
        return None if holder(connection, job, ledger.clock()) else row


def begin_run(ledger: Ledger, job: str, owner: Owner, *, lease_s: float = LEASE_S, place: str | None = None) -> Run:
    """Take the job. A dead holder's claims are released in the same transaction: what it was submitting is
    *in doubt* from then on. Raises ``JobHeld`` while another run holds it.

    ``place`` is where the job file is, kept to tell two jobs of one name apart.
    """
    now = ledger.clock()
    with ledger.transaction() as connection:
        refuse_if_held(connection, job, now)
        row = _job_row(connection, job, now)
        connection.execute(
            update(jobs)
            .where(jobs.c.id == row.id)
            .values(
                held_by=str(owner),
                held_host=owner.host,
                held_pid=owner.pid,
                held_since=now,
                held_until=now + lease_s,
                place=place or jobs.c.place,
            )
        )
        run_id = connection.execute(
            insert(runs).values(job_id=row.id, owner=str(owner), started_at=now)
        ).inserted_primary_key
        assert run_id is not None
        run = Run(id=run_id[0], job_id=row.id, job=job, owner=owner, lease_s=lease_s)
        _rescue(connection, ledger, run)
    return run


def heartbeat(ledger: Ledger, run: Run) -> None:
    """Extend the lease. Raises ``EventRefused`` when the job was taken over meanwhile."""
    until = ledger.clock() + run.lease_s
    with ledger.transaction() as connection:
        held = connection.execute(
            update(jobs).where(jobs.c.id == run.job_id, jobs.c.held_by == str(run.owner)).values(held_until=until)
        )
        if held.rowcount != 1:
            raise EventRefused(f'The job "{run.job}" was taken over by another run.')
        mine = entries.c.leased_by == str(run.owner)
        connection.execute(update(entries).where(entries.c.job_id == run.job_id, mine).values(leased_until=until))


def end_run(ledger: Ledger, run: Run, outcome: dict[str, Any]) -> None:
    """Give the job back. Entries still submitting become in doubt: their answer was not waited for.

    A run that was taken over meanwhile leaves the entries alone: they are its successor's.
    """
    now = ledger.clock()
    with ledger.transaction() as connection:
        given_back = connection.execute(
            update(jobs)
            .where(jobs.c.id == run.job_id, jobs.c.held_by == str(run.owner))
            .values(held_by=None, held_host=None, held_pid=None, held_since=None, held_until=None)
        )
        if given_back.rowcount == 1:
            _rescue(connection, ledger, run)
        connection.execute(
            update(runs).where(runs.c.id == run.id).values(ended_at=now, outcome=orjson.dumps(outcome).decode())
        )


def _job_row(connection: Connection, job: str, now: float) -> Any:
    if (row := _known(connection, job)) is None:
        connection.execute(insert(jobs).values(name=job, created_at=now))
        row = _known(connection, job)
    return row


def _known(connection: Connection, job: str) -> Any:
    return connection.execute(select(jobs).where(jobs.c.name == job)).one_or_none()


def _rescue(connection: Connection, ledger: Ledger, run: Run) -> None:
    """Release every claim on the job; submitting entries become in doubt, for their answer is unknown, and so is that
    to a send that was repeated."""
    of_job = entries.c.job_id == run.job_id
    sent = (of_job, entries.c.status == Status.SUBMITTING)
    mine = {"leased_by": str(run.owner), "leased_until": ledger.clock() + run.lease_s}
    connection.execute(update(entries).where(*sent).values(mine))
    for entry_id in connection.execute(select(entries.c.id).where(*sent)).scalars().all():
        ledger.submission_lost(run, entry_id, error=ENDED_TOO_SOON, not_before=ledger.clock())
    for entry_id in connection.execute(UNANSWERED, {"of_job": run.job_id}).scalars().all():
        connection.execute(update(entries).where(entries.c.id == entry_id).values(mine))
        ledger.resend_deferred(run, entry_id, not_before=ledger.clock(), reason=ENDED_TOO_SOON)
    claimed = update(entries).where(of_job, entries.c.leased_by.is_not(None))
    connection.execute(claimed.values(leased_by=None, leased_until=None))
