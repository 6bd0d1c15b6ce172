"""The intent is on disk before the create goes out, and what may go out again is exactly what went out first."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from batchgen.ledger import Status, account_identity, is_other_account, sent_after_all
from batchgen.ledger.facts import idempotency_key, marker_of
from tests.ledger.book import ESTIMATE, PROVIDER, Book, request

API_KEY_PATTERN = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")  # Idempotency-Key, API contract §3
HARD_TO_PLACE = ["A-1", "ä ö/ü\n", "行 7", "x" * 500, "a:b", "../../etc"]


def test_the_intent_can_be_seen_from_outside_before_the_body_may_be_sent(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    sending = book.begun(entry)
    (attempt,) = book.attempts()  # read on another connection
    assert book.column("status") == "submitting"
    assert attempt["idempotency_key"] == sending.key
    assert attempt["body"] == sending.body == f'{{"title":"Hello [{sending.marker}]"}}'.encode()
    assert attempt["provider"] == PROVIDER
    assert attempt["reserved_microusd"] == ESTIMATE
    assert attempt["first_sent_at"] == book.clock.now
    assert (attempt["number"], attempt["sends"], attempt["outcome"]) == (1, 1, None)


def test_a_key_is_the_same_for_the_same_attempt_and_differs_for_every_other() -> None:
    others = [
        ("welcome", "A-1", "f1", 1),
        ("other", "A-1", "f1", 1),
        ("welcome", "A-2", "f1", 1),
        ("welcome", "A-1", "f2", 1),
        ("welcome", "A-1", "f1", 2),
        ("welcomeA", "-1", "f1", 1),
        ("welcome", "A-1f", "1", 1),
        ("welcome", "A-1", "f11", 1),
        ("welcome", "A-1", "f", 11),
    ]
    keys = [
        idempotency_key(job=job, row_id=row_id, fingerprint=fingerprint, number=number)
        for job, row_id, fingerprint, number in others
    ]
    assert len(set(keys)) == len(keys)
    assert keys[0] == idempotency_key(job="welcome", row_id="A-1", fingerprint="f1", number=1)


def test_a_key_never_changes_between_versions_of_batchgen() -> None:
    """A ledger from yesterday must find its videos under the same keys today."""
    key = idempotency_key(job="welcome", row_id="A-1", fingerprint="f1", number=1)
    assert key == "batchgen-3d1b1fce1736f9b39cab764b751de1ee80378dc1-1"
    assert marker_of(key) == "2gf6fifh"


@pytest.mark.parametrize("row_id", HARD_TO_PLACE)
def test_a_key_is_one_that_the_provider_takes(row_id: str) -> None:
    key = idempotency_key(job="Grüße 👋", row_id=row_id, fingerprint="f" * 64, number=1234)
    assert API_KEY_PATTERN.fullmatch(key)


def test_a_marker_is_short_plain_and_differs_from_key_to_key() -> None:
    markers = {marker_of(f"batchgen-{number}") for number in range(1000)}
    assert len(markers) == 1000
    assert all(re.fullmatch(r"[a-z2-7]{8}", marker) for marker in markers)


def test_a_deferred_attempt_goes_out_again_with_the_same_key_and_body(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    first = book.begun(entry)
    book.deferred(entry)
    assert book.attempts()[0]["first_sent_at"] is None
    assert book.attempts()[0]["reserved_microusd"] == 0
    book.clock.advance(100)
    (entry,) = book.claimed(Status.PENDING)
    again = book.begun(entry, ESTIMATE + 1, body_with=lambda _: b"another body")
    assert (again.key, again.body, again.number) == (first.key, first.body, 1)
    (attempt,) = book.attempts()
    assert (attempt["sends"], attempt["reserved_microusd"]) == (2, ESTIMATE + 1)


def test_a_deferred_attempt_ends_when_the_job_takes_another_route_by_now(book: Book) -> None:
    """Its stored bytes are those of the old route; nothing of them was processed, so nothing can come of them."""
    book.record()
    entry = book.taken(Status.PENDING)
    first = book.begun(entry, route="/v2/video/generate")
    book.deferred(entry)
    again = book.begun(book.taken(Status.PENDING), route="/v3/videos")
    assert (again.number, again.route) == (2, "/v3/videos")
    assert again.key != first.key
    old, new = book.attempts()
    assert (old["outcome"], old["settled_microusd"]) == ("submission_deferred", 0)
    assert (new["outcome"], new["reserved_microusd"]) == (None, ESTIMATE)


def test_the_intent_says_whose_key_it_goes_out_with_and_a_deferred_one_whose_it_is_by_then(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    for account in ("ours", "theirs", None):
        book.ledger.account = account
        book.begun(entry)
        assert [attempt["account"] for attempt in book.attempts()] == [account]
        book.deferred(entry)


def test_a_lost_send_stays_in_its_account_whatever_key_comes_later(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    book.ledger.account = "ours"
    book.begun(entry)
    book.ledger.account = "theirs"
    book.lost(entry)
    book.ledger.sent_again(book.run, entry.id)
    assert [attempt["account"] for attempt in book.attempts()] == ["ours"]


@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        (("anna", "anna@example.com"), ("anna", "anna@example.com"), False),
        (("anna", "anna@example.com"), ("bob", "bob@example.com"), True),
        (("anna", "anna@example.com"), ("anna", "a.new@example.com"), False),
        (("anna", "anna@example.com"), ("anna2", "anna@example.com"), False),
        (("anna", None), ("bob", "anna@example.com"), True),
        (("anna", None), (None, "anna@example.com"), False),
    ],
)
def test_accounts_are_others_when_nothing_that_both_name_agrees(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None], is_other: bool
) -> None:
    first, second = (account_identity(username=username, email=email) for username, email in (one, other))
    assert first is not None
    assert second is not None
    assert (is_other_account(first, second), is_other_account(second, first)) == (is_other, is_other)
    assert "anna" not in first


def test_an_account_that_names_nothing_has_no_identity() -> None:
    assert account_identity(username=None, email="") is None


def test_a_lost_send_stays_on_its_route_whatever_the_job_says_later(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    book.begun(entry, route="/v2/video/generate")
    book.lost(entry)
    assert book.ledger.sending(entry.id).route == "/v2/video/generate"
    assert book.ledger.routes_of([entry.id]) == {entry.id: "/v2/video/generate"}


def test_the_window_of_a_key_starts_at_the_first_send_that_may_have_arrived(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    assert book.begun(entry).first_sent_at == book.clock.now
    book.deferred(entry)  # surely not processed: that send does not count
    book.clock.advance(3600)
    second = book.begun(book.taken(Status.PENDING))
    assert second.first_sent_at == book.clock.now
    book.lost(entry)
    lost_at = book.clock.now
    for _ in range(3):  # what is sent again in doubt moves no window
        book.clock.advance(1000)
        entry = book.taken(Status.IN_DOUBT)
        book.ledger.resend_deferred(book.run, entry.id, not_before=book.clock.now, reason="HTTP 502")
        assert book.ledger.sending(entry.id).first_sent_at == lost_at


def test_what_is_in_doubt_is_sent_again_from_the_ledger_byte_by_byte(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    sending = book.begun(entry)
    book.lost(entry)
    book.record(request(fingerprint="edited"))
    assert book.ledger.sending(entry.id) == sending


def test_a_new_attempt_is_made_from_its_own_marker(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    first = book.ledger.sending(entry.id)
    book.ledger.render_failed(book.run, entry.id, error="rendering_failed", again=True)
    second = book.begun(book.taken(Status.PENDING))
    assert first.marker != second.marker
    assert second.marker.encode() in second.body


def test_a_request_edited_back_is_never_sent_under_a_key_that_was_used_before(book: Book) -> None:
    """A → B → A: the provider would answer A's old key with A's old video."""
    keys: list[str] = []
    for fingerprint in ("A", "B", "A", "B", "A"):
        book.record(request(fingerprint=fingerprint))
        entry = book.taken(Status.PENDING)
        keys.append(book.begun(entry).key)
        book.deferred(entry)
    assert len(set(keys)) == 5
    assert [attempt["number"] for attempt in book.attempts()] == [1, 1, 2, 2, 3]


def test_a_request_that_comes_back_after_failing_is_never_sent_under_an_old_key(book: Book) -> None:
    keys: list[str] = []
    for fingerprint in ("A", "B", "A"):
        book.record(request(fingerprint=fingerprint))
        entry = book.taken(Status.PENDING)
        keys.append(book.begun(entry).key)
        book.ledger.submission_rejected(book.run, entry.id, error="invalid_parameter: no")
    assert len(set(keys)) == 3


def test_keys_differ_from_job_to_job_in_one_ledger(book: Book) -> None:
    other = Book.open(book.path, clock=book.clock, job="another")
    try:
        keys = set()
        for one in (book, other):
            one.record()
            keys.add(one.begun(one.taken(Status.PENDING)).key)
    finally:
        other.ledger.close()
    assert len(keys) == 2


def test_a_body_that_cannot_be_made_leaves_nothing_begun(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    before = book.dump()

    def broken(_: str) -> bytes:
        raise ValueError("no body")

    with pytest.raises(ValueError, match="no body"):
        book.begun(entry, body_with=broken)
    assert book.dump() == before


def test_beginning_nothing_changes_nothing(book: Book) -> None:
    """Another job may have taken the last of a shared budget since the rows were claimed."""
    book.record()
    before = book.dump()
    assert book.ledger.begin_submissions(book.run, []) == []
    assert book.dump() == before


def test_a_stale_copy_of_an_entry_begins_nothing_twice(book: Book) -> None:
    book.record()
    entry = book.taken(Status.PENDING)
    book.begun(entry)
    book.deferred(entry)
    stale = replace(entry, attempt=7)
    assert book.begun(stale).number == 1


class TestClaiming:
    def test_takes_the_longest_waiting_first_and_no_more_than_asked(self, book: Book) -> None:
        book.record(*(request(f"A-{number}", f"f{number}") for number in range(5)))
        assert [entry.row_id for entry in book.claimed(Status.PENDING, 3)] == ["A-0", "A-1", "A-2"]

    def test_passes_over_what_the_run_has_in_hand(self, book: Book) -> None:
        book.record(*(request(f"A-{number}", f"f{number}") for number in range(5)))
        in_hand = frozenset(entry.id for entry in book.claimed(Status.PENDING, 2))
        more = book.ledger.claim(book.run, Status.PENDING, limit=2, exclude=in_hand)
        assert [entry.row_id for entry in more] == ["A-2", "A-3"]

    def test_leaves_what_is_not_due_yet(self, book: Book) -> None:
        book.record()
        entry = book.taken(Status.PENDING)
        book.begun(entry)
        book.ledger.submission_deferred(book.run, entry.id, not_before=book.clock.now + 30, reason="HTTP 429")
        assert book.claimed(Status.PENDING) == []
        assert book.ledger.next_due(book.run, Status.PENDING) == book.clock.now + 30
        book.clock.advance(30)
        assert [entry.row_id for entry in book.claimed(Status.PENDING)] == ["A-1"]

    def test_takes_what_was_told_to_wait_before_the_clock_was_set_back(self, book: Book) -> None:
        book.record(request())
        entry = book.taken(Status.PENDING)
        book.begun(entry)
        book.ledger.submission_deferred(book.run, entry.id, not_before=book.clock.now + 30, reason="HTTP 429")
        book.clock.advance(-600)
        assert [again.id for again in book.claimed(Status.PENDING)] == [entry.id]

    def test_takes_what_was_told_to_wait_just_while_the_clock_was_set_back(self, book: Book) -> None:
        """The wait was counted from the old time, and written down at the new one."""
        book.record(request())
        entry = book.taken(Status.PENDING)
        book.begun(entry)
        until = book.clock.now + 30
        book.clock.advance(-30 * 3600)
        book.ledger.submission_deferred(book.run, entry.id, not_before=until, reason="HTTP 429")
        book.clock.advance(1)
        assert [again.id for again in book.claimed(Status.PENDING)] == [entry.id]

    def test_leaves_what_another_run_has_claimed(self, book: Book) -> None:
        book.record()
        book.sql("UPDATE entries SET leased_by = 'somebody|b|1|1', leased_until = 9e9")
        assert book.claimed(Status.PENDING) == []

    def test_leaves_pending_rows_that_this_runs_sheet_does_not_ask_for(self, book: Book) -> None:
        book.record(request("A-1"), request("A-2"))
        later = _next_run(book)
        later.record(request("A-2"))
        assert [entry.row_id for entry in later.claimed(Status.PENDING, 10)] == ["A-2"]
        assert later.ledger.open_work(later.run) == {Status.PENDING: 1}
        assert book.column("status", "A-1") == "pending"

    def test_still_collects_what_was_sent_for_a_row_that_is_gone(self, book: Book) -> None:
        entry = book.brought_to(Status.RENDERING)
        later = _next_run(book)
        assert [entry.row_id for entry in later.claimed(Status.RENDERING)] == [entry.row_id]
        assert later.ledger.open_work(later.run) == {Status.RENDERING: 1}


def _next_run(book: Book) -> Book:
    from batchgen.ledger import begin_run, end_run

    end_run(book.ledger, book.run, {})
    return Book(book.path, book.clock, book.ledger, begin_run(book.ledger, book.run.job, book.run.owner))


@pytest.mark.parametrize("is_open", [False, True], ids=["never sent", "put off"])
def test_a_video_that_an_audit_gives_back_is_the_attempt_that_it_came_of(book: Book, is_open: bool) -> None:
    """Else the key that made it would be used again."""
    if is_open:
        book.deferred(book.brought_to(Status.SUBMITTING))
        book.sql("UPDATE entries SET leased_by = NULL, leased_until = NULL")
    sent_after_all(book.ledger, book.run, request(), number=3, video_id="v-old", body_with=lambda marker: b"{}")
    attempts = book.attempts()
    assert [attempt["number"] for attempt in attempts] == [1, 2, 3]
    assert [attempt["video_id"] for attempt in attempts] == [None, None, "v-old"]
    assert (book.column("status"), book.column("video_id")) == ("rendering", "v-old")


def test_the_videos_that_were_ordered_nearest_in_time_come_first(book: Book) -> None:
    for number in range(5):
        book.brought_to(Status.RENDERING, request(f"A-{number}"))
        book.clock.advance(60 * (number + 1))
    (of_a_3,) = [entry for entry in book.claimed(Status.RENDERING, 10) if entry.row_id == "A-3"]
    beside = book.ledger.ordered_beside(of_a_3.id, limit=3)
    assert list(beside) == ["video-A-2", "video-A-4", "video-A-1"]


def test_a_video_that_was_ordered_alone_has_none_beside_it(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.record(request("A-2"))
    assert book.ledger.ordered_beside(entry.id, limit=3) == {}
