"""Fill result columns into a text file; every other character stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from batchgen.sheet.columns import Cells, Places, place_columns
from batchgen.sheet.csv import TextSheet, open_text
from batchgen.sheet.sheet import CellValue

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class NotRepresentable(Exception):
    """A result cannot be written in the encoding of this file."""


def patch_csv(data: bytes, path: Path, *, header_row: int, columns: Sequence[str], cells: Cells) -> bytes:
    """The file's bytes with the results filled in. Raises NotRepresentable."""
    sheet = open_text(data, path)
    records = list(_split(sheet))
    header = records[header_row - 1] if header_row <= len(records) else _Record([], "")
    names = [_unquoted(field) for field in header.fields]
    widest = max((record.filled for record in records[header_row:]), default=0)
    places = place_columns(names, columns, max(len(names), widest))
    writer = _Writer(sheet, places, all_quoted=_all_quoted(records))
    if any(number > len(records) or not records[number - 1].fields for number in cells if number > header_row):
        raise NotRepresentable("some rows are not where they were read")
    out = [sheet.preamble]
    for number, record in enumerate(records, start=1):
        if number == header_row:
            out.append(writer.row(record, {name: name for name in places.new}))
        elif number > header_row and record.fields:
            out.append(writer.row(record, cells.get(number, {})))
        else:
            out.append(record.text(sheet.separator))
    try:
        patched = sheet.encoding.encode("".join(out))
        same = sheet.encoding.encode(sheet.text) == data
    except UnicodeEncodeError as error:
        raise NotRepresentable(f"{sheet.encoding.name} has no {error.object[error.start]!r}") from error
    if not same:
        raise NotRepresentable(f"{sheet.encoding.name} cannot be written back exactly")
    return patched


class _Record:
    """One record: its fields exactly as they stand in the file, and its line end."""

    __slots__ = ("end", "fields")

    def __init__(self, fields: list[str], end: str) -> None:
        self.fields = fields
        self.end = end

    @property
    def filled(self) -> int:
        """The number of fields up to the last one that holds something."""
        return max((place + 1 for place, field in enumerate(self.fields) if field not in ("", '""')), default=0)

    def text(self, separator: str) -> str:
        return separator.join(self.fields) + self.end


class _Writer:
    def __init__(self, sheet: TextSheet, places: Places, *, all_quoted: bool) -> None:
        self._separator = sheet.separator
        self._places = places
        self._all_quoted = all_quoted
        self._special = re.compile(f'["\r\n{re.escape(sheet.separator)}]|^ | $')
        self._width = places.last + 1 if places.new else 0

    def row(self, record: _Record, values: Mapping[str, CellValue]) -> str:
        """The record with these values in their places; as wide as its header when columns are new."""
        fields = record.fields
        blank = '""' if self._all_quoted else ""
        needed = max([self._width, *(self._places.by_header[header] + 1 for header in values)])
        fields.extend([blank] * (needed - len(fields)))
        for header, value in values.items():
            fields[self._places.by_header[header]] = self._field(value)
        return record.text(self._separator)

    def _field(self, value: CellValue) -> str:
        text = cell_text(value)
        if self._all_quoted or self._special.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text


def cell_text(value: CellValue) -> str:
    """A value as text that no spreadsheet program takes for a formula."""
    match value:
        case None:
            return ""
        case str():
            text = value.replace("\0", "")
            return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
        case datetime():
            return value.replace(tzinfo=None).isoformat(" ", "seconds")
        case _:
            return repr(value)


def _split(sheet: TextSheet) -> Iterator[_Record]:
    """Cut the text into records and fields without changing a character."""
    separator = re.escape(sheet.separator)
    field = re.compile(rf'("(?:[^"]|"")*"|[^{separator}\r\n]*)({separator}|\r\n|\n|\r|\Z)')
    body, end_of_text, place = sheet.body, len(sheet.body), 0
    fields: list[str] = []
    while place < end_of_text or fields:
        match = field.match(body, place)
        if match is None:  # reading has refused such files before
            raise NotRepresentable("its quotes do not match")
        fields.append(match[1])
        place = match.end()
        if match[2] != sheet.separator:
            yield _Record([] if fields == [""] else fields, match[2])
            fields = []


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field


def _all_quoted(records: Sequence[_Record]) -> bool:
    """Whether this file quotes every cell; then ours are quoted, too."""
    sample = [field for record in records[:100] for field in record.fields]
    return bool(sample) and all(field.startswith('"') for field in sample)
