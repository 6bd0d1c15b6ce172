"""Events that are ready at the same moment become one durable commit, and each learns its own fate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from batchgen.errors import EventRefused, LedgerUnavailable
from batchgen.ledger import Acceptance, Entry, Status
from batchgen.runner.group_writer import GroupWriter
from tests.ledger.book import Book, request


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book.fresh(tmp_path / "ledger.db")
    yield book
    book.ledger.close()


def submitting(book: Book, count: int) -> list[Entry]:
    return [book.brought_to(Status.SUBMITTING, request(f"A-{number}")) for number in range(count)]


def accepts(book: Book, entries: list[Entry]) -> list[Callable[[], None]]:
    return [partial(book.accepted, entry, f"v-{entry.id}") for entry in entries]


def written(book: Book, events: list[Callable[[], Any]]) -> list[Any]:
    """What came of ``events``, all ready at once."""

    async def run() -> list[Any]:
        writer = GroupWriter(book.ledger, book.run)
        return await asyncio.gather(*(writer.write(one) for one in events), return_exceptions=True)

    return asyncio.run(asyncio.wait_for(run(), 5))


def statuses(book: Book) -> list[str]:
    return [row["status"] for row in book.sql("SELECT status FROM entries ORDER BY id")]


def test_events_of_one_moment_are_one_commit(book: Book) -> None:
    entries = submitting(book, 5)
    commits: list[object] = []
    event.listen(book.ledger.engine, "commit", commits.append)
    assert written(book, [*accepts(book, entries)]) == [None] * 5
    assert len(commits) == 1
    assert statuses(book) == ["rendering"] * 5


def test_an_event_is_durable_when_its_write_returns(book: Book) -> None:
    (entry,) = submitting(book, 1)

    async def run() -> list[str]:
        await GroupWriter(book.ledger, book.run).write(partial(book.accepted, entry))
        return statuses(book)  # on another connection

    assert asyncio.run(run()) == ["rendering"]


def test_each_event_gets_its_own_answer(book: Book) -> None:
    assert written(book, [lambda: 1, lambda: "two", lambda: None]) == [1, "two", None]


def test_a_refused_event_leaves_its_neighbours_whole(book: Book) -> None:
    first, last = submitting(book, 2)
    wrong = book.brought_to(Status.PENDING, request("B-1"))
    told = written(book, accepts(book, [first, wrong, last]))
    assert [type(one) for one in told] == [type(None), EventRefused, type(None)]
    assert statuses(book) == ["rendering", "rendering", "pending"]


def test_creates_accepted_in_one_moment_share_their_statements_but_not_a_refusal(book: Book) -> None:
    first, last = submitting(book, 2)
    wrong = book.brought_to(Status.PENDING, request("B-1"))

    async def run() -> list[Any]:
        writer = GroupWriter(book.ledger, book.run)
        accepted = [
            Acceptance(entry_id=entry.id, video_id=f"v-{entry.id}", look_at=1.0) for entry in (first, wrong, last)
        ]
        writing = [*map(writer.accepted, accepted), writer.write(lambda: "another event")]
        outcomes: list[Any] = await asyncio.gather(*writing, return_exceptions=True)
        return outcomes

    told = asyncio.run(asyncio.wait_for(run(), 5))
    assert [type(one) for one in told] == [type(None), EventRefused, type(None), str]
    assert statuses(book) == ["rendering", "rendering", "pending"]
    assert [row["video_id"] for row in book.attempts()] == [f"v-{first.id}", f"v-{last.id}"]


def test_a_failed_commit_fails_them_all_and_keeps_nothing(book: Book) -> None:
    entries = submitting(book, 2)

    def poison() -> None:
        with book.ledger.transaction() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            connection.exec_driver_sql("INSERT INTO events (entry_id, at, event, details) VALUES (99, 1, 'x', '{}')")

    told = written(book, [*accepts(book, entries), poison])
    assert [type(one) for one in told] == [LedgerUnavailable] * 3
    assert statuses(book) == ["submitting"] * 2


def test_a_mistake_of_ours_reaches_whoever_waits_and_keeps_nothing(book: Book) -> None:
    """Else the run would wait for ever."""
    entries = submitting(book, 2)
    told = written(book, [*accepts(book, entries), lambda: 1 // 0])
    assert [type(one) for one in told] == [ZeroDivisionError] * 3
    assert statuses(book) == ["submitting"] * 2


def test_a_write_that_nobody_waits_for_any_more_is_still_written(book: Book) -> None:
    entries = submitting(book, 2)

    async def run() -> None:
        writer = GroupWriter(book.ledger, book.run)
        gone, stays = (asyncio.ensure_future(writer.write(one)) for one in accepts(book, entries))
        await asyncio.sleep(0)
        gone.cancel()
        await stays

    asyncio.run(asyncio.wait_for(run(), 5))
    assert statuses(book) == ["rendering"] * 2


def test_what_waits_at_the_end_of_a_run_is_written_at_once(book: Book) -> None:
    (entry,) = submitting(book, 1)

    async def run() -> None:
        writer = GroupWriter(book.ledger, book.run)
        waiting = asyncio.ensure_future(writer.write(partial(book.accepted, entry)))
        await asyncio.sleep(0)
        waiting.cancel()
        assert writer.flush() is None

    asyncio.run(run())
    assert statuses(book) == ["rendering"]


def test_a_last_commit_that_breaks_is_told_though_nobody_waits_for_it(book: Book) -> None:
    async def run() -> Exception | None:
        writer = GroupWriter(book.ledger, book.run)
        waiting = asyncio.ensure_future(writer.write(lambda: 1 // 0))
        await asyncio.sleep(0)
        waiting.cancel()
        return writer.flush()

    assert isinstance(asyncio.run(run()), ZeroDivisionError)
