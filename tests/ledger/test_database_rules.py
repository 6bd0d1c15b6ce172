"""The database refuses by itself what the code must never do: another program, or a mistake of ours, cannot either."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from batchgen.ledger import Status
from tests.ledger.book import Book, request


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("status = 'processing'", id="a status that is not in the list"),
        pytest.param("status = 'failed'", id="a final status without the time it became final"),
        pytest.param("finalized_at = 1", id="a time of becoming final without a final status"),
        pytest.param("status = 'rendering'", id="rendering without a video"),
        pytest.param("status = 'rendered'", id="rendered without a video"),
        pytest.param("status = 'succeeded', finalized_at = 1", id="succeeded without a video"),
        pytest.param("leased_by = 'me'", id="a claim without an end"),
        pytest.param("superseded_at = 1", id="set aside while not final"),
        pytest.param("job_id = 99", id="an entry of no job"),
        pytest.param("fingerprint = NULL", id="an entry of no request"),
    ],
)
def test_an_entry_cannot_be(book: Book, change: str) -> None:
    book.record()
    before = book.dump()
    with pytest.raises(sqlite3.IntegrityError):
        book.sql(f"UPDATE entries SET {change}")
    assert book.dump() == before


@pytest.mark.parametrize("status", [status for status in Status if status not in (Status.FAILED, Status.CANCELLED)])
def test_a_row_has_at_most_one_live_entry(book: Book, status: Status) -> None:
    book.brought_to(status)
    columns = ", ".join(row["name"] for row in book.sql("PRAGMA table_info(entries)") if row["name"] != "id")
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE constraint failed: entries.job_id, entries.row_id"):
        book.sql(f"INSERT INTO entries ({columns}) SELECT {columns} FROM entries")


def test_a_row_may_have_a_new_entry_beside_a_failed_one(book: Book) -> None:
    book.brought_to(Status.FAILED)
    book.record(request(fingerprint="f2"))
    assert [row["status"] for row in book.sql("SELECT status FROM entries ORDER BY id")] == ["failed", "pending"]


@pytest.mark.parametrize("statement", ["UPDATE events SET details = '{}'", "DELETE FROM events"])
def test_what_happened_is_never_rewritten(book: Book, statement: str) -> None:
    book.record()
    before = book.dump()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        book.sql(statement)
    assert book.dump() == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("number = 0", id="numbered below 1"),
        pytest.param("outcome = 'accepted'", id="over without a time"),
        pytest.param("ended_at = 1", id="over without an outcome"),
        pytest.param("entry_id = 99", id="of no entry"),
    ],
)
def test_an_attempt_cannot_be(book: Book, change: str) -> None:
    book.brought_to(Status.SUBMITTING)
    with pytest.raises(sqlite3.IntegrityError):
        book.sql(f"UPDATE attempts SET {change}")


def test_no_two_attempts_share_a_key(book: Book) -> None:
    book.brought_to(Status.SUBMITTING, request("A-1"))
    book.brought_to(Status.SUBMITTING, request("A-2"))
    with pytest.raises(sqlite3.IntegrityError, match="idempotency_key"):
        book.sql("UPDATE attempts SET idempotency_key = 'same'")


def test_no_two_files_share_a_place(book: Book) -> None:
    book.brought_to(Status.RENDERED, request("A-1"))
    book.brought_to(Status.RENDERED, request("A-2"))
    with pytest.raises(sqlite3.IntegrityError, match="path_key"):
        book.sql("UPDATE artifacts SET path_key = 'same'")


def test_a_ledger_belongs_to_one_provider_only(book: Book) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        book.sql("INSERT INTO ledgers (id, provider, created_at) VALUES (2, 'https://other.example', 1)")


def test_a_job_is_held_with_an_end_or_not_at_all(book: Book) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        book.sql("UPDATE jobs SET held_until = NULL")


def test_every_connection_writes_durably(book: Book) -> None:
    """A commit that returned survives a power cut: WAL with synchronous=FULL (2), on each pooled connection."""
    together = Barrier(4)

    def settings(_: int) -> tuple[object, ...]:
        with book.ledger.engine.connect().execution_options(batchgen_reads=True) as connection:
            together.wait(timeout=10)
            return tuple(
                connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            )

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(settings, range(4))) == {("wal", 2, 1)}


def test_the_settings_hold_again_after_the_ledger_is_opened_anew(book: Book) -> None:
    again = Book.open(book.path, clock=book.clock, job="another")
    try:
        with again.ledger.transaction() as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
            assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    finally:
        again.ledger.close()


def test_the_database_is_sound_after_a_whole_life(book: Book) -> None:
    for number, status in enumerate(Status):
        book.brought_to(status, request(f"A-{number}"))
    assert book.sql("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert book.sql("PRAGMA foreign_key_check") == []
