"""How rows are named on the command line: one name is exactly one row, or nothing happens."""

from __future__ import annotations

import pytest

from batchgen.cli.rows import rows_named, typed_row
from batchgen.errors import UsageError

NUMBERS = {"00417": 2, "7": 3, "A-3": 7, "gone": 8, "A-4": 8}


def test_ids_come_before_numbers_and_each_row_comes_once() -> None:
    assert rows_named(["7", "row:7", "row:2", "00417"], NUMBERS) == ["7", "A-3", "00417"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2", 'There is no row "2" in the ledger. For the row with the number 2 write row:2.'),
        ("417", 'Did you mean "00417"?'),
        ("row:8", 'row:8 is more than one row in the ledger: "gone" and "A-4". Name the one that you mean by its id.'),
        ("row:99", 'There is no row "row:99" in the ledger. Write a row id, or row:7 for a row number.'),
        ("row: 7", "There is no row"),
    ],
)
def test_what_is_not_exactly_one_row_is_refused(name: str, told: str) -> None:
    with pytest.raises(UsageError, match="row") as refused:
        rows_named(["00417", name], NUMBERS)
    assert told in str(refused.value)


def test_an_id_that_looks_like_an_option_is_typed_by_its_number() -> None:
    assert (typed_row("-5", 9), typed_row("A-5", 9)) == ("row:9", "A-5")
