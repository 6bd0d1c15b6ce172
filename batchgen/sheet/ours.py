"""Whether a file that is in the way was made by batchgen, or is the person's own: told by its header."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from batchgen.errors import SheetInvalid
from batchgen.fields import normal
from batchgen.sheet.read import read_headers

NOT_OURS = "a file of that name is there which batchgen did not make. Rename or move it, then run again"


def has_column(path: Path, columns: Iterable[str], *, tab: str | None = None, header_row: int = 1) -> bool:
    """Whether the file can be read as a sheet and has at least one of these columns."""
    try:
        headers = read_headers(path, tab=tab, header_row=header_row)
    except SheetInvalid:
        return False
    return not {normal(column) for column in columns}.isdisjoint(map(normal, headers))
