"""Creates of several rows at once: the batch itself is written down, and which attempt is which of its items."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import bindparam, func, insert, select, update

from batchgen.errors import EventRefused
from batchgen.ledger.facts import Run, Sending
from batchgen.ledger.status import Event, Status
from batchgen.ledger.steps import Steps
from batchgen.ledger.tables import IS_CURRENT, attempts, batches, entries, jobs

OF_BATCH = (
    select(entries.c.id, entries.c.status, attempts.c.batch_index, attempts.c.outcome)
    .join(entries, entries.c.id == attempts.c.entry_id)
    .where(attempts.c.batch_id == bindparam("of_batch"))
)
NUMBERS_OF_BATCH = select(attempts.c.entry_id, attempts.c.number).where(attempts.c.batch_id == bindparam("of_batch"))
BATCH_OF = (
    select(batches)
    .join(attempts, attempts.c.batch_id == batches.c.id)
    .join(entries, IS_CURRENT)
    .where(entries.c.id == bindparam("of_entry"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One create of several rows. Whatever is sent again is this body under this key, unchanged.

    ``places`` maps entries to the index of their item. ``is_whole``: every item still waits for its answer; if not, a
    person gave one up, and the batch as a whole must not go out again: it would order that one, too.
    """

    id: int
    key: str
    body: bytes
    first_sent_at: float
    provider_batch_id: str | None
    places: Mapping[int, int]
    is_whole: bool


class Batching(Steps):
    """The events of a batch. Its items are attempts, with events of their own."""

    def begin_batch(self, run: Run, sendings: Sequence[Sending]) -> Batch:
        """Write down that these attempts go out together, in this order, within the transaction of their intents."""
        now, places = self.clock(), {sending.entry_id: index for index, sending in enumerate(sendings)}
        body = b'{"videos":[' + b",".join(sending.body for sending in sendings) + b"]}"
        with self.transaction() as connection:
            number = (connection.execute(select(func.max(batches.c.id))).scalar_one() or 0) + 1
            key = _key(run, number, sendings)
            row = {"job_id": run.job_id, "key": key, "body": body, "provider": self.provider}
            connection.execute(insert(batches).values(id=number, **row, first_sent_at=now, sends=1))
            for sending in sendings:
                of_attempt = (attempts.c.entry_id == sending.entry_id, attempts.c.idempotency_key == sending.key)
                place = {"batch_id": number, "batch_index": places[sending.entry_id]}
                connection.execute(update(attempts).where(*of_attempt).values(**place))
        return Batch(
            id=number, key=key, body=body, first_sent_at=now, provider_batch_id=None, places=places, is_whole=True
        )

    def batch_of(self, entry_id: int) -> Batch | None:
        """The batch in which the entry's current attempt was sent; None: it was sent by itself."""
        with self.transaction() as connection:
            row = connection.execute(BATCH_OF, {"of_entry": entry_id}).one_or_none()
            if row is None:
                return None
            items = connection.execute(OF_BATCH, {"of_batch": row.id}).all()
        return Batch(
            id=row.id,
            key=row.key,
            body=row.body,
            first_sent_at=row.first_sent_at,
            provider_batch_id=row.provider_batch_id,
            places={item.id: item.batch_index for item in items},
            is_whole=_is_whole(items),
        )

    def batch_sent_again(self, run: Run, batch: Batch) -> None:
        """The whole batch is about to go out once more: `sent_again` for each of its items.

        Raises ``EventRefused`` when another run has the job by now, or somebody gave an item up meanwhile.
        """
        with self.transaction() as connection:
            held = select(jobs.c.id).where(jobs.c.id == run.job_id, jobs.c.held_by == str(run.owner))
            if connection.execute(held).one_or_none() is None:
                raise EventRefused(f'The job "{run.job}" was taken over by another run.')
            if not _is_whole(connection.execute(OF_BATCH, {"of_batch": batch.id}).all()):
                raise EventRefused(f"{Event.SENT_AGAIN} does not fit batch {batch.id}: not all of it is in doubt.")
            again = update(batches).where(batches.c.id == batch.id)
            connection.execute(again.values(sends=batches.c.sends + 1))
            numbers = connection.execute(NUMBERS_OF_BATCH, {"of_batch": batch.id}).all()
            self._log_all(connection, run, Event.SENT_AGAIN, [(row.entry_id, row.number, {}) for row in numbers])

    def batch_taken(self, run: Run, batch: Batch, entry_ids: Sequence[int], *, named: str, look_at: float) -> None:
        """The provider took the batch and calls it ``named``. What became of each item is still to be asked for."""
        note = f"the provider took it in batch {named}; its video id is still to come"
        with self.transaction() as connection:
            connection.execute(update(batches).where(batches.c.id == batch.id).values(provider_batch_id=named))
            states = self._move_all(
                connection,
                Event.BATCH_TAKEN,
                run,
                entry_ids,
                status=Status.IN_DOUBT,
                not_before=look_at,
                note=note,
                snoozes=0,
            )
            details = [(id_, {"batch": named, "item": batch.places[id_]}) for id_ in entry_ids]
            self._log_all(
                connection, run, Event.BATCH_TAKEN, [(id_, states[id_].attempt, told) for id_, told in details]
            )


def _is_whole(items: Sequence[Any]) -> bool:
    return all(item.outcome is None and item.status == Status.IN_DOUBT for item in items)


def _key(run: Run, number: int, sendings: Sequence[Sending]) -> str:
    """One key for the whole batch; never that of another one, and the same for no other items or order."""
    digest = hashlib.sha256(orjson.dumps([run.job, number, [sending.key for sending in sendings]])).hexdigest()
    return f"batchgen-batch-{digest[:40]}"
