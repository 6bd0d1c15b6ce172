"""Which rows the approval column lets through."""

from __future__ import annotations

from collections.abc import Iterator

from batchgen.errors import Doubt
from batchgen.job.table import shortened
from batchgen.sheet import SheetRow

YES = frozenset({"yes", "y", "true", "x", "1", "ok", "okay", "approved", "✓", "✔", "☑", "✅"})
NO = frozenset({"", "no", "n", "false", "0", "-", "rejected", "not approved", "✗", "✘", "❌", "☐"})


class Approvals:
    """Reads the approval cell of each row. Without such a column every row is approved."""

    def __init__(self, column: int | None) -> None:
        self.cells = frozenset[int]() if column is None else frozenset({column})
        self._unclear: list[tuple[int, str]] = []

    def says_yes(self, row: SheetRow) -> bool:
        """Whether the row may be sent. A word that is neither yes nor no is none, and is told."""
        for column in self.cells:
            word = row.cells[column].replace("\ufe0f", "").strip().casefold()
            if word not in YES:
                if word not in NO:
                    self._unclear.append((row.number, row.cells[column].strip()))
                return False
        return True

    def told(self) -> Iterator[Doubt]:
        """The rows whose cell is neither yes nor no."""
        if self._unclear:
            yield Doubt(
                kind="approval",
                message="The approval is neither a yes nor a no; it counts as no.",
                hint="Write yes, x or TRUE.",
                rows=tuple(number for number, _ in self._unclear),
                example=shortened(self._unclear[0][1]),
            )
