"""Read .xlsx and .xlsm: every cell as the person sees it, and nothing silently empty."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from batchgen.errors import Problem, SheetInvalid
from batchgen.sheet.cells import MOST_COLUMNS, ColumnNumbers, RowReader, attributes, column_letters
from batchgen.sheet.columns import below_headers, trimmed
from batchgen.sheet.sheet import CellFault, Sheet, SheetRow
from batchgen.sheet.sheet_xml import Canonical, NotStraight, SheetXml
from batchgen.sheet.trouble import empty_header, no_rows, refusal
from batchgen.sheet.workbook import Tab, Workbook

MOST_ROWS = 1_048_576

_MERGE = re.compile(r"<(?:[\w.-]+:)?mergeCell\s[^>]*ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_TRUE = ("1", "true")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows as shown, columns from 0, all inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letters(self.left)}{self.top}:{column_letters(self.right)}{self.bottom}"


@dataclass(slots=True)
class _Contents:
    """What one pass over the rows found."""

    headers: tuple[str, ...] = ()
    header_faults: tuple[CellFault, ...] = ()
    rows: list[SheetRow] | None = None
    first_filled: int | None = None
    hidden: int = 0
    tail: bytes = b""


def read_xlsx(file: BinaryIO, path: Path, *, tab: str | None, header_row: int, digest: str) -> Sheet:
    """The rows of one tab. Raises SheetInvalid."""
    with Workbook(file, path) as book:
        chosen = book.tab(tab)
        contents = _read_tab(book, chosen, header_row)
        rows, merge_problems = _with_merges(contents, merges(contents.tail), header_row)
        problems = [*_header_problems(contents, header_row), *merge_problems]
        if not problems and not rows:
            problems = [no_rows(path, chosen.name)]
        if problems:
            raise SheetInvalid(problems)
        notes = tuple(_notes(book, contents))
        return Sheet(path, chosen.name, header_row, contents.headers, rows, digest, notes)


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


def _read_tab(book: Workbook, tab: Tab, header_row: int) -> _Contents:
    try:
        with book.open(tab.part) as stream:
            return _read_rows(book, SheetXml(stream), header_row)
    except NotStraight:
        pass
    try:
        with book.open(tab.part) as stream:
            return _read_rows(book, SheetXml(Canonical(stream)), header_row)
    except NotStraight as error:
        raise refusal(
            f'The tab "{tab.name}" of {book.path.name} is damaged.',
            "Open it in your spreadsheet program, save it under a new name, and use that file.",
        ) from error


def _read_rows(book: Workbook, sheet: SheetXml, header_row: int) -> _Contents:
    reader = RowReader(book.shared_texts, book.formats, date1904=book.date1904, prefix=sheet.prefix)
    contents = _Contents(rows=[])
    rows: list[SheetRow] = []
    width = MOST_COLUMNS
    for number, tag, xml in numbered_rows(sheet):
        if number < header_row or not xml:
            continue
        cells, faults = reader.read(xml, width)
        if number == header_row:
            contents.headers, contents.header_faults = trimmed(cells), tuple(faults)
            width = len(contents.headers) or MOST_COLUMNS
        elif any(cells) or faults:
            contents.first_filled = contents.first_filled or number
            rows.append(SheetRow(number, tuple(cells), tuple(faults)))
            contents.hidden += "hidden" in tag and attributes(tag).get("hidden") in _TRUE
        if contents.first_filled and not contents.headers:
            break
    contents.rows, contents.tail = below_headers(contents.headers, rows), sheet.tail
    return contents


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


def _header_problems(contents: _Contents, header_row: int) -> Iterator[Problem]:
    if not contents.headers:
        yield empty_header(header_row, contents.first_filled)
    for fault in contents.header_faults:
        yield Problem(
            message=f"The header in column {column_letters(fault.column)}: {fault.message}",
            hint="Type the header as plain text.",
            row=header_row,
        )


def _with_merges(contents: _Contents, merged: list[Merge], header_row: int) -> tuple[list[SheetRow], list[Problem]]:
    """Rows with a fault for every cell that a merge covers, and problems for merged headers."""
    width = len(contents.headers)
    inside = [merge for merge in merged if merge.left < width and merge.bottom >= header_row]
    problems = [_merged_header(merge, header_row) for merge in inside if merge.top <= header_row]
    rows = list(contents.rows or ())
    numbers = [row.number for row in rows]
    for merge in inside:
        for place in range(bisect_left(numbers, merge.top), bisect_right(numbers, merge.bottom)):
            rows[place] = _covered(rows[place], merge, width)
    return rows, problems


def _merged_header(merge: Merge, header_row: int) -> Problem:
    return Problem(
        message=f"The header cells {merge} are merged, so the columns below have no headers of their own.",
        hint="Unmerge them and give each column its own header"
        + (" (or set header_row to the row below)." if merge.bottom == header_row else "."),
        row=header_row,
    )


def _covered(row: SheetRow, merge: Merge, width: int) -> SheetRow:
    columns = range(merge.left, min(merge.right + 1, width))
    faults = [
        CellFault(column, "", f"This cell is part of the merged cells {merge}.", "Unmerge them and fill each row.")
        for column in columns
        if (row.number, column) != (merge.top, merge.left)
    ]
    return SheetRow(row.number, row.cells, (*row.faults, *faults))


def _notes(book: Workbook, contents: _Contents) -> Iterator[str]:
    if contents.hidden:
        yield f"{contents.hidden} hidden rows (a filter, perhaps) are read like all others."
    if book.never_calculated and contents.rows:
        yield (
            "The program that made this workbook left its formulas to be calculated when it is opened: "
            "if it has formulas, open and save it once in your spreadsheet program."
        )
