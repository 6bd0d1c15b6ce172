"""From pending to rendering: the intent, the send, and every answer to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from batchgen.errors import EventRefused
from batchgen.ledger.facts import Entry, Run, Sending, idempotency_key, marker_of
from batchgen.ledger.status import MAY_TURN_UP, Event, Status
from batchgen.ledger.steps import CURRENT_ATTEMPT, OPEN_ATTEMPT, Steps, current
from batchgen.ledger.tables import IS_CURRENT, attempts, entries

SENDING = (
    select(
        attempts.c.entry_id,
        attempts.c.number,
        attempts.c.idempotency_key.label("key"),
        attempts.c.body,
        attempts.c.marker,
        attempts.c.first_sent_at,
        attempts.c.route,
    )
    .join(entries, IS_CURRENT)
    .where(entries.c.id == bindparam("of_entry"))
)
LAST_ATTEMPT = (
    select(attempts.c.id, attempts.c.outcome, attempts.c.video_id, attempts.c.first_sent_at)
    .join(entries, IS_CURRENT)
    .where(entries.c.id == bindparam("of_entry"))
)
NEW_ATTEMPT = insert(attempts)
NEXT_ATTEMPTS = (
    update(entries)
    .where(entries.c.id.in_(bindparam("of_entries", expanding=True)))
    .values(attempt=entries.c.attempt + 1, attempt_open=1, tries=entries.c.tries + 1)
)
ONCE_MORE = update(attempts).where(CURRENT_ATTEMPT).values(sends=attempts.c.sends + 1)
OPEN_AGAIN = (
    update(attempts)
    .where(CURRENT_ATTEMPT)
    .values(
        first_sent_at=func.coalesce(attempts.c.first_sent_at, bindparam("to_time")),
        sends=attempts.c.sends + 1,
        reserved_microusd=bindparam("to_reserve"),
        account=bindparam("to_account"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """A create that is about to be sent. ``body_with(marker)`` makes the body of a new attempt; money in micro-USD.

    ``route`` is the path that a new attempt goes to; None: it follows from the request.
    """

    entry: Entry
    body_with: Callable[[str], bytes]
    reserve_microusd: int
    route: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """The provider took a request; ``look_at`` is when to ask for the render first (unix seconds)."""

    entry_id: int
    video_id: str
    look_at: float


class Submitting(Steps):
    """The events of a create."""

    def sending(self, entry_id: int) -> Sending:
        """The stored key and body of the entry's current attempt."""
        with self.transaction() as connection:
            return self._sending(connection, entry_id)

    def begin_submissions(self, run: Run, intents: Sequence[Intent]) -> list[Sending]:
        """Write down the intents: attempt, key, exact body, reserved cost. Only after this may the bodies be sent.

        An attempt that was deferred keeps its number, key and stored body, unless the job takes another route by now.
        The key's window starts now unless an earlier send of the attempt may have arrived. Raises
        ``EventRefused`` when one of them does not fit; the transaction must then be given up as a whole.
        """
        if not intents:
            return []
        ids = [intent.entry.id for intent in intents]
        with self.transaction() as connection:
            states = self._move_all(connection, Event.BEGIN_SUBMISSION, run, ids, status=Status.SUBMITTING)
            again = {
                intent.entry.id: sending
                for intent in intents
                if states[intent.entry.id].attempt_open
                and (sending := self._open_again(connection, intent, states[intent.entry.id])) is not None
            }
            fresh = [intent for intent in intents if intent.entry.id not in again]
            opened = {sending.entry_id: sending for sending in self._open_attempts(connection, run, fresh, states)}
            ordered = [(again | opened)[entry_id] for entry_id in ids]
            self._log_all(
                connection,
                run,
                Event.BEGIN_SUBMISSION,
                [(sending.entry_id, sending.number, {"key": sending.key}) for sending in ordered],
            )
            return ordered

    def _open_attempts(
        self, connection: Connection, run: Run, intents: Sequence[Intent], states: Mapping[int, Any]
    ) -> list[Sending]:
        now = self.clock()
        sendings = [_new_sending(run, intent, states[intent.entry.id].attempt + 1, now) for intent in intents]
        if not sendings:
            return []
        connection.execute(NEXT_ATTEMPTS, {"of_entries": [sending.entry_id for sending in sendings]})
        rows = [
            {
                "entry_id": sending.entry_id,
                "fingerprint": intent.entry.fingerprint,
                "number": sending.number,
                "idempotency_key": sending.key,
                "body": sending.body,
                "marker": sending.marker,
                "provider": self.provider,
                "begun_at": now,
                "first_sent_at": now,
                "sends": 1,
                "reserved_microusd": intent.reserve_microusd,
                "errors": "[]",
                "job_id": run.job_id,
                "route": sending.route,
                "account": self.account,
            }
            for intent, sending in zip(intents, sendings, strict=True)
        ]
        connection.execute(NEW_ATTEMPT, rows)
        return sendings

    def _open_again(self, connection: Connection, intent: Intent, state: Any) -> Sending | None:
        """The open attempt, about to go out again; None when it was for another route: then it has ended.

        It waits because it was surely never processed, so nothing of it can come back.
        """
        open_attempt = current(intent.entry.id, state)
        sending = self._sending(connection, intent.entry.id)
        if sending.route not in (None, intent.route):
            ended = {"outcome": Event.SUBMISSION_DEFERRED, "ended_at": self.clock(), "settled_microusd": 0}
            connection.execute(update(attempts).where(OPEN_ATTEMPT).values(**ended), open_attempt)
            return None
        again = {"to_reserve": intent.reserve_microusd, "to_time": self.clock(), "to_account": self.account}
        connection.execute(OPEN_AGAIN, open_attempt | again)
        return self._sending(connection, intent.entry.id)

    def submissions_accepted(self, run: Run, accepted: Sequence[Acceptance]) -> None:
        """The provider took these requests.

        Raises ``EventRefused`` when one of several does not fit; the transaction must then be given up as a whole.
        """
        now = self.clock()
        with self.transaction() as connection:
            states = self._move_all(
                connection,
                Event.SUBMISSION_ACCEPTED,
                run,
                [acceptance.entry_id for acceptance in accepted],
                each=[{"video_id": each.video_id, "not_before": each.look_at} for each in accepted],
                **_rendering_since(now),
            )
            self._amend_attempts(
                connection, [(each.entry_id, states[each.entry_id], {"video_id": each.video_id}) for each in accepted]
            )
            self._log_all(
                connection,
                run,
                Event.SUBMISSION_ACCEPTED,
                [(each.entry_id, states[each.entry_id].attempt, {"video_id": each.video_id}) for each in accepted],
            )

    def submission_deferred(self, run: Run, entry_id: int, *, not_before: float, reason: str) -> None:
        """Surely not processed: back to pending with the same attempt and key, out of any batch; nothing stays
        reserved."""
        with self.transaction() as connection:
            state = self._move(
                connection,
                Event.SUBMISSION_DEFERRED,
                run,
                entry_id,
                status=Status.PENDING,
                not_before=not_before,
                note=reason,
            )
            loose = {"batch_id": None, "batch_index": None}
            self._amend_attempt(connection, entry_id, state, first_sent_at=None, reserved_microusd=0, **loose)
            self._log(connection, run, entry_id, Event.SUBMISSION_DEFERRED, state.attempt, {"reason": reason})

    def submission_rejected(self, run: Run, entry_id: int, *, error: str) -> None:
        """The provider refused the request; the reservation is released."""
        self._end_attempt(Event.SUBMISSION_REJECTED, run, entry_id, status=Status.FAILED, error=error, settled=0)

    def submission_lost(self, run: Run, entry_id: int, *, error: str, not_before: float) -> None:
        """Sent, answer unknown. From here only the same key may go out again, or a person decides."""
        with self.transaction() as connection:
            state = self._move(
                connection,
                Event.SUBMISSION_LOST,
                run,
                entry_id,
                status=Status.IN_DOUBT,
                not_before=not_before,
                note=error,
                snoozes=0,
            )
            self._append_error(connection, entry_id, state, error)
            self._log(connection, run, entry_id, Event.SUBMISSION_LOST, state.attempt, {"error": error})

    def sent_again(self, run: Run, entry_id: int) -> None:
        """About to go out once more under its key: whoever looked for the video before may have looked too soon."""
        with self.transaction() as connection:
            state = self._move(connection, Event.SENT_AGAIN, run, entry_id)
            connection.execute(ONCE_MORE, current(entry_id, state))
            self._log(connection, run, entry_id, Event.SENT_AGAIN, state.attempt, {})

    def resend_deferred(self, run: Run, entry_id: int, *, not_before: float, reason: str) -> None:
        """A repeated send, or a look into the provider's list, said nothing about the first one: still in doubt."""
        with self.transaction() as connection:
            state = self._move(
                connection,
                Event.RESEND_DEFERRED,
                run,
                entry_id,
                not_before=not_before,
                note=reason,
                once_more="snoozes",
            )
            self._log(connection, run, entry_id, Event.RESEND_DEFERRED, state.attempt, {"reason": reason})

    def adopted(self, run: Run, entry_id: int, *, video_id: str, look_at: float, by: str) -> None:
        """A video found by its title marker, or named by a person (``by``), is this entry's.

        Raises ``EventRefused`` when another entry has that video already.
        """
        with self.transaction() as connection:
            self._refuse_taken(connection, entry_id, video_id)
            self._to_rendering(Event.ADOPTED, run, entry_id, video_id, look_at, {"by": by})

    def found_after_all(self, run: Run, entry_id: int, *, video_id: str, look_at: float, by: str) -> None:
        """A video has turned up that was called gone, or whose send was given up: its attempt is open again.

        What the attempt counted as spent is reserved again, so it counts once. Raises ``EventRefused`` for an entry
        whose last send left nothing behind, or another video, and for one whose row has a newer entry.
        """
        with self.transaction() as connection:
            self._refuse_taken(connection, entry_id, video_id)
            attempt = connection.execute(LAST_ATTEMPT, {"of_entry": entry_id}).one_or_none()
            if (why_not := _nothing_to_find(attempt, video_id)) is not None:
                raise EventRefused(f"{Event.FOUND_AFTER_ALL} does not fit entry {entry_id}: {why_not}.")
            if self._has_newer(connection, entry_id):
                raise EventRefused(f"{Event.FOUND_AFTER_ALL} does not fit entry {entry_id}: its row was edited since.")
            assert attempt is not None
            self._to_rendering(Event.FOUND_AFTER_ALL, run, entry_id, video_id, look_at, {"by": by})
            again = {"outcome": None, "ended_at": None, "settled_microusd": None}
            connection.execute(update(attempts).where(attempts.c.id == attempt.id).values(**again))

    def _refuse_taken(self, connection: Connection, entry_id: int, video_id: str) -> None:
        other = select(attempts.c.entry_id).where(attempts.c.video_id == video_id, attempts.c.entry_id != entry_id)
        if connection.execute(other).first() is not None:
            raise EventRefused(f"Video {video_id} belongs to another row already.")

    def _to_rendering(
        self, event: Event, run: Run, entry_id: int, video_id: str, look_at: float, details: Mapping[str, Any]
    ) -> None:
        with self.transaction() as connection:
            state = self._move(
                connection,
                event,
                run,
                entry_id,
                video_id=video_id,
                not_before=look_at,
                **_rendering_since(self.clock()),
            )
            self._amend_attempt(connection, entry_id, state, video_id=video_id)
            self._log(connection, run, entry_id, event, state.attempt, {"video_id": video_id, **details})

    def _sending(self, connection: Connection, entry_id: int) -> Sending:
        row = connection.execute(SENDING, {"of_entry": entry_id}).one()
        return Sending(**row._mapping)


def _nothing_to_find(attempt: Any, video_id: str) -> str | None:
    """Why this cannot be the video of an ended attempt; None: it can."""
    if attempt is None or attempt.outcome not in MAY_TURN_UP or attempt.first_sent_at is None:
        return "no video of its last send can turn up"
    if attempt.video_id not in (None, video_id):
        return f"the video of its last send is {attempt.video_id}"
    return None


def _rendering_since(now: float) -> dict[str, Any]:
    """What an entry is set to when its render begins."""
    return {
        "status": Status.RENDERING,
        "submitted_at": now,
        "snoozes": 0,
        "missing_since": None,
        "missing_times": 0,
        "note": "",
    }


def _new_sending(run: Run, intent: Intent, number: int, now: float) -> Sending:
    entry = intent.entry
    key = idempotency_key(job=run.job, row_id=entry.row_id, fingerprint=entry.fingerprint, number=number)
    marker = marker_of(key)
    return Sending(
        entry_id=entry.id,
        number=number,
        key=key,
        body=intent.body_with(marker),
        marker=marker,
        first_sent_at=now,
        route=intent.route,
    )
