"""A batch in the ledger: its own key and bytes, and which attempt stands in which place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batchgen.errors import EventRefused
from batchgen.ledger import Batch, Entry, Intent, Owner, Sending, Status, begin_run
from tests.ledger.book import JOB, OTHER_HOST, Book, body_with, request


def begun(book: Book, *row_ids: str) -> tuple[list[Entry], list[Sending], Batch]:
    """Rows whose intents are written down as one batch."""
    book.record(*(request(row_id, number=number) for number, row_id in enumerate(row_ids, start=2)))
    entries = book.claimed(Status.PENDING, limit=len(row_ids))
    with book.ledger.transaction():
        intents = [Intent(entry=entry, body_with=body_with, reserve_microusd=1) for entry in entries]
        sendings = book.ledger.begin_submissions(book.run, intents)
        batch = book.ledger.begin_batch(book.run, sendings)
    return entries, sendings, batch


def test_a_batch_holds_the_very_bytes_of_its_items_in_their_order(book: Book) -> None:
    _, sendings, batch = begun(book, "A", "B")
    assert batch.body == b'{"videos":[' + sendings[0].body + b"," + sendings[1].body + b"]}"
    (stored,) = book.sql("SELECT * FROM batches")
    assert (stored["key"], stored["body"]) == (batch.key, batch.body)
    assert [attempt["batch_index"] for attempt in book.attempts()] == [0, 1]


def test_a_lost_batch_is_found_again_by_each_of_its_entries(book: Book) -> None:
    entries, _, batch = begun(book, "A", "B")
    for entry in entries:
        book.lost(entry)
    for entry in entries:
        assert book.ledger.batch_of(entry.id) == batch


def test_a_batch_of_which_a_person_gave_up_an_item_is_not_whole_any_more(book: Book) -> None:
    entries, _, _ = begun(book, "A", "B")
    for entry in entries:
        book.lost(entry)
    book.ledger.abandoned(book.run, entries[0].id, by="anna")
    found = book.ledger.batch_of(entries[1].id)
    assert found is not None
    assert not found.is_whole


def lost(book: Book) -> tuple[list[Entry], Batch]:
    entries, _, batch = begun(book, "A-1", "A-2")
    for entry in entries:
        book.lost(entry)
    book.claimed(Status.IN_DOUBT, 2)
    return entries, batch


def test_a_batch_is_not_sent_again_by_a_run_that_slept_while_another_took_the_job(book: Book) -> None:
    entries, batch = lost(book)
    book.clock.advance(book.run.lease_s + 1)
    book.sql("UPDATE jobs SET held_by = ?, held_until = ?", str(OTHER_HOST), book.clock.now - 1)  # not surely alive
    other = begin_run(book.ledger, JOB, Owner.this_process())
    for entry in entries:
        book.ledger.take(other, entry.id)
        book.ledger.never_arrived(other, entry.id, by="anna")
    asleep = replace(other, owner=OTHER_HOST)
    before = book.dump()
    with pytest.raises(EventRefused, match="taken over by another run"):
        book.ledger.batch_sent_again(asleep, batch)
    with pytest.raises(EventRefused, match="not all of it is in doubt"):
        book.ledger.batch_sent_again(other, batch)
    assert book.dump() == before


def test_what_was_surely_not_processed_leaves_its_batch(book: Book) -> None:
    entries, sendings, first = begun(book, "A", "B")
    for entry in entries:
        book.deferred(entry)
    assert book.ledger.batch_of(entries[0].id) is None
    entries = book.claimed(Status.PENDING, limit=2)
    with book.ledger.transaction():
        intents = [Intent(entry=entry, body_with=body_with, reserve_microusd=1) for entry in entries]
        again = book.ledger.begin_submissions(book.run, intents)
        second = book.ledger.begin_batch(book.run, again)
    assert [sending.body for sending in again] == [sending.body for sending in sendings]
    assert second.key != first.key


def test_the_providers_name_of_a_batch_is_kept(book: Book) -> None:
    entries, _, batch = begun(book, "A", "B")
    ids = [entry.id for entry in entries]
    book.ledger.batch_taken(book.run, batch, ids, named="batch_1", look_at=book.clock.now)
    found = book.ledger.batch_of(ids[1])
    assert found is not None
    assert found.provider_batch_id == "batch_1"
    assert [entry.status for entry in book.claimed(Status.IN_DOUBT, limit=2)] == [Status.IN_DOUBT] * 2
