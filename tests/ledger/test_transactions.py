"""Grouped commits: one refused event leaves its neighbours whole, a failed commit leaves nothing."""

from __future__ import annotations

import pytest

from batchgen.errors import EventRefused, LedgerUnavailable
from batchgen.ledger import Status
from tests.ledger.book import Book, request


def test_a_refused_event_leaves_its_neighbours_in_the_group_whole(book: Book) -> None:
    first = book.brought_to(Status.SUBMITTING, request("A-1"))
    wrong = book.brought_to(Status.PENDING, request("A-2"))
    last = book.brought_to(Status.SUBMITTING, request("A-3"))
    untouched = book.sql("SELECT * FROM entries WHERE row_id = 'A-2'")
    with book.ledger.transaction():
        book.accepted(first, "v1")
        with pytest.raises(EventRefused):
            book.accepted(wrong, "v2")
        book.accepted(last, "v3")
    assert [row["status"] for row in book.dump()["entries"]] == ["rendering", "pending", "rendering"]
    assert book.sql("SELECT * FROM entries WHERE row_id = 'A-2'") == untouched


def test_nothing_of_a_group_is_seen_before_its_commit(book: Book) -> None:
    entry = book.brought_to(Status.SUBMITTING)
    with book.ledger.transaction():
        book.accepted(entry)
        assert book.column("status") == "submitting"
    assert book.column("status") == "rendering"


def test_an_error_in_a_group_leaves_nothing_of_it(book: Book) -> None:
    entry = book.brought_to(Status.SUBMITTING)
    before = book.dump()
    with pytest.raises(ZeroDivisionError), book.ledger.transaction():
        book.accepted(entry)
        _ = 1 / 0
    assert book.dump() == before


def test_a_failed_commit_leaves_nothing_and_the_ledger_goes_on(book: Book) -> None:
    entry = book.brought_to(Status.SUBMITTING)
    before = book.dump()
    with pytest.raises(LedgerUnavailable), book.ledger.transaction() as connection:
        book.accepted(entry)
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql("INSERT INTO events (entry_id, at, event, details) VALUES (99, 1, 'x', '{}')")
    assert book.dump() == before
    book.accepted(entry)
    assert book.column("status") == "rendering"


def test_a_full_disk_leaves_nothing_and_says_what_to_do(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    before = book.dump()
    with book.ledger.transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with book.ledger.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerUnavailable, match=r"full.*Make room on the disk"):
        book.begun(entry, body_with=lambda _: b"x" * 10_000_000)
    assert book.dump() == before
