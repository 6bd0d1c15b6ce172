from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batchgen.ledger import Entry, Status
from tests.ledger.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book.fresh(tmp_path / "ledger.db")
    yield book
    book.ledger.close()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Callable[[Status], tuple[Book, Entry]]]:
    """Opens a ledger that holds one entry at a status."""
    opened: list[Book] = []

    def stand_at(status: Status) -> tuple[Book, Entry]:
        book, entry = Book.standing(tmp_path / "ledger.db", status)
        opened.append(book)
        return book, entry

    yield stand_at
    for book in opened:
        book.ledger.close()
