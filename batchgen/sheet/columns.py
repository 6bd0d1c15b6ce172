"""Where result columns live in a sheet: found by header, or appended to its right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from batchgen.fields import normal
from batchgen.sheet.sheet import CellValue, SheetRow

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


def below_headers(headers: Sequence[str], rows: list[SheetRow]) -> list[SheetRow]:
    """The rows that hold something below a header; a note beside the table makes no row."""
    blank = {place for place, header in enumerate(headers) if not header.strip()}
    if not blank:
        return rows
    named = [place for place in range(len(headers)) if place not in blank]
    cleaned = [_without_faults_in(row, blank) for row in rows]
    return [row for row in cleaned if row.faults or any(row.cells[place] for place in named)]


def _without_faults_in(row: SheetRow, columns: set[int]) -> SheetRow:
    if not any(fault.column in columns for fault in row.faults):
        return row
    return replace(row, faults=tuple(fault for fault in row.faults if fault.column not in columns))
