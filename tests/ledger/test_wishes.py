"""What people decide is written down first, and applied by whoever holds the job."""

from __future__ import annotations

import pytest

from batchgen.errors import EventRefused
from batchgen.ledger import Queries, Status, Wish, apply_wishes, ask, end_run, newest_event
from tests.ledger.book import ESTIMATE, JOB, Book, request


def asked(book: Book, wish: Wish, video_id: str | None = None) -> str:
    ask(book.ledger, JOB, ["A-1"], wish, by="anna", video_id=video_id)
    (settled,) = apply_wishes(book.ledger, book.run)
    return settled.outcome


@pytest.mark.parametrize(
    ("wish", "status", "becomes"),
    [
        (Wish.RETRY, Status.FAILED, "pending"),
        (Wish.RETRY, Status.CANCELLED, "pending"),
        (Wish.CANCEL, Status.PENDING, "cancelled"),
        (Wish.CANCEL, Status.IN_DOUBT, "cancelled"),
        (Wish.CANCEL, Status.RENDERING, "cancelled"),
        (Wish.CANCEL, Status.RENDERED, "cancelled"),
        (Wish.ADOPT, Status.IN_DOUBT, "rendering"),
        (Wish.ABANDON, Status.IN_DOUBT, "failed"),
        (Wish.RESUBMIT, Status.IN_DOUBT, "pending"),
    ],
)
def test_a_wish_that_fits_is_carried_out(book: Book, wish: Wish, status: Status, becomes: str) -> None:
    book.brought_to(status)
    assert asked(book, wish, video_id="v-found") == "done"
    assert book.column("status") == becomes
    assert apply_wishes(book.ledger, book.run) == []


@pytest.mark.parametrize("wish", Wish)
def test_a_wish_that_does_not_fit_is_answered_and_changes_nothing(book: Book, wish: Wish) -> None:
    book.brought_to(Status.SUCCEEDED)
    before = book.dump()
    assert asked(book, wish, video_id="v-found").startswith("its status is succeeded; only a row")
    after = book.dump()
    assert (after["entries"], after["attempts"], after["events"]) == (
        before["entries"],
        before["attempts"],
        before["events"],
    )


def test_a_wish_waits_while_the_answer_to_a_send_is_awaited(book: Book) -> None:
    entry = book.brought_to(Status.SUBMITTING)
    ask(book.ledger, JOB, ["A-1"], Wish.CANCEL, by="anna")
    assert apply_wishes(book.ledger, book.run) == []
    book.accepted(entry)
    assert apply_wishes(book.ledger, book.run, busy=frozenset({entry.id})) == []
    assert [settled.done for settled in apply_wishes(book.ledger, book.run)] == [True]
    assert book.column("status") == "cancelled"


def test_a_retry_and_a_resubmit_take_a_new_key(book: Book) -> None:
    book.brought_to(Status.FAILED)
    asked(book, Wish.RETRY)
    entry = book.taken(Status.PENDING)
    book.begun(entry)
    book.lost(entry)
    asked(book, Wish.RESUBMIT)
    book.begun(book.taken(Status.PENDING))
    attempts = book.attempts()
    assert [attempt["number"] for attempt in attempts] == [1, 2, 3]
    assert len({attempt["idempotency_key"] for attempt in attempts}) == 3


WENT_OUT = "a send was under way when you looked"


def looked_and_decided(book: Book) -> None:
    """A person looks for the video, finds none, and says that the send never arrived."""
    ask(book.ledger, JOB, ["A-1"], Wish.RESUBMIT, by="anna", seen_event=newest_event(book.ledger))


def outcome(book: Book) -> str:
    (settled,) = apply_wishes(book.ledger, book.run)
    return settled.outcome


def test_a_resubmit_counts_when_nothing_went_out_since_the_person_looked(book: Book) -> None:
    entry = book.brought_to(Status.IN_DOUBT)
    book.ledger.sent_again(book.run, entry.id)
    book.ledger.resend_deferred(book.run, entry.id, not_before=1.0, reason="502")
    looked_and_decided(book)
    assert (outcome(book), book.column("status")) == ("done", "pending")


@pytest.mark.parametrize("answered", [False, True], ids=["no answer yet", "answered since"])
def test_a_resubmit_that_was_decided_while_a_send_was_under_way_is_refused(book: Book, answered: bool) -> None:
    entry = book.brought_to(Status.IN_DOUBT)
    book.ledger.sent_again(book.run, entry.id)
    looked_and_decided(book)
    if answered:
        book.ledger.resend_deferred(book.run, entry.id, not_before=1.0, reason="timeout")
    assert outcome(book).startswith(WENT_OUT)
    assert book.column("status") == "in_doubt"


