"""What people decide about entries: applied at once, or by the run that holds the job.

A wish is written down first. Whoever holds the job's lease applies it: the run at work, at its next look, or the
command itself, which takes the lease for that moment when nobody holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import Connection, func, insert, select, update

from batchgen.errors import EventRefused
from batchgen.ledger.facts import Run
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.status import STARTS_FROM, Event, Status
from batchgen.ledger.tables import THE_ONE_THAT_COUNTS_LAST, entries, events, jobs, wishes


class Wish(StrEnum):
    """What a person can ask for."""

    RETRY = "retry"
    CANCEL = "cancel"
    ADOPT = "adopt"
    ABANDON = "abandon"
    RESUBMIT = "resubmit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What became of a wish: ``done`` or why not."""

    entry_id: int
    row_id: str
    wish: Wish
    outcome: str

    @property
    def done(self) -> bool:
        return self.outcome == DONE


DONE = "done"
WENT_OUT = "a send was under way when you looked, or went out since: look again, then decide."
SENDS = frozenset({Event.BEGIN_SUBMISSION, Event.SENT_AGAIN})

EVENTS: Mapping[Wish, tuple[Event, ...]] = {
    Wish.RETRY: (Event.RETRY,),
    Wish.CANCEL: (Event.CANCEL,),
    Wish.ADOPT: (Event.ADOPTED, Event.FOUND_AFTER_ALL),
    Wish.ABANDON: (Event.ABANDONED,),
    Wish.RESUBMIT: (Event.NEVER_ARRIVED,),
}
MEANT_FOR: Mapping[Wish, str] = {
    Wish.RETRY: "only a row that failed or was cancelled can be tried again",
    Wish.CANCEL: "only a row that waits or is under way can be cancelled",
    Wish.ADOPT: "only a row in doubt, or one that was given up or whose video was called gone, can be given a video",
    Wish.ABANDON: "only a row in doubt can be given up",
    Wish.RESUBMIT: "only a row in doubt can be sent again with a new key; for one that failed there is retry",
}


def newest_event(ledger: Ledger) -> int:
    """What had happened last, by its number in the event log; 0: nothing yet."""
    with ledger.transaction() as connection:
        return connection.execute(select(func.max(events.c.id))).scalar_one() or 0


def ask(
    ledger: Ledger,
    job: str,
    row_ids: Sequence[str],
    wish: Wish,
    *,
    by: str,
    video_id: str | None = None,
    seen_event: int | None = None,
) -> None:
    """Write a wish down for the latest entry of each row. Row ids that the ledger does not know are passed over.

    ``seen_event``: what had happened when the person, or the command for them, looked for the video (`newest_event`).
    """
    now = ledger.clock()
    with ledger.transaction() as connection:
        for row_id in row_ids:
            newest = (
                select(entries.c.id)
                .join(jobs, jobs.c.id == entries.c.job_id)
                .where(jobs.c.name == job, entries.c.row_id == row_id)
                .order_by(*(order.desc() for order in THE_ONE_THAT_COUNTS_LAST))
                .limit(1)
            )
            entry_id = connection.execute(newest).scalar_one_or_none()
            if entry_id is not None:
                row = {"entry_id": entry_id, "wish": wish, "video_id": video_id, "by": by, "at": now}
                connection.execute(insert(wishes).values(**row, seen_event=seen_event))


def apply_wishes(ledger: Ledger, run: Run, *, busy: frozenset[int] = frozenset()) -> list[Settled]:
    """Apply what people asked for, as far as it fits. Wishes about ``busy`` entries (a call is under way) wait."""
    query = (
        select(wishes, entries.c.row_id, entries.c.status)
        .join(entries, entries.c.id == wishes.c.entry_id)
        .where(entries.c.job_id == run.job_id, wishes.c.settled_at.is_(None))
        .order_by(wishes.c.id)
    )
    settled = []
    with ledger.transaction() as connection:
        for row in connection.execute(query).all():
            if row.entry_id in busy or row.status == Status.SUBMITTING:
                continue
            outcome = WENT_OUT if _went_out(connection, row) else _outcome(ledger, run, row)
            connection.execute(
                update(wishes).where(wishes.c.id == row.id).values(settled_at=ledger.clock(), outcome=outcome)
            )
            settled.append(Settled(entry_id=row.entry_id, row_id=row.row_id, wish=Wish(row.wish), outcome=outcome))
    return settled


def _went_out(connection: Connection, row: Any) -> bool:
    """Whether the word that a send never arrived was given while one was under way, or before one went out."""
    if row.wish != Wish.RESUBMIT or row.seen_event is None:
        return False
    of_entry = select(events.c.event).where(events.c.entry_id == row.entry_id).order_by(events.c.id.desc())
    seen = connection.execute(of_entry.where(events.c.id <= row.seen_event).limit(1)).scalar_one_or_none()
    since = connection.execute(of_entry.where(events.c.id > row.seen_event)).scalars()
    return not SENDS.isdisjoint((seen, *since))


def _outcome(ledger: Ledger, run: Run, row: Any) -> str:
    try:
        ledger.take(run, row.entry_id)
        _apply(ledger, run, row.entry_id, Status(row.status), Wish(row.wish), row.by, row.video_id)
    except EventRefused as refusal:
        return _why_not(Wish(row.wish), Status(row.status)) or str(refusal)
    return DONE


def _why_not(wish: Wish, status: Status) -> str:
    """Which rows the wish is for, when a row of this status is none of them."""
    starts = frozenset[Status]().union(*(STARTS_FROM[event] for event in EVENTS[wish]))
    return "" if status in starts else f"its status is {status.replace('_', ' ')}; {MEANT_FOR[wish]}."


def _apply(ledger: Ledger, run: Run, entry_id: int, status: Status, wish: Wish, by: str, video_id: str | None) -> None:
    match wish:
        case Wish.RETRY:
            ledger.retry(run, entry_id, by=by)
        case Wish.CANCEL:
            ledger.cancel(run, entry_id, by=by)
        case Wish.ADOPT:
            assert video_id is not None
            adopt = ledger.adopted if status is Status.IN_DOUBT else ledger.found_after_all
            adopt(run, entry_id, video_id=video_id, look_at=0.0, by=by)
        case Wish.ABANDON:
            ledger.abandoned(run, entry_id, by=by)
        case Wish.RESUBMIT:
            ledger.never_arrived(run, entry_id, by=by)
        case _:
            assert_never(wish)
