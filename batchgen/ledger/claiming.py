"""Taking work: which entries are due, and how many stand where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Select, bindparam, exists, func, or_, select, update
from sqlalchemy.sql import literal_column

from batchgen.ledger.assets import media_is_there
from batchgen.ledger.facts import Entry, Run
from batchgen.ledger.status import UNDER_WAY, Status
from batchgen.ledger.steps import Steps
from batchgen.ledger.tables import IS_CURRENT, attempts, entries, entry_media, jobs

NO_LIMIT = 2**62
LONGEST_WAIT_S = 3600.0  # no snooze, backoff or Retry-After is longer

ENTRY_FIELDS = tuple(Entry.__dataclass_fields__)

UNDER_WAY_BY_STATUS = (
    select(entries.c.status, func.count())
    .where(
        entries.c.job_id == bindparam("of_job"),
        or_(*(entries.c.status == literal_column(f"'{status}'") for status in sorted(UNDER_WAY))),
    )
    .group_by(entries.c.status)
)
ASKED_BY_STATUS = (
    select(entries.c.status, func.count()).where(entries.c.asked_by == bindparam("of_run")).group_by(entries.c.status)
)
WAITING = select(
    func.count().label("rows"),
    func.min(entries.c.estimate_microusd).label("cheapest"),
    func.sum(entries.c.estimate_microusd).label("total"),
).where(entries.c.asked_by == bindparam("of_run"), entries.c.status == literal_column(f"'{Status.PENDING}'"))
NEEDS_FILES = exists().where(
    entry_media.c.entry_id == entries.c.id, entry_media.c.sha256.in_(bindparam("of_files", expanding=True))
)
ROUTES = (
    select(attempts.c.entry_id, attempts.c.route)
    .join(entries, IS_CURRENT)
    .where(entries.c.id.in_(bindparam("of_entries", expanding=True)))
)
OTHER = attempts.alias()
ORDERED_BESIDE = (
    select(OTHER.c.video_id, OTHER.c.route)
    .join(attempts, OTHER.c.job_id == attempts.c.job_id)
    .join(entries, IS_CURRENT)
    .where(entries.c.id == bindparam("of_entry"), OTHER.c.video_id != entries.c.video_id)
    .order_by(func.abs(OTHER.c.begun_at - attempts.c.begun_at), OTHER.c.id)
    .limit(bindparam("most"))
)
LEASE = (
    update(entries)
    .where(entries.c.id.in_(bindparam("of_entries", expanding=True)))
    .values(leased_by=bindparam("to_owner"), leased_until=bindparam("to_time"))
)


@cache
def _open_entries(status: Status) -> Select[Any]:
    """The open entries of one status, the longest waiting first; pending ones only if this run may send them and
    their files are at the provider."""
    mine = (entries.c.job_id == bindparam("of_job"), entries.c.status == literal_column(f"'{status}'"))
    asked = (entries.c.asked_by == bindparam("of_run"), media_is_there()) if status is Status.PENDING else ()
    columns = (*(entries.c[name] for name in ENTRY_FIELDS), entries.c.leased_by)
    return select(*columns).where(*mine, *asked).order_by(entries.c.not_before, entries.c.id)


@cache
def _due_entries(status: Status) -> Select[Any]:
    """Due, or told to wait at a time that is yet to come, or for longer than anything waits: then the clock was set
    back after, or just while, that was written.

    A run that slept while another took its job over gets nothing: it may not know yet that it has lost the job.
    """
    paid_for = entries.c.estimate_microusd <= bindparam("affordable")
    set_back = (entries.c.updated_at > bindparam("now")) | (
        entries.c.not_before > entries.c.updated_at + literal_column(str(LONGEST_WAIT_S))
    )
    due = (entries.c.not_before <= bindparam("now")) | set_back
    free = entries.c.leased_by.is_(None) | (entries.c.leased_by == bindparam("of_owner"))
    held = exists().where(jobs.c.id == bindparam("of_job"), jobs.c.held_by == bindparam("of_owner"))
    return _open_entries(status).where(due, free, held, paid_for).limit(bindparam("most"))


@cache
def _next_due(status: Status) -> Select[Any]:
    return _open_entries(status).with_only_columns(entries.c.not_before).limit(1)


def entry_of(row: Any) -> Entry:
    """An ``Entry`` from a row that selected its fields."""
    facts = {name: getattr(row, name) for name in ENTRY_FIELDS}
    facts["status"] = Status(facts["status"])
    facts["links"] = orjson.loads(facts["links"]) if facts["links"] else {}
    return Entry(**facts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Rows that wait to be sent, and the least and the sum of their upper estimates in micro-USD."""

    rows: int
    cheapest: int
    total: int


