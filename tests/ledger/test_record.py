"""Reading the sheet again never silently changes what was promised."""

from __future__ import annotations

import pytest

from batchgen.errors import EventRefused
from batchgen.ledger import Owner, Queries, Reaction, Status, begin_run, end_run, reaction, record, rename_rows
from tests.ledger.book import JOB, Book, request

DIFFERENT = {
    Status.PENDING: Reaction.SUPERSEDE,
    Status.SUBMITTING: Reaction.CHANGED,
    Status.IN_DOUBT: Reaction.CHANGED,
    Status.RENDERING: Reaction.CHANGED,
    Status.RENDERED: Reaction.CHANGED,
    Status.SUCCEEDED: Reaction.CHANGED,
    Status.FAILED: Reaction.RECORD,
    Status.CANCELLED: Reaction.KEEP,
}
BESIDES = ("row_number", "asked_by")  # what reading a sheet notes of every row that it still holds


def entries_without(book: Book, *columns: str) -> list[dict[str, object]]:
    return [{key: value for key, value in row.items() if key not in columns} for row in book.dump()["entries"]]


@pytest.mark.parametrize("status", Status)
def test_the_same_request_again_changes_nothing(book: Book, status: Status) -> None:
    book.brought_to(status)
    before, events = entries_without(book, *BESIDES), book.dump()["events"]
    assert record(book.ledger, book.run, [request()]) == {Reaction.KEEP: 1}
    assert entries_without(book, *BESIDES) == before
    assert book.dump()["events"] == events
    assert reaction(status, same_request=True) is Reaction.KEEP


@pytest.mark.parametrize("status", Status)
def test_an_edited_row_is_taken_as_its_entry_allows(book: Book, status: Status) -> None:
    book.brought_to(status)
    before = entries_without(book, *BESIDES)
    what = DIFFERENT[status]
    assert record(book.ledger, book.run, [request(fingerprint="edited")]) == {what: 1}
    after = entries_without(book, *BESIDES)
    match what:
        case Reaction.KEEP | Reaction.CHANGED:
            assert after == before
        case Reaction.SUPERSEDE:
            assert [row["fingerprint"] for row in after] == ["edited"]
            assert after[0]["status"] == "pending"
            assert book.dump()["events"][-1]["event"] == "superseded"
        case Reaction.RECORD:
            assert after[0] == before[0]
            assert (after[1]["fingerprint"], after[1]["status"], after[1]["attempt"]) == ("edited", "pending", 0)
            assert book.dump()["events"][-1]["event"] == "recorded"


def test_what_a_superseded_request_had_reserved_is_released(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    book.begun(entry)
    book.deferred(entry)
    book.record(request(fingerprint="edited"))
    (attempt,) = book.attempts()
    assert (attempt["outcome"], attempt["settled_microusd"]) == ("superseded", 0)
    assert book.column("not_before") == 0.0


def test_a_succeeded_row_is_rendered_anew_only_when_asked_for(book: Book) -> None:
    book.brought_to(Status.SUCCEEDED)
    edited = [request(fingerprint="edited")]
    assert record(book.ledger, book.run, edited, rerender=frozenset({"B-9"})) == {Reaction.CHANGED: 1}
    assert record(book.ledger, book.run, edited, rerender=frozenset({"A-1"})) == {Reaction.RECORD: 1}
    old, new = book.sql("SELECT status, superseded_at, fingerprint FROM entries ORDER BY id")
    assert (old["status"], old["superseded_at"]) == ("succeeded", book.clock.now)
    assert (new["status"], new["fingerprint"]) == ("pending", "edited")


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.IN_DOUBT, Status.RENDERING, Status.RENDERED])
def test_what_is_under_way_is_never_rendered_beside_itself(book: Book, status: Status) -> None:
    book.brought_to(status)
    edited = [request(fingerprint="edited")]
    assert record(book.ledger, book.run, edited, rerender=frozenset({"A-1"})) == {Reaction.CHANGED: 1}
    assert len(book.dump()["entries"]) == 1


