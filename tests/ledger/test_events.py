"""Every event from every status: it moves as the table of states says, or it is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from batchgen.errors import EventRefused
from batchgen.ledger import Acceptance, Batch, Entry, Intent, Run, Status, Stored
from batchgen.ledger.status import STARTS_FROM, Event
from tests.ledger.book import FOLDER, OTHER_HOST, Book, request

Stand = Callable[[Status], tuple[Book, Entry]]

PENDING, SUBMITTING, IN_DOUBT, RENDERING, RENDERED, SUCCEEDED, FAILED, CANCELLED = Status


@dataclass(frozen=True)
class Case:
    """One event: how a run reports it, and where it leads from each status that it may start from."""

    event: Event
    call: Callable[[Book, Run, Entry], object]
    moves: dict[Status, Status]


def begin(book: Book, run: Run, entry: Entry) -> None:
    intent = Intent(entry=entry, body_with=lambda marker: marker.encode(), reserve_microusd=7)
    book.ledger.begin_submissions(run, [intent])


def take(book: Book, run: Run, entry: Entry) -> None:
    batch = Batch(
        id=1, key="k", body=b"", first_sent_at=0.0, provider_batch_id=None, places={entry.id: 0}, is_whole=True
    )
    book.ledger.batch_taken(run, batch, [entry.id], named="batch_1", look_at=1.0)


def finish(book: Book, run: Run, entry: Entry) -> None:
    book.ledger.render_finished(
        run, entry, links={}, duration_s=1.0, page_url=None, folder_id=None, folder=FOLDER, names={"video": ["b.mp4"]}
    )


CASES = {
    "begin_submission": Case(Event.BEGIN_SUBMISSION, begin, {PENDING: SUBMITTING}),
    "submission_accepted": Case(
        Event.SUBMISSION_ACCEPTED,
        lambda book, run, entry: book.ledger.submissions_accepted(
            run, [Acceptance(entry_id=entry.id, video_id="v9", look_at=1.0)]
        ),
        {SUBMITTING: RENDERING, IN_DOUBT: RENDERING},
    ),
    "submission_deferred": Case(
        Event.SUBMISSION_DEFERRED,
        lambda book, run, entry: book.ledger.submission_deferred(run, entry.id, not_before=1.0, reason="429"),
        {SUBMITTING: PENDING},
    ),
    "submission_rejected": Case(
        Event.SUBMISSION_REJECTED,
        lambda book, run, entry: book.ledger.submission_rejected(run, entry.id, error="no"),
        {SUBMITTING: FAILED, IN_DOUBT: FAILED},
    ),
    "submission_lost": Case(
        Event.SUBMISSION_LOST,
        lambda book, run, entry: book.ledger.submission_lost(run, entry.id, error="reset", not_before=1.0),
        {SUBMITTING: IN_DOUBT},
    ),
    "asset_gone": Case(
        Event.ASSET_GONE,
        lambda book, run, entry: book.ledger.asset_gone(run, entry.id, asset_ids=["a1"], error="asset_not_found"),
        {SUBMITTING: PENDING},
    ),
    "media_refused": Case(
        Event.MEDIA_REFUSED,
        lambda book, run, entry: book.ledger.media_refused(run, entry.id, error="no PNG"),
        {PENDING: FAILED},
    ),
    "sent_again": Case(
        Event.SENT_AGAIN, lambda book, run, entry: book.ledger.sent_again(run, entry.id), {IN_DOUBT: IN_DOUBT}
    ),
    "resend_deferred": Case(
        Event.RESEND_DEFERRED,
        lambda book, run, entry: book.ledger.resend_deferred(run, entry.id, not_before=1.0, reason="502"),
        {IN_DOUBT: IN_DOUBT},
    ),
    "batch_taken": Case(Event.BATCH_TAKEN, take, {SUBMITTING: IN_DOUBT, IN_DOUBT: IN_DOUBT}),
    "adopted": Case(
        Event.ADOPTED,
        lambda book, run, entry: book.ledger.adopted(run, entry.id, video_id="v9", look_at=1.0, by="marker"),
        {IN_DOUBT: RENDERING},
    ),
    "fetched_again": Case(
        Event.FETCHED_AGAIN,
        lambda book, run, entry: book.ledger.fetched_again(
            run, entry.id, stored=Stored(kind="video", path="a.mp4", size_bytes=3, sha256="00")
        ),
        {SUCCEEDED: SUCCEEDED},
    ),
    "files_wanted": Case(
        Event.FILES_WANTED,
        lambda book, run, entry: book.ledger.files_wanted(run, entry.id, folder=FOLDER, names={"gif": ["a.gif"]}),
        {SUCCEEDED: SUCCEEDED},
    ),
    "files_added": Case(
        Event.FILES_ADDED,
        lambda book, run, entry: book.ledger.files_added(run, entry.id, stored=[], note="none"),
        {SUCCEEDED: SUCCEEDED},
    ),
    "still_running": Case(
        Event.STILL_RUNNING,
        lambda book, run, entry: book.ledger.still_running(run, [(entry.id, 1.0, "")]),
        {RENDERING: RENDERING},
    ),
    "still_missing": Case(
        Event.STILL_RUNNING,
        lambda book, run, entry: book.ledger.still_missing(run, entry.id, not_before=1.0),
        {RENDERING: RENDERING},
    ),
    "render_finished": Case(Event.RENDER_FINISHED, finish, {RENDERING: RENDERED}),
    "render_failed, no attempts left": Case(
        Event.RENDER_FAILED,
        lambda book, run, entry: book.ledger.render_failed(run, entry.id, error="broken", again=False),
        {RENDERING: FAILED, RENDERED: FAILED},
    ),
    "render_failed, attempts left": Case(
        Event.RENDER_FAILED,
        lambda book, run, entry: book.ledger.render_failed(run, entry.id, error="broken", again=True),
        {RENDERING: PENDING, RENDERED: PENDING},
    ),
    "video_gone": Case(
        Event.VIDEO_GONE,
        lambda book, run, entry: book.ledger.video_gone(run, entry.id, error="gone"),
        {RENDERING: FAILED, RENDERED: FAILED},
    ),
    "name_taken": Case(
        Event.NAME_TAKEN,
        lambda book, run, entry: book.ledger.name_taken(run, entry.id, kind="video", folder=FOLDER, names=["c.mp4"]),
        {RENDERED: RENDERED, SUCCEEDED: SUCCEEDED},
    ),
    "link_expired": Case(
        Event.LINK_EXPIRED,
        lambda book, run, entry: book.ledger.link_expired(run, entry.id, not_before=1.0),
        {RENDERED: RENDERING},
    ),
    "download_deferred": Case(
        Event.DOWNLOAD_DEFERRED,
        lambda book, run, entry: book.ledger.download_deferred(run, entry.id, not_before=1.0, reason="slow"),
        {RENDERED: RENDERED},
    ),
    "artifact_stored": Case(
        Event.ARTIFACT_STORED,
        lambda book, run, entry: book.ledger.artifact_stored(run, entry.id, stored=[], cost_microusd=5, note=""),
        {RENDERED: SUCCEEDED},
    ),
    "cancel": Case(
        Event.CANCEL,
        lambda book, run, entry: book.ledger.cancel(run, entry.id, by="anna"),
        {PENDING: CANCELLED, IN_DOUBT: CANCELLED, RENDERING: CANCELLED, RENDERED: CANCELLED},
    ),
    "retry": Case(
        Event.RETRY,
        lambda book, run, entry: book.ledger.retry(run, entry.id, by="anna"),
        {FAILED: PENDING, CANCELLED: PENDING},
    ),
    "never_arrived": Case(
        Event.NEVER_ARRIVED,
        lambda book, run, entry: book.ledger.never_arrived(run, entry.id, by="anna"),
        {IN_DOUBT: PENDING},
    ),
    "abandoned": Case(
        Event.ABANDONED,
        lambda book, run, entry: book.ledger.abandoned(run, entry.id, by="anna"),
        {IN_DOUBT: FAILED},
    ),
}
LEAVES_NO_EVENT = frozenset({"still_running"})

# How a sheet is taken is another table (test_record.py), and found_after_all asks for more than a status
# (test_wishes.py).
ELSEWHERE = {Event.RECORDED, Event.SUPERSEDED, Event.REINSTATED, Event.RENAMED, Event.FOUND_AFTER_ALL}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", CASES)
def test_an_event_moves_as_the_table_of_states_says_or_changes_nothing(stand: Stand, name: str, status: Status) -> None:
    case = CASES[name]
    book, entry = stand(status)
    before = book.dump()
    if status not in case.moves:
        with pytest.raises(EventRefused, match=f"^{case.event} does not fit"):
            case.call(book, book.run, entry)
        assert book.dump() == before
        return
    case.call(book, book.run, entry)
    assert book.column("status") == case.moves[status]
    told = [event["event"] for event in book.dump()["events"][len(before["events"]) :]]
    assert told == ([] if name in LEAVES_NO_EVENT else [case.event])


@pytest.mark.parametrize("name", CASES)
def test_an_event_of_a_run_that_does_not_hold_the_entry_is_refused(stand: Stand, name: str) -> None:
    case = CASES[name]
    book, entry = stand(next(iter(case.moves)))
    before = book.dump()
    with pytest.raises(EventRefused, match=f"^{case.event} does not fit"):
        case.call(book, replace(book.run, owner=OTHER_HOST), entry)
    assert book.dump() == before


@pytest.mark.parametrize("name", CASES)
def test_an_event_for_an_entry_that_is_not_there_is_refused(stand: Stand, name: str) -> None:
    book, entry = stand(PENDING)
    entry = replace(entry, id=999)
    before = book.dump()
    with pytest.raises(EventRefused):
        CASES[name].call(book, book.run, entry)
    assert book.dump() == before


def test_the_table_of_states_is_complete() -> None:
    assert {case.event for case in CASES.values()} | ELSEWHERE == set(Event)
    starts = {case.event: frozenset(case.moves) for case in CASES.values()}
    assert starts == {event: STARTS_FROM[event] for event in starts}


@pytest.mark.parametrize("status", [SUCCEEDED, FAILED])
def test_a_final_entry_is_let_go_and_dated(book: Book, status: Status) -> None:
    book.record()
    entry = book.taken(PENDING)
    book.move(entry, status)
    assert book.column("finalized_at") == book.clock.now
    assert (book.column("leased_by"), book.column("leased_until")) == (None, None)


def test_a_refusal_names_what_the_entry_is(book: Book) -> None:
    entry = book.brought_to(SUCCEEDED)
    with pytest.raises(EventRefused, match="begin_submission does not fit entry 1: it is succeeded"):
        book.begun(entry)


def test_a_refusal_of_many_names_the_one_that_does_not_fit(book: Book) -> None:
    sent, waits = book.brought_to(SUBMITTING), book.brought_to(PENDING, request("B-1"))
    accepted = [Acceptance(entry_id=entry.id, video_id=f"v-{entry.id}", look_at=1.0) for entry in (sent, waits)]
    with pytest.raises(EventRefused, match="submission_accepted does not fit entry 2: it is pending"):
        book.ledger.submissions_accepted(book.run, accepted)


def test_errors_are_appended_to_the_attempt_and_never_overwritten(book: Book) -> None:
    entry = book.brought_to(RENDERED)
    book.ledger.render_failed(book.run, entry.id, error="first failure", again=True)
    again = book.taken(PENDING)
    book.begun(again)
    book.lost(again)
    book.clock.advance(5)
    book.taken(IN_DOUBT)
    book.ledger.submission_rejected(book.run, entry.id, error="refused at last")
    first, second = book.attempts()
    assert "first failure" in first["errors"]
    assert "the answer was lost" in second["errors"]
    assert "refused at last" in second["errors"]
    assert second["errors"].count('"at"') == 2


def test_a_render_that_may_be_tried_again_gets_a_new_attempt_with_a_new_key(book: Book) -> None:
    entry = book.brought_to(RENDERING)
    book.ledger.render_failed(book.run, entry.id, error="rendering_failed", again=True)
    assert book.column("video_id") is None
    again = book.taken(PENDING)
    sending = book.begun(again)
    assert sending.number == 2
    first, second = book.attempts()
    assert first["idempotency_key"] != second["idempotency_key"]
    assert (first["outcome"], first["video_id"]) == ("render_failed", "video-A-1")


def test_waiting_costs_no_attempt(book: Book) -> None:
    entry = book.brought_to(RENDERING)
    for _ in range(50):
        book.ledger.still_running(book.run, [(entry.id, book.clock.now, "still rendering")])
    assert (book.column("attempt"), book.column("tries"), book.column("snoozes")) == (1, 1, 50)
    assert len(book.attempts()) == 1


def test_one_look_that_finds_the_video_again_forgets_that_it_was_missing(book: Book) -> None:
    entry = book.brought_to(RENDERING)
    book.ledger.still_missing(book.run, entry.id, not_before=book.clock.now)
    book.clock.advance(400)
    book.ledger.still_missing(book.run, entry.id, not_before=book.clock.now)
    assert (book.column("missing_times"), book.column("missing_since")) == (2, book.clock.now - 400)
    book.ledger.still_running(book.run, [(entry.id, book.clock.now, "")])
    assert (book.column("missing_times"), book.column("missing_since")) == (0, None)


def test_the_next_attempt_does_not_inherit_that_the_last_video_was_missing(book: Book) -> None:
    entry = book.brought_to(RENDERING)
    book.ledger.still_missing(book.run, entry.id, not_before=book.clock.now)
    book.ledger.still_missing(book.run, entry.id, not_before=book.clock.now)
    book.ledger.render_failed(book.run, entry.id, error="rendering_failed", again=True)
    again = book.taken(PENDING)
    book.begun(again)
    book.accepted(again, "v2")
    assert (book.column("missing_times"), book.column("missing_since")) == (0, None)


def test_several_looks_are_written_together_or_not_at_all(book: Book) -> None:
    rendering = book.brought_to(RENDERING, request("A-1"))
    pending = book.brought_to(PENDING, request("A-2"))
    before = book.dump()
    with pytest.raises(EventRefused):
        book.ledger.still_running(book.run, [(rendering.id, 5.0, ""), (pending.id, 5.0, "")])
    assert book.dump() == before


def test_the_story_tells_how_often_the_provider_did_not_know_the_video(book: Book) -> None:
    entry = book.brought_to(RENDERING)
    for _ in range(2):
        book.ledger.still_missing(book.run, entry.id, not_before=book.clock.now)
    book.ledger.still_running(book.run, [(entry.id, book.clock.now, "")])
    told = book.sql("SELECT details FROM events WHERE event = ?", str(Event.STILL_RUNNING))
    assert ["does not know" in line["details"] for line in told] == [True, True]


def test_a_video_missing_since_a_time_to_come_is_missing_since_now(book: Book) -> None:
    entry = book.brought_to(RENDERING)
    book.ledger.still_missing(book.run, entry.id, not_before=book.clock.now)
    book.clock.advance(-100_000)  # the clock had been wrong, and was set right
    book.ledger.still_missing(book.run, entry.id, not_before=book.clock.now)
    assert book.column("missing_since") == book.clock.now
