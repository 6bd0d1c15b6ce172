"""What a spreadsheet says, as values: headers, rows of text, and what is wrong with single cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

CellValue = str | int | float | datetime | None
"""What a result cell may hold; None clears it. A datetime is written with its own wall-clock time."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be trusted: an error value, a formula without a result, lost digits, a ragged row."""

    column: int
    value: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row below the header.

    ``number`` is what the person's program shows at its left edge. ``cells`` holds the text as the person
    sees it, ``""`` for an empty cell, one per header.
    """

    number: int
    cells: tuple[str, ...]
    faults: tuple[CellFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One tab of a workbook, or one text file, as read at one moment.

    ``headers`` are raw: duplicates and blanks are kept. Rows without any content are left out. ``digest`` is
    the sha256 of the file's bytes; ``notes`` are warnings for people.
    """

    path: Path
    tab: str | None
    header_row: int
    headers: tuple[str, ...]
    rows: Sequence[SheetRow]
    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Where results went, and the reason when that is another file than the one asked for."""

    path: Path
    reason: str | None = None
