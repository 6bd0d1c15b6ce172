"""Read .xlsx and .xlsm: every cell as the person sees it, and nothing silently empty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from batchgen.errors import SheetInvalid
from batchgen.sheet.cells import MOST_COLUMNS, ColumnNumbers, RowReader, attributes
from batchgen.sheet.contents import Contents
from batchgen.sheet.merges import Merge
from batchgen.sheet.sheet import Sheet
from batchgen.sheet.sheet_xml import Canonical, NotStraight, SheetXml
from batchgen.sheet.trouble import refusal
from batchgen.sheet.workbook import Tab, Workbook

MOST_ROWS = 1_048_576

_MERGE = re.compile(r"<(?:[\w.-]+:)?mergeCell\s[^>]*ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_TRUE = ("1", "true")
_NEVER_CALCULATED = (
    "The program that made this workbook left its formulas to be calculated when it is opened: "
    "open and save it once in your spreadsheet program, so that their results are the true ones."
)
_Read = tuple[Contents, bytes, list[str]]
"""The rows, the XML after them, and notes."""


def read_xlsx(file: BinaryIO, path: Path, *, tab: str | None, header_row: int, digest: str) -> Sheet:
    """The rows of one tab. Raises SheetInvalid."""
    with Workbook(file, path) as book:
        return _read(book, tab, header_row, digest, book.formats)


def read_xlsx_as_stored(file: BinaryIO, path: Path, *, tab: str | None, header_row: int, digest: str) -> Sheet:
    """The same with every number as it is stored: dates as days, nothing rounded. Raises SheetInvalid."""
    with Workbook(file, path) as book:
        return _read(book, tab, header_row, digest, ["General"] * len(book.formats))


def _read(book: Workbook, tab: str | None, header_row: int, digest: str, formats: Sequence[str]) -> Sheet:
    chosen = book.tab(tab)
    contents, tail, notes = _read_tab(book, chosen, header_row, formats)
    return contents.sheet(book.path, chosen.name, digest, merges=merges(tail), notes=notes)


def read_xlsx_headers(file: BinaryIO, path: Path, *, tab: str | None, header_row: int) -> list[str]:
    """The headers of one tab, without a look at its rows. Raises SheetInvalid."""
    with Workbook(file, path) as book:
        chosen = book.tab(tab)
        try:
            return read_headers(book, chosen, header_row)
        except NotStraight as error:
            raise _damaged(chosen, path) from error


def read_headers(book: Workbook, tab: Tab, header_row: int) -> list[str]:
    """The texts of the header row, blanks at its end included; empty when there is no such row."""
    try:
        with book.open(tab.part) as stream:
            return _headers_in(book, SheetXml(stream), header_row)
    except NotStraight:
        with book.open(tab.part) as stream:
            return _headers_in(book, SheetXml(Canonical(stream)), header_row)


def _headers_in(book: Workbook, sheet: SheetXml, header_row: int) -> list[str]:
    reader = RowReader(book.first_texts, book.formats, date1904=book.date1904, prefix=sheet.prefix)
    for number, _, xml in numbered_rows(sheet):
        if number >= header_row:
            return reader.read(xml, MOST_COLUMNS)[0] if number == header_row else []
    return []


def numbered_rows(sheet: SheetXml) -> Iterator[tuple[int, str, str]]:
    """Each row's number, its attributes, and the XML of its cells."""
    row = re.compile(rf"<{re.escape(sheet.prefix)}row((?:\s[^>]*?)?)(/?)>")
    end = f"</{sheet.prefix}row>"
    number = 0
    for chunk in sheet.rows():
        for piece in _decode(chunk).split(end):
            place = 0
            while tag := row.search(piece, place):
                _only_space(piece[place : tag.start()])
                number = _row_number(tag[1], number)
                place = tag.end() if tag[2] else len(piece)
                yield number, tag[1], piece[tag.end() : place]
            _only_space(piece[place:])


def merges(tail: bytes) -> list[Merge]:
    """The merged ranges that a sheet lists after its rows."""
    columns = ColumnNumbers()
    return [
        Merge(int(top), columns[left], int(bottom), columns[right])
        for left, top, right, bottom in _MERGE.findall(tail.decode("utf-8", "replace"))
    ]


def _read_tab(book: Workbook, tab: Tab, header_row: int, formats: Sequence[str]) -> _Read:
    try:
        with book.open(tab.part) as stream:
            return _read_rows(book, SheetXml(stream), header_row, formats)
    except NotStraight:
        pass
    try:
        with book.open(tab.part) as stream:
            return _read_rows(book, SheetXml(Canonical(stream)), header_row, formats)
    except NotStraight as error:
        raise _damaged(tab, book.path) from error


def _damaged(tab: Tab, path: Path) -> SheetInvalid:
    return refusal(
        f'The tab "{tab.name}" of {path.name} is damaged.',
        "Open it in your spreadsheet program, save it under a new name, and use that file.",
    )


def _read_rows(book: Workbook, sheet: SheetXml, header_row: int, formats: Sequence[str]) -> _Read:
    reader = RowReader(book.shared_texts, formats, date1904=book.date1904, prefix=sheet.prefix)
    contents = Contents(header_row)
    width = MOST_COLUMNS
    for number, tag, xml in numbered_rows(sheet):
        if number < header_row or not xml:
            continue
        cells, faults = reader.read(xml, width)
        contents.add(number, cells, faults, hidden="hidden" in tag and attributes(tag).get("hidden") in _TRUE)
        if contents.hopeless:
            break
        width = len(contents.headers) or MOST_COLUMNS
    return contents, sheet.tail, [_NEVER_CALCULATED] if book.never_calculated and reader.formulas else []


def _row_number(tag: str, previous: int) -> int:
    if tag.startswith(' r="') and (digits := tag[4 : tag.find('"', 4)]).isdecimal():
        number = int(digits)
    else:
        written = attributes(tag).get("r", "")
        number = int(written) if written.isdecimal() else previous + 1
    if not 1 <= number <= MOST_ROWS:
        raise NotStraight(f"row {number} cannot exist")
    return number


def _only_space(xml: str) -> None:
    if xml and not xml.isspace():
        raise NotStraight("something between the rows")


def _decode(chunk: bytes) -> str:
    try:
        return chunk.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStraight("not in UTF-8") from error
