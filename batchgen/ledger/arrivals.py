"""What the provider told by itself (webhooks): written down by whoever listens, heeded by the run that holds the job.

A message never changes where an entry stands: it only makes the run look at the render now. So a message that is
lost, late, doubled or false can make a look come later or in vain, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from batchgen.ledger.facts import Run
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.status import Status
from batchgen.ledger.tables import arrivals, entries, jobs, listeners

HEEDED_FOR_S = 3_600.0
"""How long a message about a video that nobody knows waits for the answer that names the video."""

KEPT_FOR_S = 3 * 24 * 3_600.0
"""The provider repeats a message for up to a day; so long, and some more, its id is remembered."""

LISTENING_FOR_S = 60.0
"""A listener that gave no sign of life for so long is taken for gone."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One message: its id, by which it is known again, and the video that it is about."""

    event_id: str
    video_id: str


def note_arrivals(ledger: Ledger, arrived: Sequence[Arrival]) -> int:
    """Write messages down in one commit; how many were new. Durable when it returns."""
    now = ledger.clock()
    rows = {
        each.event_id: {"event_id": each.event_id, "video_id": each.video_id, "received_at": now} for each in arrived
    }
    if not rows:
        return 0
    with ledger.transaction() as connection:
        return connection.execute(_insert(connection, arrivals).on_conflict_do_nothing(), list(rows.values())).rowcount


def heed_arrivals(ledger: Ledger, run: Run, *, busy: frozenset[int] = frozenset()) -> frozenset[int]:
    """Make the renders due that messages are about; the ids of their entries.

    Messages about ``busy`` entries wait: a look that began before the message would put them off again.
    """
    now = ledger.clock()
    about = (
        select(arrivals.c.event_id, entries.c.id, entries.c.status)
        .join(entries, entries.c.video_id == arrivals.c.video_id)
        .where(
            arrivals.c.heeded_at.is_(None),
            arrivals.c.received_at > now - HEEDED_FOR_S,
            entries.c.job_id == run.job_id,
            exists().where(jobs.c.id == run.job_id, jobs.c.held_by == str(run.owner)),
        )
    )
    with ledger.transaction() as connection:
        found = [row for row in connection.execute(about) if row.id not in busy]
        told = {row.id for row in found if row.status == Status.RENDERING}
        for ids in _in_groups(told):
            rendering = (entries.c.id.in_(ids), entries.c.status == Status.RENDERING)
            connection.execute(update(entries).where(*rendering).values(not_before=now))
        for events in _in_groups({row.event_id for row in found}):
            connection.execute(update(arrivals).where(arrivals.c.event_id.in_(events)).values(heeded_at=now))
    return frozenset(told)


def forget_arrivals(ledger: Ledger) -> None:
    """Drop the messages that the provider cannot repeat any more."""
    with ledger.transaction() as connection:
        connection.execute(delete(arrivals).where(arrivals.c.received_at < ledger.clock() - KEPT_FOR_S))


def listening(ledger: Ledger, names: Iterable[str]) -> None:
    """A sign of life of whoever listens for these jobs: while it lasts, their runs poll less often."""
    _listening_until(ledger, names, ledger.clock() + LISTENING_FOR_S)


def no_longer_listening(ledger: Ledger, names: Iterable[str]) -> None:
    """The listener ends in good order."""
    _listening_until(ledger, names, 0.0)


def is_listened_to(ledger: Ledger, job: str) -> bool:
    """Whether somebody listens for the job. A sign of life from the future counts as none: the clock was set back."""
    with ledger.transaction() as connection:
        until = connection.execute(select(listeners.c.until).where(listeners.c.job == job)).scalar_one_or_none()
    return until is not None and 0 <= until - ledger.clock() <= LISTENING_FOR_S


def _listening_until(ledger: Ledger, names: Iterable[str], until: float) -> None:
    with ledger.transaction() as connection:
        statement = _insert(connection, listeners).on_conflict_do_update(index_elements=["job"], set_={"until": until})
        connection.execute(statement, [{"job": name, "until": until} for name in names])


def _insert(connection: Connection, table: Table) -> Any:
    """An INSERT that may say what happens on conflict, which each database spells for itself."""
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)


def _in_groups(things: set[T]) -> Iterable[list[T]]:
    """No statement may hold more parameters than the database takes."""
    listed = list(things)
    return (listed[start : start + 500] for start in range(0, len(listed), 500))