def test_an_unchanged_succeeded_row_is_not_rendered_anew_even_when_asked_for(book: Book) -> None:
    book.brought_to(Status.SUCCEEDED)
    assert record(book.ledger, book.run, [request()], rerender=frozenset({"A-1"})) == {Reaction.KEEP: 1}


def replaced(book: Book) -> None:
    """A row has a video, was edited, and the edited request waits in place of the first one."""
    book.brought_to(Status.SUCCEEDED)
    record(book.ledger, book.run, [request(fingerprint="edited")], rerender=frozenset({"A-1"}))


def counts(book: Book) -> tuple[str, str]:
    """Fingerprint and status of the entry that plans and sheets see."""
    known = Queries(book.ledger.engine).known(JOB)["A-1"]
    return known.fingerprint, known.status


def test_an_edit_that_is_taken_back_before_it_was_sent_costs_nothing(book: Book) -> None:
    replaced(book)
    entry = book.taken(Status.PENDING)
    book.begun(entry)
    book.deferred(entry)
    assert Queries(book.ledger.engine).known(JOB)["A-1"].has_videos_of == {request().fingerprint}
    assert record(book.ledger, book.run, [request(number=8)]) == {Reaction.REINSTATE: 1}
    assert counts(book) == (request().fingerprint, Status.SUCCEEDED)
    assert book.sql("SELECT status, superseded_at, row_number FROM entries ORDER BY id") == [
        {"status": "succeeded", "superseded_at": None, "row_number": 8},
        {"status": "cancelled", "superseded_at": book.clock.now, "row_number": 2},
    ]
    assert [(attempt["outcome"], attempt["settled_microusd"] == 0) for attempt in book.attempts()][1:] == [
        ("superseded", True)
    ]
    assert record(book.ledger, book.run, [request()]) == {Reaction.KEEP: 1}
    assert book.claimed(Status.PENDING) == []


def test_an_edit_that_failed_and_is_taken_back_leaves_the_video_that_is_there(book: Book) -> None:
    replaced(book)
    entry = book.taken(Status.PENDING)
    book.begun(entry)
    book.ledger.submission_rejected(book.run, entry.id, error="no")
    assert counts(book) == ("edited", Status.FAILED)
    assert record(book.ledger, book.run, [request()]) == {Reaction.REINSTATE: 1}
    assert counts(book) == (request().fingerprint, Status.SUCCEEDED)
    book.ledger.take(book.run, entry.id)
    with pytest.raises(EventRefused, match="its row was edited since"):
        book.ledger.retry(book.run, entry.id, by="anna")


def test_a_row_whose_edit_was_taken_back_can_be_edited_again(book: Book) -> None:
    replaced(book)
    book.record(request())
    again = [request(fingerprint="edited")]
    assert record(book.ledger, book.run, again) == {Reaction.CHANGED: 1}
    assert record(book.ledger, book.run, again, rerender=frozenset({"A-1"})) == {Reaction.RECORD: 1}
    assert counts(book) == ("edited", Status.PENDING)


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.IN_DOUBT, Status.RENDERING, Status.RENDERED])
def test_an_edit_that_is_taken_back_too_late_runs_to_its_end(book: Book, status: Status) -> None:
    replaced(book)
    book.move(book.taken(Status.PENDING), status)
    assert record(book.ledger, book.run, [request()]) == {Reaction.CHANGED: 1}


def test_row_numbers_follow_the_sheet(book: Book) -> None:
    book.record(request("A-1", number=2), request("A-2", number=3))
    book.record(request("A-2", number=2), request("A-1", number=7))
    assert (book.column("row_number", "A-1"), book.column("row_number", "A-2")) == (7, 2)


