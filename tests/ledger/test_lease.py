"""One run at a time holds a job; what a dead one was sending is in doubt, never pending."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from batchgen.errors import EventRefused, JobHeld
from batchgen.ledger import Owner, Queries, Status, begin_run, end_run, heartbeat, listen_for_holder
from tests.ledger.book import JOB, OTHER_HOST, Book, Clock, request

ME = Owner.this_process()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Book]:
    """A job that a run on another host holds."""
    book = Book.open(tmp_path / "held.db", owner=OTHER_HOST)
    yield book
    book.ledger.close()


@pytest.fixture
def ended_process() -> Owner:
    """The owner that a process had that is over by now."""
    said = subprocess.run(
        [sys.executable, "-c", "from batchgen.ledger import Owner; print(Owner.this_process())"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Owner.parse(said.stdout.strip())


def test_a_second_run_is_refused_and_told_who_holds_the_job_and_since_when(elsewhere: Book) -> None:
    before = elsewhere.dump()
    with pytest.raises(JobHeld) as refusal:
        begin_run(elsewhere.ledger, JOB, ME)
    assert "host another-host, pid 4711, since 2027-01-15" in str(refusal.value)
    with pytest.raises(JobHeld, match='Another run holds the job "welcome"'):
        Queries(elsewhere.ledger.engine).refuse_if_held(JOB, elsewhere.clock.now)
    assert elsewhere.dump() == before


def test_the_same_process_cannot_hold_a_job_twice(book: Book) -> None:
    with pytest.raises(JobHeld, match=f"pid {os.getpid()}"):
        begin_run(book.ledger, JOB, ME)


def test_another_job_in_the_same_ledger_is_free(elsewhere: Book) -> None:
    run = begin_run(elsewhere.ledger, "another", ME)
    assert run.job_id != elsewhere.run.job_id


def test_a_job_is_free_again_when_its_run_has_ended(book: Book) -> None:
    end_run(book.ledger, book.run, {"ending": "done"})
    assert begin_run(book.ledger, JOB, OTHER_HOST).id == book.run.id + 1


def test_a_lease_is_taken_over_once_it_has_run_out(elsewhere: Book) -> None:
    elsewhere.clock.advance(elsewhere.run.lease_s)
    with pytest.raises(JobHeld):
        begin_run(elsewhere.ledger, JOB, ME)
    elsewhere.clock.advance(0.001)
    assert begin_run(elsewhere.ledger, JOB, ME).owner == ME


def over_by_our_clock(elsewhere: Book) -> Book:
    """The machines' clocks differ by more than the lease."""
    elsewhere.clock.advance(elsewhere.run.lease_s + 1)
    return elsewhere


def test_a_run_on_another_machine_that_is_heard_keeps_its_job_whatever_our_clock_says(elsewhere: Book) -> None:
    over_by_our_clock(elsewhere)
    told: list[str] = []

    def sleep(_: float) -> None:
        elsewhere.clock.advance(-50)  # its own clock
        heartbeat(elsewhere.ledger, elsewhere.run)
        elsewhere.clock.advance(50)

    with pytest.raises(JobHeld, match="set both clocks right"):
        listen_for_holder(elsewhere.ledger, JOB, told.append, sleep=sleep)
    (said,) = told
    assert "another-host (pid 4711)" in said
    assert "20 s" in said


def test_a_run_on_another_machine_that_is_silent_gives_its_job_up(elsewhere: Book) -> None:
    slept: list[float] = []
    listen_for_holder(over_by_our_clock(elsewhere).ledger, JOB, lambda _: None, sleep=slept.append)
    assert slept == [20.0]
    assert begin_run(elsewhere.ledger, JOB, ME).owner == ME


