"""What plan, report and status read: money over all attempts, names that never collide, results by row."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from batchgen.errors import EventRefused
from batchgen.ledger import Queries, Status
from tests.ledger.book import ESTIMATE, FOLDER, JOB, Book, request


def queries(book: Book) -> Queries:
    return Queries(book.ledger.engine)


def test_money_is_reserved_from_the_intent_on_and_settled_at_the_true_cost(book: Book) -> None:
    spent = []
    book.record()
    for status in (None, Status.SUBMITTING, Status.RENDERING, Status.SUCCEEDED):
        if status is Status.SUBMITTING:
            entry = book.taken(Status.PENDING)
            book.begun(entry)
        elif status is Status.RENDERING:
            book.accepted(entry)
        elif status is Status.SUCCEEDED:
            book.rendered(entry)
            book.stored(entry, cost=777)
        money = queries(book).money(JOB)
        spent.append((money.settled, money.reserved))
    assert spent == [(0, 0), (0, ESTIMATE), (0, ESTIMATE), (777, 0)]


@pytest.mark.parametrize("again", [True, False])
def test_a_failed_render_is_not_charged(book: Book, again: bool) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.render_failed(book.run, entry.id, error="rendering_failed", again=again)
    assert queries(book).money(JOB).spent == 0


def test_a_vanished_video_counts_as_paid(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.video_gone(book.run, entry.id, error="gone")
    money = queries(book).money(JOB)
    assert (money.settled, money.reserved) == (ESTIMATE, 0)


def test_what_is_in_doubt_stays_reserved(book: Book) -> None:
    book.brought_to(Status.IN_DOUBT)
    assert queries(book).money(JOB).reserved == ESTIMATE


def test_money_sums_over_attempts_entries_and_rows_of_the_job_only(book: Book) -> None:
    book.brought_to(Status.SUCCEEDED, request("A-1"))  # 800,000
    gone = book.brought_to(Status.RENDERING, request("A-2"))
    book.ledger.video_gone(book.run, gone.id, error="gone")  # 900,000, and a second attempt:
    book.ledger.take(book.run, gone.id)
    book.ledger.retry(book.run, gone.id, by="anna")
    again = next(entry for entry in book.claimed(Status.PENDING, 9) if entry.row_id == "A-2")
    book.begun(again, reserve=5)
    other = Book.open(book.path, clock=book.clock, job="another")
    try:
        other.brought_to(Status.SUCCEEDED, request("B-1"))
    finally:
        other.ledger.close()
    money = queries(book).money(JOB)
    assert (money.settled, money.reserved, money.spent) == (1_700_000, 5, 1_700_005)
    assert queries(book).money("no such job").spent == 0


def test_the_costs_of_the_rows_sum_up_to_what_is_spent(book: Book) -> None:
    """What a row shows is what its attempts cost: settled, and what is reserved while it is under way."""
    book.brought_to(Status.SUCCEEDED, request("A-1"))
    book.brought_to(Status.RENDERING, request("A-2"))
    book.brought_to(Status.IN_DOUBT, request("A-3"))
    book.brought_to(Status.FAILED, request("A-4"))
    gone = book.brought_to(Status.RENDERING, request("A-5"))
    book.ledger.video_gone(book.run, gone.id, error="gone")
    book.ledger.take(book.run, gone.id)
    book.ledger.retry(book.run, gone.id, by="anna")
    book.begun(next(entry for entry in book.claimed(Status.PENDING, 9) if entry.row_id == "A-5"), reserve=5)
    book.record(request("A-6"))
    costs = {row_id: result.cost_microusd for row_id, result in queries(book).results(JOB).items()}
    expected = {"A-1": 800_000, "A-2": ESTIMATE, "A-3": ESTIMATE, "A-4": 0, "A-5": ESTIMATE + 5, "A-6": None}
    assert costs == expected
    assert sum(cost or 0 for cost in costs.values()) == queries(book).money(JOB).spent


def test_names_of_files_are_unique_without_regard_to_case(book: Book) -> None:
    for number, names in enumerate((("Anna.mp4",), ("ANNA.MP4", "anna-2.mp4"), ("anna.mp4", "ANNA-2.mp4", "c.mp4"))):
        entry = book.brought_to(Status.RENDERING, request(f"A-{number}"))
        book.rendered(entry, *names)
    assert [row["path"] for row in book.dump()["artifacts"]] == ["Anna.mp4", "anna-2.mp4", "c.mp4"]


def test_the_same_name_is_free_in_another_folder(book: Book) -> None:
    for number, folder in enumerate((FOLDER, "/srv/other")):
        entry = book.brought_to(Status.RENDERING, request(f"A-{number}"))
        book.ledger.render_finished(
            book.run,
            entry,
            links={},
            duration_s=1,
            page_url=None,
            folder_id=None,
            folder=folder,
            names={"video": ["a.mp4"]},
        )
    assert [row["path"] for row in book.dump()["artifacts"]] == ["a.mp4", "a.mp4"]


def test_an_entry_keeps_its_file_name_when_its_link_has_to_be_fetched_anew(book: Book) -> None:
    entry = book.brought_to(Status.RENDERED)
    book.ledger.link_expired(book.run, entry.id, not_before=book.clock.now)
    book.rendered(book.taken(Status.RENDERING), "other.mp4")
    assert book.ledger.stored_paths(entry.id) == {"video": "a.mp4"}


def test_an_event_for_which_no_file_name_is_left_changes_nothing_of_its_group(book: Book) -> None:
    book.brought_to(Status.RENDERED, request("A-1"))
    entry = book.brought_to(Status.RENDERING, request("A-2"))
    before = book.dump()
    with book.ledger.transaction(), pytest.raises(EventRefused, match="No free file name"):
        book.rendered(entry, "A.MP4")
    assert book.dump() == before


def test_results_are_those_of_each_rows_newest_entry(book: Book) -> None:
    book.brought_to(Status.FAILED, request("A-1", number=2))
    book.record(request("A-1", "f2", number=5), request("A-2", "f3", number=6))
    book.brought_to(Status.SUCCEEDED, request("A-3", "f4", number=7))
    results = queries(book).results(JOB)
    assert [(row, result.status, result.row_number) for row, result in results.items()] == [
        ("A-1", Status.PENDING, 5),
        ("A-2", Status.PENDING, 6),
        ("A-3", Status.SUCCEEDED, 7),
    ]
    done = results["A-3"]
    assert (done.path, done.video_id, done.duration_s, done.cost_microusd) == ("a.mp4", "video-A-3", 12.0, 800_000)


def test_a_file_that_did_not_arrive_is_not_shown(book: Book) -> None:
    book.brought_to(Status.RENDERED)
    assert queries(book).results(JOB)["A-1"].path is None


def test_a_row_tells_its_whole_story_in_order(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.render_failed(book.run, entry.id, error="rendering_failed", again=True)
    (story,) = queries(book).story(JOB, "A-1")
    assert [event.event for event in story.events] == [
        "recorded",
        "begin_submission",
        "submission_accepted",
        "render_failed",
    ]
    (attempt,) = story.attempts
    assert (attempt.number, attempt.video_id, attempt.outcome) == (1, "video-A-1", "render_failed")
    assert queries(book).story(JOB, "A-2") == []


@pytest.mark.parametrize(
    ("asked", "said", "shown"),
    [
        ("spring", "spring-2026", "spring-2026"),
        (None, "inbox", "inbox"),
        ("spring", None, "spring"),
        (None, None, None),
    ],
)
def test_the_folder_is_where_the_provider_says_that_the_video_is(
    book: Book, asked: str | None, said: str | None, shown: str | None
) -> None:
    asks = replace(request(), request=orjson.dumps({"type": "avatar", "folder_id": asked}))
    entry = book.brought_to(Status.RENDERING, asks)
    assert _folder(book) == asked, "nothing else is known while it renders"
    book.ledger.render_finished(
        book.run,
        entry,
        links={"video": "https://files.example.com/v.mp4"},
        duration_s=1,
        page_url=None,
        folder_id=said,
        folder=FOLDER,
        names={"video": ["a.mp4"]},
    )
    assert _folder(book) == shown
    book.ledger.render_failed(book.run, entry.id, error="broken", again=True)
    assert _folder(book) == asked, "the next render may end elsewhere"


def _folder(book: Book) -> str | None:
    details = queries(book).detailed_results(JOB)["A-1"].details
    assert details is not None
    return details.folder_id
