from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book.fresh(tmp_path / "ledger.db")
    yield book
    book.ledger.close()