def test_a_third_run_that_takes_the_job_meanwhile_is_no_matter_of_clocks(elsewhere: Book) -> None:
    third = replace(OTHER_HOST, host="third-host")

    def sleep(_: float) -> None:
        begin_run(elsewhere.ledger, JOB, third)

    listen_for_holder(over_by_our_clock(elsewhere).ledger, JOB, lambda _: None, sleep=sleep)
    with pytest.raises(JobHeld, match=r"third-host.*Wait for it, or stop it"):
        begin_run(elsewhere.ledger, JOB, ME)


def test_a_run_from_before_this_machine_was_started_is_listened_for(tmp_path: Path) -> None:
    """Another machine may have the same name."""
    book = Book.open(tmp_path / "held.db", owner=replace(ME, boot="0000-another-boot/pid:[1]"))
    slept: list[float] = []
    listen_for_holder(book.ledger, JOB, lambda _: None, sleep=slept.append)
    assert slept == [20.0]
    book.ledger.close()


def test_a_run_whose_process_is_still_there_is_listened_for(tmp_path: Path) -> None:
    """The machine slept: its lease has run out, and the run goes on as soon as it is awake."""
    book = over_by_our_clock(Book.open(tmp_path / "held.db", owner=ME))

    def sleep(_: float) -> None:
        heartbeat(book.ledger, book.run)

    with pytest.raises(JobHeld, match="Another run holds the job"):
        listen_for_holder(book.ledger, JOB, lambda _: None, sleep=sleep)
    book.ledger.close()


def test_nobody_is_listened_for_where_the_process_can_be_looked_at_or_still_holds_the_job(
    elsewhere: Book, tmp_path: Path, ended_process: Owner
) -> None:
    here = Book.open(tmp_path / "here.db", owner=ended_process)
    told: list[str] = []
    slept: list[float] = []
    for book in (elsewhere, here):
        for name in (JOB, "another"):
            listen_for_holder(book.ledger, name, told.append, sleep=slept.append)
    assert (told, slept) == ([], [])
    here.ledger.close()


def test_a_heartbeat_keeps_the_lease(elsewhere: Book) -> None:
    elsewhere.clock.advance(elsewhere.run.lease_s)
    heartbeat(elsewhere.ledger, elsewhere.run)
    elsewhere.clock.advance(elsewhere.run.lease_s)
    with pytest.raises(JobHeld):
        begin_run(elsewhere.ledger, JOB, ME)


def test_a_dead_process_of_this_host_is_taken_over_at_once(tmp_path: Path, ended_process: Owner) -> None:
    book = Book.open(tmp_path / "dead.db", owner=ended_process)
    try:
        assert Queries(book.ledger.engine).holder(JOB, book.clock.now) is None
        assert begin_run(book.ledger, JOB, ME).owner == ME
    finally:
        book.ledger.close()


def test_a_pid_that_another_process_got_is_not_taken_for_the_holder() -> None:
    assert replace(ME, started="1.00").surely_gone()
    assert not ME.surely_gone()


def test_a_process_from_before_the_last_boot_is_gone() -> None:
    assert replace(ME, boot="0000-an-earlier-boot/pid:[1]").surely_gone()


def test_a_process_of_another_container_or_host_is_never_surely_gone() -> None:
    assert not replace(ME, boot=f"{ME.boot.split('/')[0]}/pid:[42]", pid=2**22 + 1).surely_gone()
    assert not replace(ME, host="another-host", pid=2**22 + 1).surely_gone()


