"""Merged cells: a problem in the header, a fault below it, never a silent blank."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from batchgen.errors import Problem
from batchgen.sheet.cells import column_letters
from batchgen.sheet.sheet import CellFault, SheetRow


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows as shown, columns from 0, all inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letters(self.left)}{self.top}:{column_letters(self.right)}{self.bottom}"


def merged_header_problems(merges: Sequence[Merge], header_row: int, width: int) -> list[Problem]:
    """A problem for every merge that touches a header."""
    return [
        _merged_header(merge, header_row)
        for merge in merges
        if merge.left < width and merge.top <= header_row <= merge.bottom
    ]


def with_merges(rows: Sequence[SheetRow], merges: Sequence[Merge], width: int) -> list[SheetRow]:
    """Rows with a fault for every cell that a merge covers."""
    covered = list(rows)
    numbers = [row.number for row in rows]
    for merge in merges:
        for place in range(bisect_left(numbers, merge.top), bisect_right(numbers, merge.bottom)):
            covered[place] = _covered(covered[place], merge, width)
    return covered


def _merged_header(merge: Merge, header_row: int) -> Problem:
    lower = " (or set header_row to the row below)." if merge.bottom == header_row else "."
    return Problem(
        message=f"The header cells {merge} are merged, so the columns below have no headers of their own.",
        hint=f"Unmerge them and give each column its own header{lower}",
        row=header_row,
    )


def _covered(row: SheetRow, merge: Merge, width: int) -> SheetRow:
    faults = [
        CellFault(column, "", f"This cell is part of the merged cells {merge}.", "Unmerge them and fill each row.")
        for column in range(merge.left, min(merge.right + 1, width))
        if (row.number, column) != (merge.top, merge.left)
    ]
    return replace(row, faults=(*row.faults, *faults))
