"""Our cells in a row that has them already, side by side and plainly written: found at one look.

This is what a workbook looks like from the second write-back on, however Excel or LibreOffice saved it meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from batchgen.sheet.cells import column_letters


class OwnCells:
    """Finds the cells of neighbouring columns, given in their order, in rows of one namespace prefix."""

    def __init__(self, prefix: str, columns: Sequence[int]) -> None:
        p = re.escape(prefix.encode())
        value = rb"<%bv>[^<]*</%bv>" % (p, p)
        text = rb'<%bis><%bt(?: xml:space="preserve")?>[^<]*</%bt></%bis>' % (p, p, p, p)
        cell = rb'(?:<%bc r="%%b\d++"((?: s="\d++")?)(?: t="\w++")?(?:/>|>(?:%b|%b)</%bc>))?+' % (p, value, text, p)
        self._cells = re.compile(b"".join(cell % column_letters(column).encode() for column in columns))
        self._styles: dict[bytes | None, int | None] = {None: None}

    def styles(self, row: bytes, begin: int) -> tuple[int, list[int | None]]:
        """Where our cells end that begin here, and the style of each; None for one that is not there."""
        match = self._cells.match(row, begin)
        if match is None:
            return begin, []
        known = self._styles
        return match.end(), [known[each] if each in known else self._number(each) for each in match.groups()]

    def _number(self, attribute: bytes) -> int:
        self._styles[attribute] = number = int(attribute[4:-1] or 0)
        return number