def test_the_row_number_of_a_changed_row_follows_too(book: Book) -> None:
    book.brought_to(Status.RENDERING)
    book.record(request(fingerprint="edited", number=9))
    assert book.column("row_number") == 9


def test_5001_rows_are_recorded_in_one_go_and_again_without_effect(book: Book) -> None:
    """More than one group, and more than one database statement can take as parameters."""
    rows = [request(f"A-{number}", f"f{number}", number=number) for number in range(2, 5_003)]
    assert record(book.ledger, book.run, iter(rows)) == {Reaction.RECORD: 5_001}
    assert book.sql("SELECT count(*) AS n FROM entries")[0]["n"] == 5_001
    logged = book.sql("SELECT count(DISTINCT entry_id) AS n, count(*) AS m FROM events WHERE event = 'recorded'")
    assert logged == [{"n": 5_001, "m": 5_001}]
    assert record(book.ledger, book.run, reversed(rows)) == {Reaction.KEEP: 5_001}
    assert book.sql("SELECT count(*) AS n FROM entries")[0]["n"] == 5_001


def test_two_jobs_in_one_ledger_do_not_see_each_other(book: Book) -> None:
    other = Book.open(book.path, clock=book.clock, job="another")
    try:
        book.brought_to(Status.RENDERING, request("A-1", "f1"))
        assert record(other.ledger, other.run, [request("A-1", "f2")]) == {Reaction.RECORD: 1}
        assert other.claimed(Status.RENDERING, 10) == []
        assert [entry.fingerprint for entry in other.claimed(Status.PENDING, 10)] == ["f2"]
        assert book.claimed(Status.PENDING, 10) == []
        assert other.ledger.open_work(other.run) == {Status.PENDING: 1}
        assert book.ledger.open_work(book.run) == {Status.RENDERING: 1}
        assert other.ledger.progress(other.run) == {Status.PENDING: 1}
    finally:
        other.ledger.close()


def test_a_run_counts_only_the_rows_that_its_own_sheet_asks_for(book: Book) -> None:
    book.brought_to(Status.SUCCEEDED, request("gone"))
    book.record(request("A-1"))
    end_run(book.ledger, book.run, {})
    run = begin_run(book.ledger, "welcome", book.run.owner)
    record(book.ledger, run, [request("A-1")])
    assert book.ledger.progress(run) == {Status.PENDING: 1}


def test_a_cancelled_row_that_was_edited_is_not_sent_as_it_was_when_it_is_retried_meanwhile(book: Book) -> None:
    book.brought_to(Status.CANCELLED, request(fingerprint="old"))
    book.record(request(fingerprint="new"))
    asked = book.column("asked_by")
    end_run(book.ledger, book.run, {})
    book.run = begin_run(book.ledger, JOB, Owner.this_process())
    book.record(request(fingerprint="new"))
    book.ledger.take(book.run, 1)
    book.ledger.retry(book.run, 1, by="anna")
    assert (book.column("asked_by"), book.column("fingerprint")) == (asked, "old")
    assert book.claimed(Status.PENDING) == []


def test_rows_keep_everything_under_a_new_id(book: Book) -> None:
    book.brought_to(Status.SUCCEEDED, request("ab#1"))
    rename_rows(book.ledger, book.run, {"ab#1": "A-1"})
    assert book.column("row_id") == "A-1"
    assert book.column("status") == "succeeded"
    assert book.dump()["events"][-1]["event"] == "renamed"
    book.record(request("A-1"))
    assert len(book.dump()["entries"]) == 1


def test_a_row_that_waits_is_still_due_under_its_new_id_when_the_clock_was_set_back(book: Book) -> None:
    book.brought_to(Status.RENDERING, request("ab#1"))
    book.clock.advance(-30 * 3600)
    rename_rows(book.ledger, book.run, {"ab#1": "A-1"})
    assert [entry.row_id for entry in book.claimed(Status.RENDERING)] == ["A-1"]
