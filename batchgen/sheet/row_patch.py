"""Put our cells into the XML of rows; every byte around them stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from batchgen.sheet.cell_xml import CellWriter
from batchgen.sheet.cells import ColumnNumbers, attributes, column_letters
from batchgen.sheet.columns import Cells, Places
from batchgen.sheet.own_cells import OwnCells
from batchgen.sheet.sheet import CellValue
from batchgen.sheet.sheet_xml import NotStraight, SheetXml, straight
from batchgen.sheet.workbook import Tab, Workbook
from batchgen.sheet.xlsx import numbered_rows
from batchgen.sheet.zip_patch import NotPatchable

_SPANS = re.compile(rb"\sspans=[\"']\d+:(\d+)[\"']")


class Collision(Exception):
    """A cell of the user stands where a new column was to go."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of a row: its column from 0, where it stands in the row's XML, and what is in it."""

    column: int
    begin: int
    end: int
    style: int
    inside: bytes


class _CellFinder:
    """Finds the cells in the XML of one row, in whatever way they are written."""

    def __init__(self, prefix: str) -> None:
        p = re.escape(prefix.encode())
        self._cell = re.compile(
            rb'<%bc(?: r="([A-Z]+)\d+")?(?: s="(\d+)")?((?=[\s/>])[^>]*?)(?:/>|>(.*?)</%bc\s*>)' % (p, p), re.DOTALL
        )
        self._columns = ColumnNumbers()

    def cells(self, body: bytes, place: int = 0, column: int = -1) -> list[_Cell]:
        """The cells from a place on, where ``column`` is the one before. Raises NotStraight when unsure."""
        found: list[_Cell] = []
        for match in self._cell.finditer(body, place):
            if match.start() != place and body[place : match.start()].strip():
                raise NotStraight("something between the cells")
            letters, style, others, inside = match.groups()
            if b"r=" in others or b"s=" in others:
                letters, style = _attributes(others, letters, style)
            following = self._columns[letters.decode()] if letters else column + 1
            if following <= column:
                raise NotStraight("cells out of order")
            column, begin, place = following, match.start(), match.end()
            found.append(_Cell(column, begin, place, int(style or 0), inside or b""))
        if body[place:].strip():
            raise NotStraight("something between the cells")
        return found


def _attributes(others: bytes, letters: bytes | None, style: bytes | None) -> tuple[bytes | None, bytes | None]:
    """Reference and style of a cell that does not begin with them."""
    known = attributes(others.decode())
    reference = known.get("r", "").rstrip("0123456789").encode()
    return letters or reference or None, style or known.get("s", "0").encode()


