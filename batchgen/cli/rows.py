"""Rows as people name them on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from batchgen.errors import UsageError
from batchgen.fields import closest

if TYPE_CHECKING:
    from batchgen.request import Built

FINGERPRINT_CHARS = 64
NUMBERED = re.compile(r"row:(\d+)")

ROW_HELP = "A row id, or row:7 for row 7 of the sheet."
ROWS_HELP = "Row ids, or row:7 for row 7 of the sheet."


def rows_named(names: Sequence[str], numbers: Mapping[str, int], *, place: str = "the ledger") -> list[str]:
    """Row ids for what was typed: a row id, or ``row:7``. A bare number is never taken for a row number.

    ``numbers`` maps the row ids of ``place`` to their rows' numbers. Raises ``UsageError`` for every name that is
    not exactly one row.
    """
    found = {name: _rows_of(name, numbers) for name in names}
    problems = [_problem(name, rows, numbers, place) for name, rows in found.items() if len(rows) != 1]
    if problems:
        raise UsageError("\n".join(problems))
    return list(dict.fromkeys(rows[0] for rows in found.values()))


def numbers_in_sheet(built: Built) -> dict[str, int]:
    """Row id → row number of every row that has an id."""
    numbers = {row.id: row.number for row in built.rows}
    numbers |= {row.id: row.number for row in built.invalid if row.id is not None}
    return numbers | {row.id: row.number for row in built.filtered if row.id is not None}


def _rows_of(name: str, numbers: Mapping[str, int]) -> list[str]:
    if name in numbers:
        return [name]
    numbered = NUMBERED.fullmatch(name)
    return [row_id for row_id, number in numbers.items() if numbered and number == int(numbered[1])]


def _problem(name: str, rows: Sequence[str], numbers: Mapping[str, int], place: str) -> str:
    if rows:
        ids = " and ".join(f'"{row_id}"' for row_id in rows)
        return f"{name} is more than one row in {place}: {ids}. Name the one that you mean by its id."
    return " ".join([f'There is no row "{name}" in {place}.', *_hints(name, numbers)])


def _hints(name: str, numbers: Mapping[str, int]) -> Iterator[str]:
    if meant := closest(name, numbers):
        yield f'Did you mean "{meant}"?'
    if name in map(str, numbers.values()):
        yield f"For the row with the number {name} write row:{name}."
    elif not meant:
        yield "Write a row id, or row:7 for a row number."


def typed_row(row_id: str, number: int) -> str:
    """A row as it can be typed: its id, or its number where the id would be taken for an option."""
    return f"row:{number}" if row_id.startswith("-") else row_id


def short_id(row_id: str) -> str:
    """A row id for people: without an id column it is a fingerprint, of which the beginning tells enough."""
    fingerprint, separator, occurrence = row_id.partition("#")
    return f"{fingerprint[:12]}…#{occurrence}" if separator and len(fingerprint) == FINGERPRINT_CHARS else row_id
