"""What xlrd does not tell of an .xls file: which zeros are results of formulas that nobody calculated.

LibreOffice (7.4, say) that opens an .xlsx file and saves it as .xls stores the number 0 for every formula that
gives a text, and nothing in the record says so; only of a formula that can give nothing but numbers the 0 is true.
Record layouts: [MS-XLS] §2.4.21 (BOF), §2.4.127 (Formula), §2.4.277 (ShrFmla).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from batchgen.sheet.xls_formula import gives_a_number

_BOF, _FORMULA, _SHARED_FORMULA = 0x0809, 0x0006, 0x04BC
_SHARED = b"\x01"
"""The only step of a formula that is stored once for a range of cells."""
_WORKSHEET = 0x0010
_LIBREOFFICE = struct.pack("<HH", 0x0DBB, 0x07CC)
"""Build and year in the BOF records that LibreOffice writes."""
_ZERO = bytes(8)

Zeros = frozenset[tuple[int, int]]
"""Row and column from 0."""


def doubtful_zeros(records: bytes) -> list[Zeros]:
    """The formula cells of each worksheet, in the file's order, whose zero is not to be trusted."""
    tabs: list[_Tab] = []
    for kind, body in _records(records):
        if kind == _BOF:
            if body[4:8] != _LIBREOFFICE:
                return []
            if body[2:4] == struct.pack("<H", _WORKSHEET):
                tabs.append(_Tab())
        elif kind == _FORMULA and tabs and body[6:14] == _ZERO:
            tabs[-1].add_zero(struct.unpack_from("<HH", body), _steps(body, 20))
        elif kind == _SHARED_FORMULA and tabs and gives_a_number(_steps(body, 8)):
            tabs[-1].numeric.append(_Range(*struct.unpack_from("<HHBB", body)))
    return [frozenset(tab.doubtful()) for tab in tabs]


def _steps(body: bytes, place: int) -> bytes:
    """The formula that begins here with its length."""
    length = int.from_bytes(body[place : place + 2], "little")
    return body[place + 2 : place + 2 + length]


class _Range(NamedTuple):
    top: int
    bottom: int
    left: int
    right: int


class _Tab:
    """The zeros of one worksheet, and where its shared formulas can give nothing but numbers."""

    def __init__(self) -> None:
        self.numeric: list[_Range] = []
        self._own: list[tuple[int, int]] = []
        self._shared: list[tuple[int, int]] = []

    def add_zero(self, cell: tuple[int, int], steps: bytes) -> None:
        if steps[:1] == _SHARED:
            self._shared.append(cell)
        elif not gives_a_number(steps):
            self._own.append(cell)

    def doubtful(self) -> Iterator[tuple[int, int]]:
        yield from self._own
        for row, column in self._shared:
            if not any(r.top <= row <= r.bottom and r.left <= column <= r.right for r in self.numeric):
                yield row, column


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length
