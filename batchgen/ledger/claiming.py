"""Taking work: which entries are due, and how many stand where."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import ColumnElement, func, select, update

from batchgen.ledger.facts import Entry, Run
from batchgen.ledger.status import UNDER_WAY, Status
from batchgen.ledger.steps import Steps
from batchgen.ledger.tables import entries

LONGEST_WAIT_S = 3600.0  # no snooze, backoff or Retry-After is longer

ENTRY_COLUMNS = [entries.c[name] for name in Entry.__dataclass_fields__]


def entry_of(row: Any) -> Entry:
    """An ``Entry`` from a row that selected ``ENTRY_COLUMNS``."""
    facts = dict(row._mapping)
    facts["status"] = Status(facts["status"])
    facts["links"] = orjson.loads(facts["links"]) if facts["links"] else {}
    return Entry(**facts)


class Claiming(Steps):
    """The questions and claims of a run at work."""

    def claim(self, run: Run, status: Status, *, limit: int, exclude: frozenset[int] = frozenset()) -> list[Entry]:
        """Take up to ``limit`` due entries of ``status`` for this run, the longest waiting first.

        ``exclude`` are entries that the run has in hand already. Pending entries are taken only when this run's
        sheet asks for them: a row that was removed or filtered out is not sent any more.
        """
        now = self.clock()
        due = (
            select(*ENTRY_COLUMNS)
            .where(
                *_open_for(run, status),
                _due(now),
                (entries.c.leased_by.is_(None)) | (entries.c.leased_by == str(run.owner)),
            )
            .order_by(entries.c.not_before, entries.c.id)
            .limit(limit + len(exclude))
        )
        with self.transaction() as connection:
            found = [entry_of(row) for row in connection.execute(due)]
            taken = [entry for entry in found if entry.id not in exclude][:limit]
            if taken:
                lease = {"leased_by": str(run.owner), "leased_until": now + run.lease_s}
                ids = [entry.id for entry in taken]
                connection.execute(update(entries).where(entries.c.id.in_(ids)).values(**lease))
        return taken

    def next_due(self, run: Run, status: Status) -> float | None:
        """When the next entry of ``status`` is due, in unix seconds; None when there is none."""
        query = select(entries.c.not_before).where(*_open_for(run, status)).order_by(entries.c.not_before).limit(1)
        with self.transaction() as connection:
            due: float | None = connection.execute(query).scalar_one_or_none()
        return due

    def under_way(self, run: Run) -> dict[Status, int]:
        """How many entries of the job were sent and are not final yet, by status."""
        query = (
            select(entries.c.status, func.count())
            .where(entries.c.job_id == run.job_id, entries.c.status.in_(sorted(UNDER_WAY)))
            .group_by(entries.c.status)
        )
        with self.transaction() as connection:
            return {Status(status): count for status, count in connection.execute(query)}

    def open_work(self, run: Run) -> dict[Status, int]:
        """How many entries are not final yet, by status: those under way, and the pending ones of this run's sheet."""
        waiting = select(func.count()).where(_asked_by(run), entries.c.status == Status.PENDING)
        with self.transaction() as connection:
            open_work = self.under_way(run)
            if pending := connection.execute(waiting).scalar_one():
                open_work[Status.PENDING] = pending
        return open_work

    def progress(self, run: Run) -> dict[Status, int]:
        """How the entries that this run's sheet asks for stand, by status."""
        query = select(entries.c.status, func.count()).where(_asked_by(run)).group_by(entries.c.status)
        with self.transaction() as connection:
            return {Status(status): count for status, count in connection.execute(query)}


def _asked_by(run: Run) -> ColumnElement[bool]:
    return entries.c.asked_by == run.id


def _due(now: float) -> ColumnElement[bool]:
    """Due, or waiting longer than anything ever waits: then the clock was set back meanwhile."""
    return (entries.c.not_before <= now) | (entries.c.not_before > now + LONGEST_WAIT_S)


def _open_for(run: Run, status: Status) -> tuple[ColumnElement[bool], ...]:
    mine = (entries.c.job_id == run.job_id, entries.c.status == status)
    return (*mine, _asked_by(run)) if status is Status.PENDING else mine
