"""What stands before a tab's rows and has to know about new columns: the used range and column widths."""

from __future__ import annotations

import re

from batchgen.sheet.cells import ColumnNumbers, column_letters
from batchgen.sheet.columns import Places

_WIDTH = 18
"""Width of a new column, in characters of the default font."""

_DIMENSION = re.compile(rb"(<(?:[\w.-]+:)?dimension\s[^>]*?ref=[\"'])([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?(?=[\"'])")
_LAST_WIDTH = re.compile(rb"<(?:[\w.-]+:)?col\s[^>]*?max=[\"'](\d+)[\"']")


def with_used_range(head: bytes, places: Places, header_row: int, last_row: int) -> bytes:
    """The head with a used range that includes our cells."""
    if not places.by_header:
        return head
    return _DIMENSION.sub(lambda found: _wider(found, places, header_row, last_row), head, count=1)


def _wider(found: re.Match[bytes], places: Places, header_row: int, last_row: int) -> bytes:
    numbers = ColumnNumbers()
    left, right = numbers[found[2].decode()], numbers[(found[4] or found[2]).decode()]
    top, bottom = int(found[3]), int(found[5] or found[3])
    left, right = min(left, *places.by_header.values()), max(right, places.last)
    top, bottom = min(top, header_row), max(bottom, last_row)
    return found[1] + f"{column_letters(left)}{top}:{column_letters(right)}{bottom}".encode()


def with_widths(head: bytes, prefix: str, places: Places) -> bytes:
    """The head with a sensible width for new columns, unless the person chose one for columns there."""
    if not places.new:
        return head
    p = prefix.encode()
    first, last = (places.first_new or 0) + 1, places.last + 1
    ours = b'<%bcol min="%d" max="%d" width="%d" customWidth="1"/>' % (p, first, last, _WIDTH)
    end = head.rfind(b"</%bcols>" % p)
    if end < 0:
        rows = head.rfind(b"<%bsheetData" % p)
        return head[:rows] + b"<%bcols>" % p + ours + b"</%bcols>" % p + head[rows:]
    if any(int(number) >= first for number in _LAST_WIDTH.findall(head)):
        return head
    return head[:end] + ours + head[end:]
