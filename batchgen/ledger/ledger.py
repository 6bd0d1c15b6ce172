"""``Ledger``: what was promised and what happened, one method per event.

Every event is one conditional UPDATE, guarded by the entry's status and the run that holds it; when no row
matches, ``EventRefused`` is raised *before* anything else is written, so a refused event inside a grouped
transaction leaves its neighbours whole. When a method outside ``transaction()`` returns, its event is durable.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, select, update

from batchgen.errors import EventRefused
from batchgen.ledger.engine import open_engine, translated
from batchgen.ledger.facts import Entry, Run, Sending, Stored, idempotency_key, marker_of
from batchgen.ledger.identity import claim_ledger
from batchgen.ledger.status import STARTS_FROM, UNDER_WAY, Event, Status
from batchgen.ledger.tables import artifacts, attempts, entries, events

Clock = Callable[[], float]

LONGEST_WAIT_S = 3600.0  # no snooze, backoff or Retry-After is longer

ENTRY_COLUMNS = [entries.c[name] for name in Entry.__dataclass_fields__]


def entry_of(row: Any) -> Entry:
    """An ``Entry`` from a row that selected ``ENTRY_COLUMNS``."""
    facts = dict(row._mapping)
    facts["status"] = Status(facts["status"])
    facts["links"] = orjson.loads(facts["links"]) if facts["links"] else {}
    return Entry(**facts)


class Ledger:
    """One ledger database. Used from one thread; other threads read through ``queries``.

    Parameters
    ----------
    at:
        A SQLite file, or the SQLAlchemy URL of another database.
    provider:
        Identity of the provider (its base URL, or ``simulator``). Raises ``WrongProvider`` for a ledger that
        belongs to another one: a key that one provider knows means nothing to the other.
    """

    def __init__(self, at: str | Path, *, provider: str, clock: Clock = time.time) -> None:
        self.engine = open_engine(at)
        self.clock = clock
        self.provider = provider
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

    # --- taking work -------------------------------------------------------------------------------------

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

    def sending(self, entry_id: int) -> Sending:
        """The stored key and body of the entry's current attempt."""
        with self.transaction() as connection:
            return self._sending(connection, entry_id)

    # --- submitting --------------------------------------------------------------------------------------

    def begin_submission(
        self, run: Run, entry: Entry, *, body_with: Callable[[str], bytes], reserve_microusd: int
    ) -> Sending:
        """Write down the intent: attempt, key, exact body, reserved cost. Only after this may the body be sent.

        ``body_with(marker)`` makes the body of a new attempt. An attempt that was deferred keeps its number, key
        and stored body. The key's window starts now unless an earlier send of the attempt may have arrived.
        """
        now = self.clock()
        with self.transaction() as connection:
            state = self._move(connection, Event.BEGIN_SUBMISSION, run, entry.id, status=Status.SUBMITTING)
            if state.attempt_open:
                connection.execute(
                    update(attempts)
                    .where(*_current_attempt(entry.id, state.fingerprint, state.attempt))
                    .values(
                        first_sent_at=func.coalesce(attempts.c.first_sent_at, now),
                        sends=attempts.c.sends + 1,
                        reserved_microusd=reserve_microusd,
                    )
                )
            else:
                self._open_attempt(connection, run, entry, state.attempt + 1, body_with, reserve_microusd)
            sending = self._sending(connection, entry.id)
            self._log(connection, run, entry.id, Event.BEGIN_SUBMISSION, sending.number, {"key": sending.key})
            return sending

    def _open_attempt(
        self,
        connection: Connection,
        run: Run,
        entry: Entry,
        number: int,
        body_with: Callable[[str], bytes],
        reserve_microusd: int,
    ) -> None:
        key = idempotency_key(job=run.job, row_id=entry.row_id, fingerprint=entry.fingerprint, number=number)
        marker = marker_of(key)
        now = self.clock()
        connection.execute(
            update(entries)
            .where(entries.c.id == entry.id)
            .values(attempt=number, attempt_open=1, tries=entries.c.tries + 1)
        )
        connection.execute(
            insert(attempts).values(
                entry_id=entry.id,
                fingerprint=entry.fingerprint,
                number=number,
                idempotency_key=key,
                body=body_with(marker),
                marker=marker,
                provider=self.provider,
                begun_at=now,
                first_sent_at=now,
                sends=1,
                reserved_microusd=reserve_microusd,
                errors="[]",
            )
        )

    def submission_accepted(self, run: Run, entry_id: int, *, video_id: str, look_at: float) -> None:
        """The provider took the request; ``look_at`` is when to ask for the render first (unix seconds)."""
        self._to_rendering(Event.SUBMISSION_ACCEPTED, run, entry_id, video_id, look_at, {})

    def adopted(self, run: Run, entry_id: int, *, video_id: str, look_at: float, by: str) -> None:
        """A video found by its title marker, or named by a person (``by``), is this entry's.

        Raises ``EventRefused`` when another entry has that video already.
        """
        with self.transaction() as connection:
            self._refuse_taken(connection, entry_id, video_id)
            self._to_rendering(Event.ADOPTED, run, entry_id, video_id, look_at, {"by": by})

    def found_after_all(self, run: Run, entry_id: int, *, video_id: str, look_at: float, by: str) -> None:
        """The video of a send that a person had abandoned has turned up: its attempt is open again.

        Raises ``EventRefused`` for an entry that failed for any other reason, or whose row has a newer entry.
        """
        last = (
            select(attempts.c.id, attempts.c.outcome)
            .join(entries, entries.c.id == attempts.c.entry_id)
            .where(
                entries.c.id == entry_id,
                attempts.c.fingerprint == entries.c.fingerprint,
                attempts.c.number == entries.c.attempt,
            )
        )
        with self.transaction() as connection:
            self._refuse_taken(connection, entry_id, video_id)
            attempt = connection.execute(last).one_or_none()
            if attempt is None or attempt.outcome != Event.ABANDONED:
                raise EventRefused(
                    f"{Event.FOUND_AFTER_ALL} does not fit entry {entry_id}: its send was not abandoned."
                )
            if connection.execute(_newer_than(entry_id)).first() is not None:
                raise EventRefused(f"{Event.FOUND_AFTER_ALL} does not fit entry {entry_id}: its row was edited since.")
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
                status=Status.RENDERING,
                video_id=video_id,
                submitted_at=self.clock(),
                not_before=look_at,
                snoozes=0,
                missing_since=None,
                missing_times=0,
                note="",
            )
            self._amend_attempt(connection, entry_id, state, video_id=video_id)
            self._log(connection, run, entry_id, event, state.attempt, {"video_id": video_id, **details})

    def submission_deferred(self, run: Run, entry_id: int, *, not_before: float, reason: str) -> None:
        """Surely not processed: back to pending with the same attempt and key; nothing stays reserved."""
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
            self._amend_attempt(connection, entry_id, state, first_sent_at=None, reserved_microusd=0)
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
                snoozes=entries.c.snoozes + 1,
            )
            self._log(connection, run, entry_id, Event.RESEND_DEFERRED, state.attempt, {"reason": reason})

    # --- rendering ---------------------------------------------------------------------------------------

    def still_running(self, run: Run, looked_at: Sequence[tuple[int, float, str]]) -> None:
        """Look at these entries again later: (entry id, not before, note). Costs no attempt and leaves no event.

        All or none: several at once must not be part of a grouped commit.
        """
        if not looked_at:
            return
        statement = (
            update(entries)
            .where(
                entries.c.id == bindparam("entry"),
                entries.c.status == Status.RENDERING,
                entries.c.leased_by == str(run.owner),
            )
            .values(
                not_before=bindparam("later"),
                note=bindparam("said"),
                snoozes=entries.c.snoozes + 1,
                updated_at=self.clock(),
                missing_since=None,
                missing_times=0,
            )
        )
        with self.transaction() as connection:
            rows = [{"entry": entry, "later": later, "said": note} for entry, later, note in looked_at]
            if connection.execute(statement, rows).rowcount != len(rows):
                raise EventRefused(
                    f"{Event.STILL_RUNNING} does not fit every one of {len(rows)} entries: nothing is kept."
                )

    def still_missing(self, run: Run, entry_id: int, *, not_before: float) -> None:
        """The provider said once more that it does not know the video; three times over ten minutes count."""
        with self.transaction() as connection:
            self._move(
                connection,
                Event.STILL_RUNNING,
                run,
                entry_id,
                not_before=not_before,
                missing_since=func.coalesce(entries.c.missing_since, self.clock()),
                missing_times=entries.c.missing_times + 1,
                note="the provider does not know this video (yet)",
            )

    def render_finished(
        self,
        run: Run,
        entry: Entry,
        *,
        links: Mapping[str, str],
        duration_s: float | None,
        page_url: str | None,
        folder: str,
        names: Mapping[str, Iterable[str]],
    ) -> None:
        """The render is done. Reserves one file name per artifact kind.

        ``names`` gives for each kind the names to try, best first, relative to ``folder`` (the absolute output
        folder); a name that another entry holds, in any letter case, is passed over.
        """
        with self.transaction() as connection:
            free = self._free_paths(connection, entry.id, folder, names)
            state = self._move(
                connection,
                Event.RENDER_FINISHED,
                run,
                entry.id,
                status=Status.RENDERED,
                links=orjson.dumps(dict(links)).decode(),
                duration_s=duration_s,
                page_url=page_url,
                not_before=0.0,
                snoozes=0,
                note="",
                missing_since=None,
                missing_times=0,
            )
            if free:
                connection.execute(insert(artifacts), free)
            self._log(connection, run, entry.id, Event.RENDER_FINISHED, state.attempt, {"duration_s": duration_s})

    def render_failed(self, run: Run, entry_id: int, *, error: str, again: bool) -> None:
        """The render failed, which the provider does not charge; ``again`` opens a new attempt with a new key."""
        status = Status.PENDING if again else Status.FAILED
        self._end_attempt(Event.RENDER_FAILED, run, entry_id, status=status, error=error, settled=0)

    def video_gone(self, run: Run, entry_id: int, *, error: str) -> None:
        """The provider no longer knows a video that it accepted. Counted as paid; only a person retries it."""
        self._end_attempt(Event.VIDEO_GONE, run, entry_id, status=Status.FAILED, error=error, settled=None)

    # --- collecting --------------------------------------------------------------------------------------

    def link_expired(self, run: Run, entry_id: int, *, not_before: float, reason: str = "the link had expired") -> None:
        """The link no longer works: ask for the video again."""
        self._snooze_download(Event.LINK_EXPIRED, run, entry_id, Status.RENDERING, not_before, reason)

    def download_deferred(self, run: Run, entry_id: int, *, not_before: float, reason: str) -> None:
        """The file did not arrive whole; fetch it again later."""
        self._snooze_download(Event.DOWNLOAD_DEFERRED, run, entry_id, Status.RENDERED, not_before, reason)

    def _snooze_download(
        self, event: Event, run: Run, entry_id: int, status: Status, not_before: float, reason: str
    ) -> None:
        with self.transaction() as connection:
            state = self._move(
                connection,
                event,
                run,
                entry_id,
                status=status,
                not_before=not_before,
                note=reason,
                snoozes=entries.c.snoozes + 1,
            )
            self._log(connection, run, entry_id, event, state.attempt, {"reason": reason})

    def artifact_stored(
        self, run: Run, entry_id: int, *, stored: Sequence[Stored], cost_microusd: int, note: str
    ) -> None:
        """Everything that was asked for is on disk (``note`` says which optional file is not): succeeded."""
        now = self.clock()
        with self.transaction() as connection:
            state = self._move(
                connection,
                Event.ARTIFACT_STORED,
                run,
                entry_id,
                status=Status.SUCCEEDED,
                cost_microusd=cost_microusd,
                note=note,
                attempt_open=0,
            )
            for artifact in stored:
                connection.execute(
                    update(artifacts)
                    .where(artifacts.c.entry_id == entry_id, artifacts.c.kind == artifact.kind)
                    .values(size_bytes=artifact.size_bytes, sha256=artifact.sha256, stored_at=now)
                )
            self._amend_attempt(
                connection,
                entry_id,
                state,
                settled_microusd=cost_microusd,
                outcome=Event.ARTIFACT_STORED,
                ended_at=now,
            )
            details = {"cost_microusd": cost_microusd, "files": [artifact.path for artifact in stored]}
            self._log(connection, run, entry_id, Event.ARTIFACT_STORED, state.attempt, details)

    def fetched_again(self, run: Run, entry_id: int, *, stored: Stored) -> None:
        """A file that was missing or altered is whole again; the entry stays as it is."""
        with self.transaction() as connection:
            state = self._move(connection, Event.FETCHED_AGAIN, run, entry_id)
            connection.execute(
                update(artifacts)
                .where(artifacts.c.entry_id == entry_id, artifacts.c.kind == stored.kind)
                .values(size_bytes=stored.size_bytes, sha256=stored.sha256, stored_at=self.clock())
            )
            self._log(connection, run, entry_id, Event.FETCHED_AGAIN, state.attempt, {"file": stored.path})

    def stored_paths(self, entry_id: int) -> dict[str, str]:
        """The file names reserved for an entry: kind → path relative to the output folder."""
        query = select(artifacts.c.kind, artifacts.c.path).where(artifacts.c.entry_id == entry_id)
        with self.transaction() as connection:
            return {row.kind: row.path for row in connection.execute(query)}

    # --- what people decide ------------------------------------------------------------------------------

    def take(self, run: Run, entry_id: int) -> None:
        """Lease one entry for a person's decision. Raises ``EventRefused`` when another run has it."""
        free = entries.c.leased_by.is_(None) | (entries.c.leased_by == str(run.owner))
        lease = {"leased_by": str(run.owner), "leased_until": self.clock() + run.lease_s}
        with self.transaction() as connection:
            taken = connection.execute(update(entries).where(entries.c.id == entry_id, free).values(**lease))
            if taken.rowcount != 1:
                raise EventRefused(f"Entry {entry_id} is in another run's hands.")

    def cancel(self, run: Run, entry_id: int, *, by: str) -> None:
        """No video is wanted from this entry any more. What was sent stays paid: the provider cannot cancel."""
        with self.transaction() as connection:
            self._end_attempt(
                Event.CANCEL,
                run,
                entry_id,
                status=Status.CANCELLED,
                error=f"cancelled by {by}",
                settled=self._released_if_unsent(connection, entry_id),
            )

    def retry(self, run: Run, entry_id: int, *, by: str) -> None:
        """A failed or cancelled entry gets a new attempt with a new key.

        Raises ``EventRefused`` also when the row has a newer entry: it was edited since.
        """
        with self.transaction() as connection:
            if connection.execute(_newer_than(entry_id)).first() is not None:
                raise EventRefused(f"{Event.RETRY} does not fit entry {entry_id}: its row was edited since.")
            state = self._move(
                connection,
                Event.RETRY,
                run,
                entry_id,
                status=Status.PENDING,
                attempt_open=0,
                tries=0,
                video_id=None,
                links=None,
                not_before=0.0,
                snoozes=0,
                missing_since=None,
                missing_times=0,
                note="",
            )
            self._log(connection, run, entry_id, Event.RETRY, state.attempt, {"by": by})

    def never_arrived(self, run: Run, entry_id: int, *, by: str) -> None:
        """A person vouches that the send never arrived: the next attempt has a new key."""
        error = f"{by} decided that it never arrived"
        self._end_attempt(Event.NEVER_ARRIVED, run, entry_id, status=Status.PENDING, error=error, settled=0)

    def abandoned(self, run: Run, entry_id: int, *, by: str) -> None:
        """A person gives the send up; it may have been paid, so its reservation counts as spent."""
        error = f"{by} gave it up; it may have been paid"
        self._end_attempt(Event.ABANDONED, run, entry_id, status=Status.FAILED, error=error, settled=None)

    def _released_if_unsent(self, connection: Connection, entry_id: int) -> int | None:
        """0 when nothing of the entry's request is at the provider, None (keep the reservation) otherwise."""
        status = connection.execute(select(entries.c.status).where(entries.c.id == entry_id)).scalar_one_or_none()
        return 0 if status == Status.PENDING else None

    # --- the one guarded step ----------------------------------------------------------------------------

    def _move(
        self,
        connection: Connection,
        event: Event,
        run: Run,
        entry_id: int,
        *,
        status: Status | None = None,
        **values: Any,
    ) -> Any:
        """The conditional UPDATE of every event; returns fingerprint, attempt and attempt_open as they are now."""
        now = self.clock()
        if status is not None:
            values |= {"status": status, "finalized_at": now if status.final else None}
            if status.final:
                values |= {"leased_by": None, "leased_until": None}
        changed = connection.execute(
            update(entries)
            .where(
                entries.c.id == entry_id,
                entries.c.status.in_(STARTS_FROM[event]),
                entries.c.leased_by == str(run.owner),
            )
            .values(updated_at=now, **values)
        )
        state = connection.execute(
            select(entries.c.fingerprint, entries.c.attempt, entries.c.attempt_open, entries.c.status).where(
                entries.c.id == entry_id
            )
        ).one_or_none()
        if changed.rowcount != 1:
            found = "gone" if state is None else state.status
            raise EventRefused(f"{event} does not fit entry {entry_id}: it is {found}, or another run has it.")
        return state

    def _end_attempt(
        self, event: Event, run: Run, entry_id: int, *, status: Status, error: str, settled: int | None
    ) -> None:
        """Close the current attempt, if one is open; ``settled`` None leaves its reservation as spent."""
        now = self.clock()
        with self.transaction() as connection:
            back = {"video_id": None, "links": None, "snoozes": 0} if status is Status.PENDING else {}
            state = self._move(
                connection, event, run, entry_id, status=status, attempt_open=0, not_before=now, note=error, **back
            )
            self._append_error(connection, entry_id, state, error)
            amount = attempts.c.reserved_microusd if settled is None else settled
            connection.execute(
                update(attempts)
                .where(*_current_attempt(entry_id, state.fingerprint, state.attempt), attempts.c.outcome.is_(None))
                .values(settled_microusd=amount, outcome=event, ended_at=now)
            )
            self._log(connection, run, entry_id, event, state.attempt, {"error": error})

    def _amend_attempt(self, connection: Connection, entry_id: int, state: Any, **values: Any) -> None:
        where = _current_attempt(entry_id, state.fingerprint, state.attempt)
        connection.execute(update(attempts).where(*where).values(**values))

    def _append_error(self, connection: Connection, entry_id: int, state: Any, error: str) -> None:
        open_attempt = (*_current_attempt(entry_id, state.fingerprint, state.attempt), attempts.c.outcome.is_(None))
        said = connection.execute(select(attempts.c.errors).where(*open_attempt)).scalar_one_or_none()
        if said is not None:
            errors = orjson.dumps([*orjson.loads(said), {"at": self.clock(), "error": error}]).decode()
            connection.execute(update(attempts).where(*open_attempt).values(errors=errors))

    def _sending(self, connection: Connection, entry_id: int) -> Sending:
        row = connection.execute(
            select(
                attempts.c.entry_id,
                attempts.c.number,
                attempts.c.idempotency_key.label("key"),
                attempts.c.body,
                attempts.c.marker,
                attempts.c.first_sent_at,
            )
            .join(entries, entries.c.id == attempts.c.entry_id)
            .where(
                entries.c.id == entry_id,
                attempts.c.fingerprint == entries.c.fingerprint,
                attempts.c.number == entries.c.attempt,
            )
        ).one()
        return Sending(**row._mapping)

    def _free_paths(
        self, connection: Connection, entry_id: int, folder: str, names: Mapping[str, Iterable[str]]
    ) -> list[dict[str, Any]]:
        """One free file name for each kind that has none yet, as rows for ``artifacts``; writes nothing."""
        mine = select(artifacts.c.kind).where(artifacts.c.entry_id == entry_id)
        reserved = set(connection.execute(mine).scalars())
        free: dict[str, dict[str, Any]] = {}
        for kind in names.keys() - reserved:
            for name in names[kind]:
                path_key = f"{folder}/{name}".casefold()
                taken = select(artifacts.c.id).where(artifacts.c.path_key == path_key)
                if path_key not in free and connection.execute(taken).first() is None:
                    free[path_key] = {"entry_id": entry_id, "kind": kind, "path": name, "path_key": path_key}
                    break
            else:
                raise EventRefused(f"No free file name for {kind} of entry {entry_id}.")
        return list(free.values())

    def _log(
        self,
        connection: Connection,
        run: Run | None,
        entry_id: int,
        event: Event,
        attempt: int | None,
        details: Mapping[str, Any],
    ) -> None:
        connection.execute(
            insert(events).values(
                entry_id=entry_id,
                run_id=run.id if run else None,
                at=self.clock(),
                event=event,
                attempt=attempt,
                details=orjson.dumps(dict(details)).decode(),
            )
        )


def _asked_by(run: Run) -> ColumnElement[bool]:
    return entries.c.asked_by == run.id


def _due(now: float) -> ColumnElement[bool]:
    """Due, or waiting longer than anything ever waits: then the clock was set back meanwhile."""
    return (entries.c.not_before <= now) | (entries.c.not_before > now + LONGEST_WAIT_S)


def _open_for(run: Run, status: Status) -> tuple[ColumnElement[bool], ...]:
    mine = (entries.c.job_id == run.job_id, entries.c.status == status)
    return (*mine, _asked_by(run)) if status is Status.PENDING else mine


def _newer_than(entry_id: int) -> Select[Any]:
    """The entries that the row of ``entry_id`` got after it."""
    old = entries.alias()
    same_row = (entries.c.job_id == old.c.job_id) & (entries.c.row_id == old.c.row_id)
    return select(entries.c.id).join(old, same_row).where(old.c.id == entry_id, entries.c.id > old.c.id)


def _current_attempt(entry_id: int, fingerprint: str, number: int) -> tuple[Any, ...]:
    return (
        attempts.c.entry_id == entry_id,
        attempts.c.fingerprint == fingerprint,
        attempts.c.number == number,
    )