def test_a_resubmit_is_refused_when_the_row_went_out_again_since(book: Book) -> None:
    entry = book.brought_to(Status.IN_DOUBT)
    looked_and_decided(book)
    book.ledger.sent_again(book.run, entry.id)
    book.ledger.resend_deferred(book.run, entry.id, not_before=1.0, reason="timeout")
    assert outcome(book).startswith(WENT_OUT)


def test_a_resubmit_that_was_decided_during_the_first_send_is_refused(book: Book) -> None:
    entry = book.brought_to(Status.SUBMITTING)
    looked_and_decided(book)
    book.lost(entry)
    assert outcome(book).startswith(WENT_OUT)


def test_a_repeated_send_of_a_run_that_died_is_unanswered_for_its_successor(book: Book) -> None:
    """Else a person could never say again that the send did not arrive."""
    entry = book.brought_to(Status.IN_DOUBT)
    book.ledger.sent_again(book.run, entry.id)
    end_run(book.ledger, book.run, {})
    last = book.sql("SELECT event FROM events ORDER BY id DESC LIMIT 1")[0]["event"]
    assert (last, book.column("status"), book.column("leased_by")) == ("resend_deferred", "in_doubt", None)
    assert book.attempts()[-1]["sends"] == 2


@pytest.mark.parametrize(
    ("wish", "status", "spent"),
    [
        (Wish.CANCEL, Status.PENDING, 0),
        (Wish.CANCEL, Status.IN_DOUBT, ESTIMATE),
        (Wish.CANCEL, Status.RENDERING, ESTIMATE),
        (Wish.ABANDON, Status.IN_DOUBT, ESTIMATE),
        (Wish.RESUBMIT, Status.IN_DOUBT, 0),
    ],
)
def test_what_may_have_been_paid_stays_spent(book: Book, wish: Wish, status: Status, spent: int) -> None:
    book.brought_to(status)
    asked(book, wish)
    money = Queries(book.ledger.engine).money(JOB)
    assert (money.settled, money.reserved) == (spent, 0)


def test_a_video_of_another_row_cannot_be_adopted(book: Book) -> None:
    book.brought_to(Status.RENDERING, request("B-1"))
    book.brought_to(Status.IN_DOUBT)
    assert "belongs to another row" in asked(book, Wish.ADOPT, video_id="video-B-1")
    assert book.column("status") == "in_doubt"


def test_a_retry_of_a_row_that_was_edited_meanwhile_is_refused(book: Book) -> None:
    """Else the row would have two live entries, and every later run would stumble over the wish."""
    failed = book.brought_to(Status.FAILED)
    ask(book.ledger, JOB, ["A-1"], Wish.RETRY, by="anna")
    book.record(request(fingerprint="edited"))
    (settled,) = apply_wishes(book.ledger, book.run)
    assert settled.outcome == f"retry does not fit entry {failed.id}: its row was edited since."
    assert [row["status"] for row in book.sql("SELECT status FROM entries ORDER BY id")] == ["failed", "pending"]


def test_an_entry_in_another_runs_hands_is_not_taken(book: Book) -> None:
    entry = book.brought_to(Status.FAILED)
    book.sql("UPDATE entries SET leased_by = 'somebody|b|1|1'")
    with pytest.raises(EventRefused, match="another run's hands"):
        book.ledger.take(book.run, entry.id)


def test_a_wish_for_an_unknown_row_or_job_is_passed_over(book: Book) -> None:
    book.brought_to(Status.FAILED)
    ask(book.ledger, JOB, ["no such row"], Wish.RETRY, by="anna")
    ask(book.ledger, "another job", ["A-1"], Wish.RETRY, by="anna")
    assert apply_wishes(book.ledger, book.run) == []


def test_the_video_of_an_abandoned_send_can_be_adopted_when_it_turns_up(book: Book) -> None:
    book.brought_to(Status.IN_DOUBT)
    assert asked(book, Wish.ABANDON) == "done"
    assert asked(book, Wish.ADOPT, video_id="v-found") == "done"
    assert (book.column("status"), book.column("video_id")) == ("rendering", "v-found")
    (attempt,) = book.attempts()
    assert (attempt["outcome"], attempt["settled_microusd"], attempt["reserved_microusd"]) == (None, None, ESTIMATE)


def spent(book: Book) -> int:
    return Queries(book.ledger.engine).money(JOB).spent


