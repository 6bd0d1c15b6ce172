"""The one guarded step behind every event, and what events share.

Statements are built once: building them for every row would take longer than running them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, insert, or_, select, update
from sqlalchemy.sql import literal_column

from batchgen.errors import EventRefused
from batchgen.ledger.engine import open_engine, translated
from batchgen.ledger.facts import Run
from batchgen.ledger.identity import claim_ledger
from batchgen.ledger.status import STARTS_FROM, Event, Status
from batchgen.ledger.tables import IS_LIVE, attempts, entries, events

Clock = Callable[[], float]

STATE = select(entries.c.fingerprint, entries.c.attempt, entries.c.attempt_open, entries.c.status).where(
    entries.c.id == bindparam("of_entry")
)
STATES = select(entries.c.id, entries.c.fingerprint, entries.c.attempt, entries.c.attempt_open, entries.c.status).where(
    entries.c.id.in_(bindparam("of_entries", expanding=True))
)
CURRENT_ATTEMPT = and_(
    attempts.c.entry_id == bindparam("of_entry"),
    attempts.c.fingerprint == bindparam("of_request"),
    attempts.c.number == bindparam("of_number"),
)
OPEN_ATTEMPT = and_(CURRENT_ATTEMPT, attempts.c.outcome.is_(None))
ERRORS_OF_OPEN_ATTEMPT = select(attempts.c.errors).where(OPEN_ATTEMPT)
LOG = insert(events)

# What an entry knows of its render, taken back when it waits for another one.
NOTHING_RENDERED: Mapping[str, Any] = {
    "video_id": None,
    "links": None,
    "page_url": None,
    "duration_s": None,
    "snoozes": 0,
}


def current(entry_id: int, state: Any) -> dict[str, Any]:
    """The parameters of ``CURRENT_ATTEMPT`` for an entry and its state."""
    return {"of_entry": entry_id, "of_request": state.fingerprint, "of_number": state.attempt}


def _to(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters by which prebuilt statements set columns."""
    return {f"to_{name}": value for name, value in values.items()}


ONE_ENTRY = entries.c.id == bindparam("of_entry")
MANY_ENTRIES = entries.c.id.in_(bindparam("of_entries", expanding=True))


@cache
def _guarded(
    event: Event, names: frozenset[str], *, once_more: str | None = None, which: ColumnElement[bool] = ONE_ENTRY
) -> Update:
    """The conditional UPDATE of an event that sets these columns; ``once_more`` is a column that it counts up."""
    starts = or_(*(entries.c.status == literal_column(f"'{status}'") for status in sorted(STARTS_FROM[event])))
    counted = {once_more: entries.c[once_more] + 1} if once_more else {}
    return (
        update(entries)
        .where(which, starts, entries.c.leased_by == bindparam("of_owner"))
        .values({**{name: bindparam(f"to_{name}") for name in names}, **counted})
    )


def _refusal(event: Event, entry_id: int, state: Any) -> EventRefused:
    found = "gone" if state is None else state.status
    return EventRefused(f"{event} does not fit entry {entry_id}: it is {found}, or another run has it.")


@cache
def _amended(names: frozenset[str]) -> Update:
    return update(attempts).where(CURRENT_ATTEMPT).values({name: bindparam(f"to_{name}") for name in names})


