"""What counts into a budget: settled and reserved money of every attempt, over runs and over jobs that share it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from batchgen.ledger import Ledger, Queries, Status, committed_microusd, join_budget
from batchgen.ledger.migrations import upgrade
from tests.ledger.book import ESTIMATE, JOB, PROVIDER, Book, request

MADE_BY_0001 = (
    "INSERT INTO jobs (id, name, created_at) VALUES (7, 'welcome', 1)",
    "INSERT INTO entries (id, job_id, row_id, row_number, fingerprint, request, file_stem, estimate_microusd, status,"
    " attempt, attempt_open, tries, note, not_before, snoozes, missing_times, created_at, updated_at, finalized_at)"
    " VALUES (3, 7, 'A-1', 2, 'f', x'7b7d', 'a', 5, 'failed', 1, 0, 1, '', 0, 0, 0, 1, 1, 1)",
    "INSERT INTO attempts (id, entry_id, fingerprint, number, idempotency_key, body, marker, provider, begun_at, sends,"
    " reserved_microusd, errors) VALUES (1, 3, 'f', 1, 'k', x'7b7d', 'm', 'p', 1, 1, 42, '[]')",
)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book.fresh(tmp_path / "ledger.db")


def committed(book: Book, shared: str | None = None) -> int:
    with book.ledger.transaction() as connection:
        return committed_microusd(connection, book.run.job, shared)


@pytest.mark.parametrize(
    ("status", "counted"),
    [
        (Status.PENDING, 0),
        (Status.SUBMITTING, ESTIMATE),
        (Status.IN_DOUBT, ESTIMATE),
        (Status.FAILED, 0),  # rejected: the reservation is released
        (Status.RENDERING, ESTIMATE),
        (Status.RENDERED, ESTIMATE),
        (Status.SUCCEEDED, 800_000),  # settled at the true length
    ],
)
def test_what_is_reserved_counts_until_it_is_settled(book: Book, status: Status, counted: int) -> None:
    book.brought_to(status)
    assert committed(book) == counted


def test_a_deferred_create_reserves_nothing_until_it_begins_again(book: Book) -> None:
    entry = book.brought_to(Status.SUBMITTING)
    book.deferred(entry)
    assert committed(book) == 0
    book.begun(book.taken(Status.PENDING), reserve=5)
    assert committed(book) == 5


def test_jobs_of_one_budget_count_together_and_others_do_not(book: Book) -> None:
    book.brought_to(Status.RENDERING)
    for name, joins in (("second", "spring"), ("third", None)):
        other = Book.open(book.path, job=name)
        join_budget(other.ledger, other.run, joins)
        other.brought_to(Status.RENDERING, request("B-1"))
        other.ledger.close()
    assert committed(book) == ESTIMATE
    assert committed(book, "spring") == 2 * ESTIMATE
    queries = Queries(book.ledger.engine)
    assert queries.committed_microusd(JOB, "spring") == 2 * ESTIMATE
    assert queries.committed_microusd("a job that never ran", "spring") == ESTIMATE


def test_a_job_leaves_a_budget_that_it_names_no_more(book: Book) -> None:
    book.brought_to(Status.RENDERING)
    join_budget(book.ledger, book.run, "spring")
    join_budget(book.ledger, book.run, None)
    assert Queries(book.ledger.engine).committed_microusd("another", "spring") == 0


def test_entries_that_cost_more_than_is_left_are_passed_over(book: Book) -> None:
    book.record(request("A-1"), request("B-1", "f2", number=3))
    book.sql("UPDATE entries SET estimate_microusd = 2000000 WHERE row_id = 'A-1'")
    taken = book.ledger.claim(book.run, Status.PENDING, limit=5, affordable_microusd=ESTIMATE)
    assert [entry.row_id for entry in taken] == ["B-1"]
    waiting = book.ledger.waiting_estimates(book.run)
    assert (waiting.rows, waiting.cheapest, waiting.total) == (2, ESTIMATE, 2_000_000 + ESTIMATE)


def test_an_estimate_is_brought_up_to_date_when_the_row_is_recorded_again(book: Book) -> None:
    book.record(request())
    book.sql("UPDATE entries SET estimate_microusd = 1")
    book.record(request())
    assert book.column("estimate_microusd") == ESTIMATE


def test_a_ledger_from_before_budgets_is_brought_over_with_its_money(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection, "0001")
        for statement in MADE_BY_0001:
            connection.exec_driver_sql(statement)
    engine.dispose()
    ledger = Ledger(path, provider=PROVIDER)
    with ledger.transaction() as connection:
        assert committed_microusd(connection, "welcome", None) == 42
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    ledger.close()
