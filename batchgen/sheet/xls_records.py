"""What xlrd does not tell of an .xls file: which zeros are results of formulas that nobody calculated.

LibreOffice (7.4, say) that opens an .xlsx file and saves it as .xls stores the number 0 for every formula that
gives a text. Record layouts: [MS-XLS] §2.4.21 (BOF), §2.4.127 (Formula).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_BOF, _FORMULA = 0x0809, 0x0006
_WORKSHEET = 0x0010
_LIBREOFFICE = struct.pack("<HH", 0x0DBB, 0x07CC)
"""Build and year in the BOF records that LibreOffice writes."""
_ZERO = bytes(8)

Zeros = frozenset[tuple[int, int]]
"""Row and column from 0."""


def doubtful_zeros(records: bytes) -> list[Zeros]:
    """The formula cells of each worksheet, in the file's order, whose zero is not to be trusted."""
    found: list[set[tuple[int, int]]] = []
    for kind, body in _records(records):
        if kind == _BOF:
            if body[4:8] != _LIBREOFFICE:
                return []
            if body[2:4] == struct.pack("<H", _WORKSHEET):
                found.append(set())
        elif kind == _FORMULA and found and body[6:14] == _ZERO:
            found[-1].add(struct.unpack_from("<HH", body))
    return [frozenset(zeros) for zeros in found]


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length