def test_a_finished_process_that_nobody_has_waited_for_is_gone() -> None:
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from batchgen.ledger import Owner; print(Owner.this_process(), flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        owner = Owner.parse(child.stdout.readline().strip())
        assert not owner.surely_gone()
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, but not waited for: a zombie
        assert owner.surely_gone()


@pytest.mark.parametrize("host", ["plain", "with|bar", "ünïcode"])
def test_an_owner_is_read_back_as_it_was_written(host: str) -> None:
    owner = replace(ME, host=host)
    assert Owner.parse(str(owner)) == owner
    assert ME.host == socket.gethostname()


def test_what_a_dead_run_was_sending_is_in_doubt_for_the_next_one(elsewhere: Book) -> None:
    elsewhere.brought_to(Status.SUBMITTING, request("A-1"))
    elsewhere.brought_to(Status.RENDERING, request("A-2"))
    key = elsewhere.attempts()[0]["idempotency_key"]
    elsewhere.clock.advance(1000)
    run = begin_run(elsewhere.ledger, JOB, ME)
    assert elsewhere.column("status", "A-1") == "in_doubt"
    assert elsewhere.column("status", "A-2") == "rendering"
    assert elsewhere.sql("SELECT * FROM entries WHERE leased_by IS NOT NULL OR leased_until IS NOT NULL") == []
    (entry,) = elsewhere.ledger.claim(run, Status.IN_DOUBT, limit=5)
    assert elsewhere.ledger.sending(entry.id).key == key
    assert "ended before the answer was written down" in elsewhere.attempts()[0]["errors"]
    last = elsewhere.sql("SELECT * FROM events ORDER BY id DESC LIMIT 1")[0]
    assert (last["event"], last["run_id"]) == ("submission_lost", run.id)


def test_taking_over_and_rescuing_are_one_commit(elsewhere: Book) -> None:
    """If the rescue fails, the job is not taken over either."""
    elsewhere.brought_to(Status.SUBMITTING)
    elsewhere.clock.advance(1000)
    elsewhere.sql("CREATE TRIGGER no_doubt BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'not today'); END")
    before = elsewhere.dump()
    with pytest.raises(Exception, match="not today"):
        begin_run(elsewhere.ledger, JOB, ME)
    assert elsewhere.dump() == before


def test_a_run_that_was_taken_over_cannot_write_any_more(elsewhere: Book) -> None:
    entry = elsewhere.brought_to(Status.SUBMITTING)
    elsewhere.clock.advance(1000)
    run = begin_run(elsewhere.ledger, JOB, ME)
    elsewhere.ledger.claim(run, Status.IN_DOUBT, limit=1)
    before = elsewhere.dump()
    with pytest.raises(EventRefused):
        elsewhere.accepted(entry)
    with pytest.raises(EventRefused, match="taken over"):
        heartbeat(elsewhere.ledger, elsewhere.run)
    assert elsewhere.dump() == before


def test_a_run_that_was_taken_over_ends_without_touching_the_next_one(elsewhere: Book) -> None:
    elsewhere.record()
    elsewhere.clock.advance(1000)
    run = begin_run(elsewhere.ledger, JOB, ME)
    successor = Book(elsewhere.path, elsewhere.clock, elsewhere.ledger, run)
    successor.record()
    entry = successor.taken(Status.PENDING)
    successor.begun(entry)
    end_run(elsewhere.ledger, elsewhere.run, {"ending": "stopped"})
    assert elsewhere.column("status") == "submitting"
    successor.accepted(entry)
    with pytest.raises(JobHeld):
        Queries(elsewhere.ledger.engine).refuse_if_held(JOB, elsewhere.clock.now)


def test_a_run_that_ends_without_waiting_for_an_answer_leaves_it_in_doubt(book: Book) -> None:
    book.brought_to(Status.SUBMITTING)
    end_run(book.ledger, book.run, {"ending": "stopped"})
    assert book.column("status") == "in_doubt"
    assert book.column("leased_by") is None
    (run,) = book.sql("SELECT * FROM runs")
    assert (run["ended_at"], run["outcome"]) == (book.clock.now, '{"ending":"stopped"}')


def test_an_end_leaves_other_jobs_alone(book: Book) -> None:
    other = Book.open(book.path, clock=Clock(), job="another")
    try:
        other.brought_to(Status.SUBMITTING, request("B-1"))
        end_run(book.ledger, book.run, {})
        assert book.column("status", "B-1") == "submitting"
        assert book.column("leased_by", "B-1") is not None
    finally:
        other.ledger.close()
