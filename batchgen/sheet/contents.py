"""The rows of one tab on their way to becoming a Sheet, whatever format they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from batchgen.errors import Problem, SheetInvalid
from batchgen.sheet.cells import column_letters
from batchgen.sheet.columns import below_headers, trimmed
from batchgen.sheet.merges import Merge, merged_header_problems, with_merges
from batchgen.sheet.sheet import CellFault, Sheet, SheetRow
from batchgen.sheet.trouble import empty_header, no_rows


@dataclass(slots=True)
class Contents:
    """What one pass over the rows finds: the header, filled rows below it, and what is odd."""

    header_row: int
    headers: tuple[str, ...] = ()
    header_faults: tuple[CellFault, ...] = ()
    rows: list[SheetRow] = field(default_factory=list)
    hidden: int = 0

    @property
    def hopeless(self) -> bool:
        """There is content below, but no header: reading on is of no use."""
        return bool(self.rows) and not self.headers

    def add(self, number: int, cells: list[str], faults: list[CellFault], *, hidden: bool) -> None:
        """Take the next row; ``cells`` of rows below the header are as many as there are headers."""
        if number == self.header_row:
            self.headers, self.header_faults = trimmed(cells), tuple(faults)
        elif number > self.header_row and (faults or any(cells)):
            self.rows.append(SheetRow(number, tuple(cells), tuple(faults)))
            self.hidden += hidden

    def sheet(
        self, path: Path, tab: str | None, digest: str, *, merges: Sequence[Merge] = (), notes: Sequence[str] = ()
    ) -> Sheet:
        """The finished sheet. Raises SheetInvalid with all problems of its header and shape."""
        width = len(self.headers)
        inside = [merge for merge in merges if merge.left < width and merge.bottom >= self.header_row]
        rows = with_merges(below_headers(self.headers, self.rows), inside, width)
        problems = [*self._header_problems(), *merged_header_problems(inside, self.header_row, width)]
        if not problems and not rows:
            problems = [no_rows(path, tab)]
        if problems:
            raise SheetInvalid(problems)
        return Sheet(path, tab, self.header_row, self.headers, rows, digest, (*self._notes(), *notes))

    def _header_problems(self) -> Iterator[Problem]:
        if not self.headers:
            yield empty_header(self.header_row, self.rows[0].number if self.rows else None)
        for fault in self.header_faults:
            yield Problem(
                message=f"The header in column {column_letters(fault.column)}: {fault.message}",
                hint="Type the header as plain text.",
                row=self.header_row,
            )

    def _notes(self) -> Iterator[str]:
        if self.hidden:
            rows = "1 hidden row is" if self.hidden == 1 else f"{self.hidden} hidden rows are"
            yield f"{rows} read like all others (is a filter on?)."
