"""What the ledger keeps of sealed plans and approvals: a plan begins one run, and only in the ledger that it saw."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.errors import JobHeld
from batchgen.ledger import (
    NOTHING_YET,
    Generation,
    Owner,
    Queries,
    Run,
    Status,
    approve_template,
    begin_planned_run,
    begin_run,
    end_run,
)
from tests.ledger.book import FOLDER, JOB, Book, request


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book.fresh(tmp_path / "ledger.db")


def queries(book: Book) -> Queries:
    return Queries(book.ledger.engine)


def generation(book: Book, job: str = JOB) -> Generation:
    return queries(book).generation(job)


def planned_run(book: Book, seen: Generation, plan_id: str = "plan-1") -> Run | None:
    return begin_planned_run(book.ledger, JOB, Owner.this_process(), plan_id=plan_id, generation=seen)


def test_a_job_that_the_ledger_never_heard_of_stands_where_one_without_a_ledger_does(book: Book) -> None:
    assert generation(book, "another job") == generation(book) == NOTHING_YET


MOVED = (Status.SUBMITTING, Status.IN_DOUBT, Status.FAILED, Status.RENDERING, Status.RENDERED, Status.SUCCEEDED)


@pytest.mark.parametrize("status", MOVED)
def test_whatever_happens_to_a_row_moves_the_job_on(book: Book, status: Status) -> None:
    entry = book.brought_to(Status.PENDING)
    before = generation(book)
    book.move(entry, status)
    assert generation(book) != before
    assert generation(book).ledger == before.ledger is not None


def test_runs_that_change_nothing_and_other_jobs_do_not_move_it_on(book: Book) -> None:
    book.brought_to(Status.SUCCEEDED)
    end_run(book.ledger, book.run, {})
    before = generation(book)
    end_run(book.ledger, begin_run(book.ledger, JOB, Owner.this_process()), {})
    other = begin_run(book.ledger, "another job", Owner.this_process())
    Book(book.path, book.clock, book.ledger, other).brought_to(Status.RENDERING, request("B-1"))
    assert generation(book) == before
    assert generation(book, "another job") != before


def test_a_file_that_an_audit_fetched_again_does_not_move_it_on(book: Book) -> None:
    entry = book.brought_to(Status.SUCCEEDED)
    before = generation(book)
    book.sql("INSERT INTO events (entry_id, at, event, details) VALUES (?, 1, 'fetched_again', '{}')", entry.id)
    assert generation(book) == before


def test_files_that_come_after_success_do_not_move_it_on(book: Book) -> None:
    entry = book.brought_to(Status.SUCCEEDED)
    before = generation(book)
    book.ledger.files_wanted(book.run, entry.id, folder=FOLDER, names={"gif": ["a.gif"]})
    book.ledger.name_taken(book.run, entry.id, kind="gif", folder=FOLDER, names=["b.gif"])
    book.ledger.files_added(book.run, entry.id, stored=[], note="not available: gif")
    assert generation(book) == before


def test_a_plan_begins_one_run_and_no_second_one(book: Book) -> None:
    end_run(book.ledger, book.run, {})
    run = planned_run(book, NOTHING_YET)
    assert run is not None
    use = queries(book).plan_use("plan-1")
    assert use is not None
    assert use.run == run.id
    end_run(book.ledger, run, {})
    assert planned_run(book, NOTHING_YET) is None
    assert planned_run(book, NOTHING_YET, "plan-2") is not None


def test_a_plan_is_not_used_up_when_the_ledger_moved_on(book: Book) -> None:
    seen = generation(book)
    book.record(request())
    end_run(book.ledger, book.run, {})
    before = book.dump()
    assert planned_run(book, seen) is None
    assert book.dump() == before


def test_a_plan_is_not_used_up_while_another_run_holds_the_job(book: Book) -> None:
    with pytest.raises(JobHeld):
        planned_run(book, NOTHING_YET)
    assert queries(book).plan_use("plan-1") is None


def test_what_a_dead_run_was_sending_is_put_in_doubt_by_the_planned_run_too(book: Book) -> None:
    entry = book.brought_to(Status.SUBMITTING)
    seen = generation(book)
    book.sql("UPDATE jobs SET held_until = 0")
    assert planned_run(book, seen) is not None
    assert book.column("status", entry.row_id) == "in_doubt"


def test_an_approval_says_who_and_when_and_holds_for_that_template_of_that_job_only(book: Book) -> None:
    approved = approve_template(book.ledger, JOB, "digest", by="ines@office")
    assert (approved.by, approved.at) == ("ines@office", book.clock.now)
    book.clock.now += 60
    assert approve_template(book.ledger, JOB, "digest", by="jun@home") == approved
    assert queries(book).approval(JOB, "digest") == approved
    assert queries(book).approval(JOB, "another digest") is None
    assert queries(book).approval("another job", "digest") is None