class Steps:
    """One ledger database, its transaction, and the guarded step. ``Ledger`` is what everybody uses."""

    def __init__(self, at: str | Path, *, provider: str, clock: Clock = time.time) -> None:
        self.engine = open_engine(at)
        self.clock = clock
        self.provider = provider
        self.account: str | None = None  # whose key creates go out with; None: unknown
        self._open: Connection | None = None
        with self.transaction() as connection:
            claim_ledger(connection, provider, clock())

    def close(self) -> None:
        """Give the database connections back."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Group events into one durable commit. Nested uses join the outer one. Must not be held over an await."""
        if self._open is not None:
            yield self._open
            return
        with translated(self.engine), self.engine.begin() as connection:
            self._open = connection
            try:
                yield connection
            finally:
                self._open = None

    def _move(
        self,
        connection: Connection,
        event: Event,
        run: Run,
        entry_id: int,
        *,
        status: Status | None = None,
        once_more: str | None = None,
        **values: Any,
    ) -> Any:
        """The conditional UPDATE of every event; returns fingerprint, attempt and attempt_open as they are now."""
        values |= self._with(status)
        parameters = _to(values) | {"of_entry": entry_id, "of_owner": str(run.owner)}
        changed = connection.execute(_guarded(event, frozenset(values), once_more=once_more), parameters)
        state = connection.execute(STATE, {"of_entry": entry_id}).one_or_none()
        if changed.rowcount != 1:
            raise _refusal(event, entry_id, state)
        return state

    def _move_all(
        self,
        connection: Connection,
        event: Event,
        run: Run,
        entry_ids: Sequence[int],
        *,
        status: Status,
        each: Sequence[Mapping[str, Any]] = (),
        **values: Any,
    ) -> dict[int, Any]:
        """`_move` for many entries, ``each`` with values of its own: entry id → its state."""
        values |= self._with(status)
        ids, guard = {"of_entries": list(entry_ids)}, {"of_owner": str(run.owner)}
        changed = len(entry_ids)
        if each:
            own = [_to(ones) | guard | {"of_entry": id_} for id_, ones in zip(entry_ids, each, strict=True)]
            changed = connection.execute(_guarded(event, frozenset(each[0])), own).rowcount
        if changed == len(entry_ids):
            moved = _guarded(event, frozenset(values), which=MANY_ENTRIES)
            changed = connection.execute(moved, _to(values) | guard | ids).rowcount
        states = {state.id: state for state in connection.execute(STATES, ids)}
        if changed != len(entry_ids):
            as_it_should = STARTS_FROM[event] if each else {status}  # with values of their own, none has moved yet
            unmoved = [id_ for id_ in entry_ids if id_ not in states or states[id_].status not in as_it_should]
            unfit = (unmoved or entry_ids)[0]
            raise _refusal(event, unfit, states.get(unfit))
        return states

    def _with(self, status: Status | None) -> dict[str, Any]:
        """What every step sets, and what comes with a status."""
        now = self.clock()
        if status is None:
            return {"updated_at": now}
        final = {"leased_by": None, "leased_until": None} if status.final else {}
        return {"updated_at": now, "status": status, "finalized_at": now if status.final else None, **final}

    def _end_attempt(
        self, event: Event, run: Run, entry_id: int, *, status: Status, error: str, settled: int | None
    ) -> None:
        """Close the current attempt, if one is open; ``settled`` None leaves its reservation as spent."""
        now = self.clock()
        with self.transaction() as connection:
            back = NOTHING_RENDERED if status is Status.PENDING else {}
            state = self._move(
                connection, event, run, entry_id, status=status, attempt_open=0, not_before=now, note=error, **back
            )
            self._append_error(connection, entry_id, state, error)
            amount = attempts.c.reserved_microusd if settled is None else settled
            connection.execute(
                update(attempts).where(OPEN_ATTEMPT).values(settled_microusd=amount, outcome=event, ended_at=now),
                current(entry_id, state),
            )
            self._log(connection, run, entry_id, event, state.attempt, {"error": error})

    def _amend_attempt(self, connection: Connection, entry_id: int, state: Any, **values: Any) -> None:
        self._amend_attempts(connection, [(entry_id, state, values)])

    def _amend_attempts(self, connection: Connection, amended: Sequence[tuple[int, Any, Mapping[str, Any]]]) -> None:
        """Set columns of the current attempts: (entry id, its state, column → value), the same columns for all."""
        rows = [_to(values) | current(entry_id, state) for entry_id, state, values in amended]
        connection.execute(_amended(frozenset(amended[0][2])), rows)

    def _append_error(self, connection: Connection, entry_id: int, state: Any, error: str) -> None:
        said = connection.execute(ERRORS_OF_OPEN_ATTEMPT, current(entry_id, state)).scalar_one_or_none()
        if said is not None:
            errors = orjson.dumps([*orjson.loads(said), {"at": self.clock(), "error": error}]).decode()
            self._amend_attempt(connection, entry_id, state, errors=errors)

    def _log(
        self,
        connection: Connection,
        run: Run,
        entry_id: int,
        event: Event,
        attempt: int | None,
        details: Mapping[str, Any],
    ) -> None:
        self._log_all(connection, run, event, [(entry_id, attempt, details)])

    def _log_all(
        self,
        connection: Connection,
        run: Run,
        event: Event,
        happened: Sequence[tuple[int, int | None, Mapping[str, Any]]],
    ) -> None:
        """Write the event into the log for many entries: (entry id, attempt number, details)."""
        at = {"run_id": run.id, "at": self.clock(), "event": event}
        rows = [
            {**at, "entry_id": entry_id, "attempt": attempt, "details": orjson.dumps(dict(details)).decode()}
            for entry_id, attempt, details in happened
        ]
        connection.execute(LOG, rows)

    def _has_newer(self, connection: Connection, entry_id: int) -> bool:
        """Whether another entry of its row counts: it was edited since."""
        old = entries.alias()
        same_row = (entries.c.job_id == old.c.job_id) & (entries.c.row_id == old.c.row_id)
        after = (entries.c.id > old.c.id) | (IS_LIVE & (entries.c.id != old.c.id))
        newer = select(entries.c.id).join(old, same_row).where(old.c.id == entry_id, after)
        return connection.execute(newer).first() is not None