class Claiming(Steps):
    """The questions and claims of a run at work."""

    def claim(
        self,
        run: Run,
        status: Status,
        *,
        limit: int,
        exclude: frozenset[int] = frozenset(),
        affordable_microusd: int | None = None,
    ) -> list[Entry]:
        """Take up to ``limit`` due entries of ``status`` for this run, the longest waiting first.

        ``exclude`` are entries that the run has in hand already. Pending entries are taken only when this run's
        sheet asks for them: a row that was removed or filtered out is not sent any more. An entry whose upper
        estimate is more than ``affordable_microusd`` is passed over; None: money is no matter.
        """
        now, owner = self.clock(), str(run.owner)
        wanted = {
            "of_job": run.job_id,
            "of_owner": owner,
            "now": now,
            "most": limit + len(exclude),
            "affordable": NO_LIMIT if affordable_microusd is None else affordable_microusd,
        }
        with self.transaction() as connection:
            found = connection.execute(_due_entries(status), wanted | self._asked(run, status)).all()
            taken = [row for row in found if row.id not in exclude][:limit]
            # What the run holds already stays leased by its heartbeat: no commit for looking again.
            new = [row.id for row in taken if row.leased_by is None]
            if new:
                connection.execute(LEASE, {"of_entries": new, "to_owner": owner, "to_time": now + run.lease_s})
        return [entry_of(row) for row in taken]

    def next_due(self, run: Run, status: Status) -> float | None:
        """When the next entry of ``status`` is due, in unix seconds; None when there is none."""
        with self.transaction() as connection:
            wanted = {"of_job": run.job_id} | self._asked(run, status)
            due: float | None = connection.execute(_next_due(status), wanted).scalar_one_or_none()
        return due

    def waiting_estimates(self, run: Run, *, without_files: Collection[str] = ()) -> Waiting:
        """The upper estimates of the pending entries that this run's sheet asks for, in micro-USD; but for those that
        need one of these files (sha256)."""
        query = WAITING.where(~NEEDS_FILES) if without_files else WAITING
        with self.transaction() as connection:
            row = connection.execute(query, {"of_run": run.id, "of_files": list(without_files)}).one()
        return Waiting(rows=row.rows, cheapest=row.cheapest or 0, total=int(row.total or 0))

    def routes_of(self, entry_ids: Sequence[int]) -> dict[int, str | None]:
        """Entry id → the path that its current attempt was sent to; None: it follows from the request."""
        with self.transaction() as connection:
            found = connection.execute(ROUTES, {"of_entries": list(entry_ids)})
            return {row.entry_id: row.route for row in found}

    def ordered_beside(self, entry_id: int, *, limit: int) -> dict[str, str | None]:
        """Other videos of the entry's job, those ordered nearest to its own in time: video id → the path that it was
        ordered at."""
        with self.transaction() as connection:
            found = connection.execute(ORDERED_BESIDE, {"of_entry": entry_id, "most": limit})
            return {row.video_id: row.route for row in found}

    def under_way(self, run: Run) -> dict[Status, int]:
        """How many entries of the job were sent and are not final yet, by status."""
        with self.transaction() as connection:
            found = connection.execute(UNDER_WAY_BY_STATUS, {"of_job": run.job_id})
            return {Status(status): count for status, count in found}

    def open_work(self, run: Run) -> dict[Status, int]:
        """How many entries are not final yet, by status: those under way, and the pending ones of this run's sheet."""
        with self.transaction():
            open_work = self.under_way(run)
            if pending := self.progress(run).get(Status.PENDING):
                open_work[Status.PENDING] = pending
        return open_work

    def progress(self, run: Run) -> dict[Status, int]:
        """How the entries that this run's sheet asks for stand, by status."""
        with self.transaction() as connection:
            found = connection.execute(ASKED_BY_STATUS, {"of_run": run.id})
            return {Status(status): count for status, count in found}

    def _asked(self, run: Run, status: Status) -> dict[str, Any]:
        return {"of_run": run.id, "of_provider": self.provider} if status is Status.PENDING else {}