class RowPatcher:
    """Patches chunks of whole rows, one after the other."""

    def __init__(self, prefix: str, writer: CellWriter, places: Places, cells: Cells, header_row: int) -> None:
        p = prefix.encode()
        self._row_end = b"</%brow>" % p
        self._row = re.compile(rb"<%brow((?:\s[^>]*?)?)(/?)>" % re.escape(p))
        self._cell_start = b"<%bc " % p
        self._bare_cell = b"<%bc>" % p
        self._reference = re.compile(rb'<%bc r="([A-Z]+)\d' % re.escape(p))
        self._formula = re.compile(rb"<%bf[\s/>]" % re.escape(p))
        self._finder = _CellFinder(prefix)
        self._columns = ColumnNumbers()
        self._writer = writer
        self._places = places
        self._order = sorted(places.by_header, key=lambda header: places.by_header[header])
        self._letters = {header: column_letters(places.by_header[header]) for header in self._order}
        self._new = {places.by_header[header] for header in places.new}
        self._lowest = min(places.by_header.values(), default=0)
        self._own = None if places.new else OwnCells(prefix, sorted(places.by_header.values()))
        self._lowest_cell = b'<%bc r="%b%%d"' % (p, column_letters(self._lowest).encode())
        self._cells = cells
        self._header_row = header_row
        self._number = 0
        self._seen = 0

    def patch(self, chunk: bytes) -> bytes:
        return self._row_end.join([self._piece(piece) for piece in straight(chunk).split(self._row_end)])

    def refuse_missing(self) -> None:
        """Raise when a row that should get results was never met."""
        expected = sum(number > self._header_row for number in self._cells)
        if self._seen != expected:
            raise NotPatchable("some rows are not where they were read")

    def _piece(self, piece: bytes) -> bytes:
        """The XML up to the end of one row; self-closed rows may stand before it."""
        place = 0
        while tag := self._row.search(piece, place):
            if piece[place : tag.start()].strip():
                raise NotStraight("something between the rows")
            self._count(tag[1])
            place = tag.end()
            if not tag[2]:
                return self._patched_row(piece, tag)
            if self._cells.get(self._number):
                raise NotPatchable(f"row {self._number} is empty")
        if piece[place:].strip():
            raise NotStraight("something between the rows")
        return piece

    def _count(self, tag: bytes) -> None:
        if tag.startswith(b' r="') and (digits := tag[4 : tag.find(b'"', 4)]).isdigit():
            number = int(digits)
        else:
            number = int(attributes(tag.decode()).get("r", self._number + 1))
        if number <= self._number:
            raise NotStraight("rows out of order")
        self._number = number

    def _patched_row(self, piece: bytes, tag: re.Match[bytes]) -> bytes:
        if self._number < self._header_row:
            return piece
        if self._number == self._header_row:
            return self._patched_header(piece, tag)
        values = self._cells.get(self._number)
        self._seen += values is not None
        if values and (replaced := self._replaced(piece, tag, values)) is not None:
            return replaced
        last = self._last_column(piece)
        if last is not None and last < self._lowest:
            if not values:
                return piece
            added = [self._inserted(piece, header, values[header]) for header in self._order if header in values]
            return self._wide_tag(piece, tag) + piece[tag.end() :] + b"".join(added)
        return self._merged(piece, tag, values or {})

    def _patched_header(self, piece: bytes, tag: re.Match[bytes]) -> bytes:
        """New headers look like the last one that was there."""
        cells = self._finder.cells(piece[tag.end() :])
        style = next((cell.style for cell in reversed(cells) if cell.inside and cell.column not in self._new), 0)
        return self._merged(piece, tag, {header: header for header in self._places.new}, style)

    def _last_column(self, piece: bytes) -> int | None:
        """The column of a row's last cell, -1 without cells, None when only a closer look can tell."""
        start = piece.rfind(self._cell_start)
        if piece.rfind(self._bare_cell) > start:
            return None
        if start < 0:
            return -1
        reference = self._reference.match(piece, start)
        return self._columns[reference[1].decode()] if reference else None

    def _replaced(self, piece: bytes, tag: re.Match[bytes], values: Mapping[str, CellValue]) -> bytes | None:
        """The quick way to ``_merged`` when our cells are there already; None when only a closer look can tell."""
        if self._own is None or len(values) != len(self._order):
            return None
        begin = piece.find(self._lowest_cell % self._number, tag.end())
        if begin < 0:
            return None
        end, styles = self._own.styles(piece, begin)
        beyond = self._finder.cells(piece, end, self._lowest - 1) if end < len(piece) else ()
        if not styles or any(cell.column <= self._places.last for cell in beyond):
            return None
        number, write = self._number, self._writer.cell
        cells = [
            self._inserted(piece, header, values[header])
            if style is None
            else write(f"{letters}{number}", values[header], style)
            for (header, letters), style in zip(self._letters.items(), styles, strict=True)
        ]
        return b"".join([self._wide_tag(piece, tag), piece[tag.end() : begin], *cells, piece[end:]])

    def _merged(self, piece: bytes, tag: re.Match[bytes], values: Mapping[str, CellValue], style: int = 0) -> bytes:
        """The row with our cells in the places of their columns, others as they were."""
        body = piece[tag.end() :]
        cells = self._cells_from_ours(body)
        there = {cell.column: cell for cell in cells}
        self._refuse_taken(cells, values)
        changes: list[tuple[int, int, bytes]] = []
        for header in self._order:
            if header not in values:
                continue
            column = self._places.by_header[header]
            old = there.get(column)
            if old is None:
                begin = next((cell.begin for cell in cells if cell.column > column), len(body))
                changes.append((begin, begin, self._inserted(body, header, values[header], style)))
            else:
                kept = style if column in self._new else old.style
                changes.append(
                    (old.begin, old.end, self._writer.cell(self._reference_to(header), values[header], kept))
                )
        return self._wide_tag(piece, tag) + _spliced(body, changes) if changes else piece

    def _cells_from_ours(self, body: bytes) -> list[_Cell]:
        """The cells from our first column on; those before it need no look when it is easily found."""
        first = body.find(self._lowest_cell % self._number)
        return self._finder.cells(body) if first < 0 else self._finder.cells(body, first, self._lowest - 1)

    def _refuse_taken(self, cells: list[_Cell], values: Mapping[str, CellValue]) -> None:
        ours = {self._places.by_header[header] for header in values}
        for cell in cells:
            if cell.column in self._new and cell.inside.strip():
                raise Collision
            if cell.column in ours and self._formula.search(cell.inside):
                raise NotPatchable(f"row {self._number} holds a formula in a result column")

    def _inserted(self, row: bytes, header: str, value: CellValue, style: int = 0) -> bytes:
        """A cell where the row has none yet."""
        if value is None or value == "":
            return b""
        reference = self._reference_to(header)
        if b'"%b"' % reference.encode() in row:
            raise NotStraight("cells out of order")
        return self._writer.cell(reference, value, style)

    def _reference_to(self, header: str) -> str:
        return f"{self._letters[header]}{self._number}"

    def _wide_tag(self, piece: bytes, tag: re.Match[bytes]) -> bytes:
        """Everything up to the end of the row's tag, whose ``spans`` hint must not be too small."""
        spans = _SPANS.search(piece, tag.start(), tag.end())
        if spans is None or int(spans[1]) > self._places.last:
            return piece[: tag.end()]
        return b"%b%d%b" % (piece[: spans.start(1)], self._places.last + 1, piece[spans.end(1) : tag.end()])


def _spliced(body: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    out = []
    place = 0
    for begin, end, new in changes:
        out += [body[place:begin], new]
        place = end
    return b"".join([*out, body[place:]])


def used_width(book: Workbook, tab: Tab) -> int:
    """One more than the last column in which anything stands."""
    with book.open(tab.part) as stream:
        sheet = SheetXml(stream)
        finder = _CellFinder(sheet.prefix)
        width = 0
        for _, _, xml in numbered_rows(sheet):
            filled = [cell.column + 1 for cell in finder.cells(straight(xml.encode())) if cell.inside.strip()]
            width = max(width, *filled, 0) if filled else width
    return width