def test_a_video_that_was_called_gone_can_be_adopted_when_it_is_there_again(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.video_gone(book.run, entry.id, error="gone")
    assert Queries(book.ledger.engine).may_turn_up(JOB) == {"A-1": "video-A-1"}
    assert spent(book) == ESTIMATE
    assert asked(book, Wish.ADOPT, video_id="video-A-1") == "done"
    assert (book.column("status"), spent(book)) == ("rendering", ESTIMATE)
    entry = book.taken(Status.RENDERING)
    book.rendered(entry)
    book.stored(entry, cost=800_000)
    (attempt,) = book.attempts()
    assert (attempt["outcome"], spent(book)) == ("artifact_stored", 800_000)
    assert Queries(book.ledger.engine).may_turn_up(JOB) == {}


@pytest.mark.parametrize("status", [Status.IN_DOUBT, Status.RENDERING, Status.RENDERED])
def test_a_row_that_was_cancelled_after_a_send_can_still_have_its_video(book: Book, status: Status) -> None:
    book.brought_to(status)
    assert asked(book, Wish.CANCEL) == "done"
    assert asked(book, Wish.ADOPT, video_id="video-A-1") == "done"
    assert (book.column("status"), book.column("finalized_at"), spent(book)) == ("rendering", None, ESTIMATE)
    entry = book.taken(Status.RENDERING)
    book.rendered(entry)
    book.stored(entry, cost=800_000)
    assert spent(book) == 800_000


def test_a_row_that_surely_never_arrived_has_its_money_spent_when_its_video_turns_up(book: Book) -> None:
    book.brought_to(Status.IN_DOUBT)
    for wish in (Wish.RESUBMIT, Wish.CANCEL):
        assert asked(book, wish) == "done"
    assert spent(book) == 0
    assert asked(book, Wish.ADOPT, video_id="v-found") == "done"
    assert (book.column("status"), spent(book)) == ("rendering", ESTIMATE)


@pytest.mark.parametrize("was_put_off", [False, True], ids=["never sent", "surely not processed"])
def test_a_row_that_was_cancelled_unsent_adopts_nothing(book: Book, was_put_off: bool) -> None:
    entry = book.brought_to(Status.PENDING)
    if was_put_off:
        book.begun(entry)
        book.deferred(entry)
    assert asked(book, Wish.CANCEL) == "done"
    assert "no video of its last send can turn up" in asked(book, Wish.ADOPT, video_id="v-found")
    assert (book.column("status"), spent(book)) == ("cancelled", 0)
    assert Queries(book.ledger.engine).may_turn_up(JOB) == {}


def test_a_row_takes_no_other_video_than_the_one_that_was_called_gone(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.video_gone(book.run, entry.id, error="gone")
    before = book.attempts()
    assert "the video of its last send is video-A-1" in asked(book, Wish.ADOPT, video_id="v-found")
    assert (book.column("status"), book.attempts()) == ("failed", before)


def test_a_video_that_was_called_gone_is_not_taken_once_its_row_was_sent_anew(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.video_gone(book.run, entry.id, error="gone")
    asked(book, Wish.RETRY)
    entry = book.taken(Status.PENDING)
    book.begun(entry)
    book.ledger.submission_rejected(book.run, entry.id, error="no")
    assert "no video of its last send can turn up" in asked(book, Wish.ADOPT, video_id="video-A-1")
    assert [fact.may_turn_up for fact in Queries(book.ledger.engine).attempts(JOB)] == [False, False]


def test_what_may_turn_up_of_an_edited_row_is_no_longer_its(book: Book) -> None:
    entry = book.brought_to(Status.RENDERING)
    book.ledger.video_gone(book.run, entry.id, error="gone")
    queries = Queries(book.ledger.engine)
    assert [fact.takes("video-A-1") for fact in queries.attempts(JOB)] == [True]
    book.record(request(fingerprint="edited"))
    assert [fact.takes("video-A-1") for fact in queries.attempts(JOB)] == [False]
    assert queries.may_turn_up(JOB) == {}


def test_nothing_is_adopted_for_a_row_that_was_edited_meanwhile(book: Book) -> None:
    book.brought_to(Status.IN_DOUBT)
    asked(book, Wish.ABANDON)
    ask(book.ledger, JOB, ["A-1"], Wish.ADOPT, by="anna", video_id="v-found")
    book.record(request(fingerprint="edited"))
    attempts = book.attempts()
    (settled,) = apply_wishes(book.ledger, book.run)
    assert "its row was edited since" in settled.outcome
    assert book.attempts() == attempts


def test_a_row_that_failed_for_another_reason_adopts_nothing(book: Book) -> None:
    book.brought_to(Status.FAILED)
    assert "no video of its last send can turn up" in asked(book, Wish.ADOPT, video_id="v-found")
    assert book.column("status") == "failed"
