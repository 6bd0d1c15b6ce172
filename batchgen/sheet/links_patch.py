"""Make links in result cells clickable: one hyperlink per cell, one relationship per address.

Order of elements: ECMA-376 part 1, §18.3.1.99 (CT_Worksheet).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from html import escape
from itertools import islice

from batchgen.sheet.cells import ColumnNumbers, column_letters
from batchgen.sheet.columns import Cells, Places
from batchgen.sheet.styles_patch import LINK_STARTS
from batchgen.sheet.workbook import Tab, Workbook

_MOST_LINKS = 65_530
"""Excel refuses sheets with more; the cells beyond hold the address as text only."""
_LONGEST = 2_079
"""Characters of an address that Excel takes."""

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

_FOLLOWING = frozenset(
    b"printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors "
    b"smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems "
    b"tableParts extLst AlternateContent".split()
)
_TAG = re.compile(rb"<(/?)(?:[\w.-]+:)?([\w.-]+)(?:\"[^\"]*\"|'[^']*'|[^>\"'])*?(/?)>")
_PLACE = re.compile(rb"\sref\s*=\s*([\"'])([A-Z]+)(\d+)\1")
"""The one cell that a hyperlink is for; of a range nothing is ours."""


class LinksPatch:
    """The hyperlinks of one tab with those of our cells: new relationships, and the XML after the rows."""

    def __init__(self, book: Workbook, tab: Tab, header_row: int, places: Places, cells: Cells) -> None:
        folder, name = posixpath.split(tab.part)
        self.part = posixpath.join(folder, "_rels", name + ".rels")
        self.is_new = not book.has(self.part)
        self.data: bytes | None = None
        self._cells = cells
        self._headers = {column: header for header, column in places.by_header.items()}
        self._office = _STRICT_OFFICE if b"purl.oclc.org" in book.read(book.main_part)[:4000] else _OFFICE
        self._ids = {
            link.target: link.id for link in book.links(tab.part) if link.kind == "hyperlink" and link.external
        }
        self.wanted = dict(_wanted(header_row, places, cells))
        self._add_relationships(book, set(self.wanted.values()) - set(self._ids))

    def tail(self, tail: bytes, prefix: str) -> bytes:
        """The XML after the rows, with a hyperlink for each of our links and none for our other cells."""
        if b"<!" in tail or b"<?" in tail:
            return tail
        p = prefix.encode()
        there = re.search(rb"(<%bhyperlinks\b[^>]*>)(.*?)(</%bhyperlinks\s*>)" % (p, p), tail, re.DOTALL)
        kept = list(self._kept(there[2], p)) if there else []
        room = _MOST_LINKS - len(kept)
        ours = [self._hyperlink(p, place, url) for place, url in list(self.wanted.items())[:room]]
        items = b"".join([*kept, *ours])
        if there:
            whole = there[1] + items + there[3] if items else b""
            return tail[: there.start()] + whole + tail[there.end() :]
        place = _place_for_links(tail)
        if not items or place is None:
            return tail
        return tail[:place] + b"<%bhyperlinks>%b</%bhyperlinks>" % (p, items, p) + tail[place:]

    def _kept(self, items: bytes, p: bytes) -> Iterator[bytes]:
        """Hyperlinks of cells that this write does not touch."""
        numbers = ColumnNumbers()
        link = rb"<%bhyperlink\b([^>]*?)(?:/>|>.*?</%bhyperlink\s*>)" % (p, p)
        for item in re.finditer(link, items, re.DOTALL):
            place = _PLACE.search(item[1])
            header = self._headers.get(numbers[place[2].decode()]) if place else None
            if place is None or header is None or header not in self._cells.get(int(place[3]), {}):
                yield item[0]

    def _hyperlink(self, p: bytes, place: str, url: str) -> bytes:
        identity = f'"{escape(self._ids[url])}"'
        return f'<{p.decode()}hyperlink xmlns:r="{self._office}" ref="{place}" r:id={identity}/>'.encode()

    def _add_relationships(self, book: Workbook, urls: set[str]) -> None:
        if not urls:
            return
        text = f'<Relationships xmlns="{_PACKAGE}"></Relationships>' if self.is_new else book.read(self.part).decode()
        end = re.search(r"</((?:[\w.-]+:)?)Relationships\s*>\s*$", text)
        empty = re.search(r"<((?:[\w.-]+:)?)Relationships\b([^>]*)/>\s*$", text)
        if empty and not end:
            text = f"{text[: empty.start()]}<{empty[1]}Relationships{empty[2]}></{empty[1]}Relationships>"
            end = re.search(r"</((?:[\w.-]+:)?)Relationships\s*>\s*$", text)
        if end is None:
            self.wanted = {place: url for place, url in self.wanted.items() if url in self._ids}
            return
        used = set(re.findall(r"""\bId=["']([^"']*)""", text))
        names = (f"rIdLink{number}" for number in range(1, len(urls) + len(used) + 1))
        self._ids |= dict(zip(sorted(urls), (name for name in names if name not in used), strict=False))
        added = "".join(
            f'<{end[1]}Relationship Id="{self._ids[url]}" Type="{self._office}/hyperlink" '
            f'Target="{escape(url)}" TargetMode="External"/>'
            for url in sorted(urls)
        )
        self.data = (text[: end.start()] + added + text[end.start() :]).encode()


def _wanted(header_row: int, places: Places, cells: Cells) -> Iterator[tuple[str, str]]:
    """Cell reference and address of our links, the first that a sheet has room for."""
    letters = {header: column_letters(column) for header, column in places.by_header.items()}
    links = (
        (f"{letters[header]}{row}", value)
        for row in sorted(cells)
        if row > header_row
        for header, value in cells[row].items()
        if isinstance(value, str) and value.startswith(LINK_STARTS) and len(value) <= _LONGEST
    )
    return islice(links, _MOST_LINKS)


def _place_for_links(tail: bytes) -> int | None:
    """Where hyperlinks stand among the elements after the rows; None when these are odd."""
    depth = 0
    for tag in _TAG.finditer(tail):
        closing, name, closed = tag.groups()
        if depth == 0 and (name in _FOLLOWING or (closing and name == b"worksheet")):
            return tag.start()
        if name == b"sheetData":
            continue
        depth += -1 if closing else 0 if closed else 1
    return None
