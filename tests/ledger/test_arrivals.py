"""Messages of the provider: written down once, heeded by the run that holds the job, never believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batchgen.ledger import (
    Arrival,
    Ledger,
    Status,
    forget_arrivals,
    heed_arrivals,
    is_listened_to,
    listening,
    no_longer_listening,
    note_arrivals,
)
from batchgen.ledger.arrivals import KEPT_FOR_S, LISTENING_FOR_S
from tests.ledger.book import JOB, PROVIDER, Book, request

TOLD = Arrival(event_id="e1", video_id="video-A-1")


@pytest.fixture
def listener(book: Book) -> Iterator[Ledger]:
    """The same ledger, opened by another process: the listener."""
    ledger = Ledger(f"sqlite:///{book.path}", provider=PROVIDER, clock=book.clock)
    yield ledger
    ledger.close()


def rendering(book: Book, *, due_in_s: float = 300.0) -> int:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.still_running(book.run, [(entry.id, book.clock.now + due_in_s, "")])
    assert book.claimed(Status.RENDERING) == []
    return entry.id


def test_a_message_makes_its_render_due_and_changes_nothing_else(book: Book, listener: Ledger) -> None:
    entry_id = rendering(book)
    before = book.dump()
    note_arrivals(listener, [TOLD])
    assert heed_arrivals(book.ledger, book.run) == {entry_id}
    assert [entry.id for entry in book.claimed(Status.RENDERING)] == [entry_id]
    after = book.dump()
    assert (after["attempts"], after["events"]) == (before["attempts"], before["events"])
    assert book.column("status") == "rendering"


def test_a_message_that_comes_again_is_the_same_message(book: Book, listener: Ledger) -> None:
    rendering(book)
    assert note_arrivals(listener, [TOLD, TOLD]) == 1
    assert heed_arrivals(book.ledger, book.run)
    assert note_arrivals(listener, [TOLD, Arrival(event_id="e2", video_id="v2")]) == 1
    assert heed_arrivals(book.ledger, book.run) == frozenset()


def test_a_message_waits_while_a_look_at_its_render_is_under_way(book: Book, listener: Ledger) -> None:
    entry_id = rendering(book)
    note_arrivals(listener, [TOLD])
    assert heed_arrivals(book.ledger, book.run, busy=frozenset({entry_id})) == frozenset()
    assert heed_arrivals(book.ledger, book.run) == {entry_id}


def test_a_message_that_is_faster_than_the_answer_to_the_create_waits_for_it(book: Book, listener: Ledger) -> None:
    entry = book.brought_to(Status.IN_DOUBT)
    note_arrivals(listener, [TOLD])
    assert heed_arrivals(book.ledger, book.run) == frozenset()
    book.accepted(entry, "video-A-1")
    assert heed_arrivals(book.ledger, book.run) == {entry.id}


@pytest.mark.parametrize("status", [Status.RENDERED, Status.SUCCEEDED, Status.CANCELLED])
def test_a_message_about_what_needs_no_look_is_done_with(book: Book, listener: Ledger, status: Status) -> None:
    book.brought_to(status)
    before = book.dump()["entries"]
    note_arrivals(listener, [TOLD])
    assert heed_arrivals(book.ledger, book.run) == frozenset()
    assert book.dump()["entries"] == before


def test_a_run_heeds_only_messages_of_its_own_job(book: Book, listener: Ledger) -> None:
    rendering(book)
    note_arrivals(listener, [TOLD])
    other = Book.open(book.path, clock=book.clock, job="another")
    assert heed_arrivals(other.ledger, other.run) == frozenset()
    other.ledger.close()
    assert len(heed_arrivals(book.ledger, book.run)) == 1


def test_messages_are_remembered_for_longer_than_they_can_be_repeated(book: Book, listener: Ledger) -> None:
    note_arrivals(listener, [TOLD])
    book.clock.advance(KEPT_FOR_S - 1)
    forget_arrivals(listener)
    assert note_arrivals(listener, [TOLD]) == 0
    book.clock.advance(2)
    forget_arrivals(listener)
    assert note_arrivals(listener, [TOLD]) == 1


def test_a_thousand_messages_are_one_commit_and_heeded_at_once(book: Book, listener: Ledger) -> None:
    book.record(*(request(f"A-{number}", f"f{number}") for number in range(1_200)))
    for entry in book.claimed(Status.PENDING, 1_200):
        book.begun(entry)
        book.accepted(entry, f"v{entry.row_id}")
    arrived = [Arrival(event_id=f"e{number}", video_id=f"vA-{number}") for number in range(1_200)]
    assert note_arrivals(listener, arrived) == 1_200
    assert len(heed_arrivals(book.ledger, book.run)) == 1_200


def test_a_listener_is_believed_while_it_gives_signs_of_life(book: Book, listener: Ledger) -> None:
    assert not is_listened_to(book.ledger, JOB)
    listening(listener, [JOB, "another"])
    assert is_listened_to(book.ledger, JOB)
    assert is_listened_to(book.ledger, "another")
    book.clock.advance(LISTENING_FOR_S + 1)
    assert not is_listened_to(book.ledger, JOB)
    listening(listener, [JOB])
    assert is_listened_to(book.ledger, JOB)
    no_longer_listening(listener, [JOB])
    assert not is_listened_to(book.ledger, JOB)


def test_a_sign_of_life_from_the_future_is_none(book: Book, listener: Ledger) -> None:
    listening(listener, [JOB])
    book.clock.advance(-LISTENING_FOR_S)
    assert not is_listened_to(book.ledger, JOB)


def test_the_ledger_file_holds_messages_of_a_job_that_never_ran(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "new.db", provider=PROVIDER)
    assert note_arrivals(ledger, [TOLD]) == 1
    ledger.close()
