"""Where result columns live in a sheet: found by header, or appended to its right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batchgen.fields import normal
from batchgen.sheet.sheet import CellValue

Cells = Mapping[int, Mapping[str, CellValue]]
"""Row number → result column → value."""


@dataclass(frozen=True, slots=True)
class Places:
    """Column numbers from 0 of every result column; ``new`` are those that the sheet did not have."""

    by_header: Mapping[str, int]
    new: tuple[str, ...]

    @property
    def first_new(self) -> int | None:
        return min((self.by_header[header] for header in self.new), default=None)

    @property
    def last(self) -> int:
        return max(self.by_header.values(), default=-1)


def place_columns(headers: Sequence[str], columns: Sequence[str], first_free: int) -> Places:
    """Find columns among the headers as a person would (case and ``_`` do not matter), append the others."""
    known: dict[str, int] = {}
    for place, header in enumerate(headers):
        known.setdefault(normal(header), place)
    new = tuple(column for column in columns if normal(column) not in known)
    appended = {column: first_free + order for order, column in enumerate(new)}
    return Places({column: known.get(normal(column), appended.get(column, 0)) for column in columns}, new)


def trimmed(headers: list[str]) -> tuple[str, ...]:
    """Headers without the blank ones at the end."""
    last = max((place for place, text in enumerate(headers) if text.strip()), default=-1)
    return tuple(headers[: last + 1])
