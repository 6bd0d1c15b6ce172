"""What people decide about an entry."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from batchgen.errors import EventRefused
from batchgen.ledger.facts import Run
from batchgen.ledger.status import Event, Status
from batchgen.ledger.steps import Steps
from batchgen.ledger.tables import entries


class Deciding(Steps):
    """The events that only a person causes."""

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
            if self._has_newer(connection, entry_id):
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
