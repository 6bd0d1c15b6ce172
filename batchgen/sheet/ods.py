"""Read .ods: LibreOffice stores beside every value the text that it shows, so that is what is read.

Source: OASIS OpenDocument 1.3 part 3, §9 (tables) and §6.1 (texts).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from batchgen.sheet.cells import MOST_COLUMNS
from batchgen.sheet.contents import Contents
from batchgen.sheet.merges import Merge
from batchgen.sheet.number_format import general
from batchgen.sheet.package import BROKEN, Package
from batchgen.sheet.sheet import CellFault, Sheet
from batchgen.sheet.trouble import no_such_tab, refusal

_NAMES = {
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office:",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table:",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text:",
}
_CELLS = ("table:table-cell", "table:covered-table-cell")
_ERROR_STARTS = ("#", "Err:")
_MOST_REPEATED_ROWS = 100_000
"""Filled rows that one element may stand for; more is an attack, not a sheet."""


def read_ods(file: BinaryIO, path: Path, *, tab: str | None, header_row: int, digest: str) -> Sheet:
    """The rows of one tab. Raises SheetInvalid."""
    with Package(file, path) as package:
        reader = _Reader(package.read("content.xml"), path, tab, header_row)
    if reader.found is None:
        raise no_such_tab(path, tab, reader.tabs)
    return reader.contents.sheet(path, reader.found, digest, merges=reader.merges)


class _Reader:
    """One pass over the document; only the wanted tab (by default the first) is taken in."""

    def __init__(self, content: bytes, path: Path, tab: str | None, header_row: int) -> None:
        self.tabs: list[str] = []
        self.found: str | None = None
        self.contents = Contents(header_row)
        self.merges: list[Merge] = []
        self._path = path
        self._wanted = tab.strip().casefold() if tab else None
        self._inside = False
        self._depth = 0
        self._number = 0
        self._row: Mapping[str, str] = {}
        self._texts: list[str] = []
        self._faults: list[CellFault] = []
        self._cell: Mapping[str, str] = {}
        self._words: list[str] | None = None
        self._skipped = 0
        self._parse(content)

    def _parse(self, content: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, given: self._start(_short(name), given)
        parser.EndElementHandler = lambda name: self._end(_short(name))
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._broken
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            self._broken()

    def _broken(self, *_: object) -> NoReturn:
        raise refusal(f"{self._path.name} is damaged: a part of it is not readable XML.", BROKEN)

    def _start(self, name: str, given: dict[str, str]) -> None:
        if name == "table:table":
            self._start_tab({_short(key): value for key, value in given.items()})
        elif not self._inside:
            return
        elif self._skipped or name == "office:annotation":
            # A comment on a cell is no text of the cell.
            self._skipped += 1
        elif name == "table:table-row":
            self._row, self._texts, self._faults = {_short(key): value for key, value in given.items()}, [], []
        elif name in _CELLS:
            self._cell, self._words = {_short(key): value for key, value in given.items()}, None
        elif name == "text:p":
            self._words = [] if self._words is None else [*self._words, "\n"]
        elif self._words is not None:
            self._words.append(_space(name, {_short(key): value for key, value in given.items()}))

    def _start_tab(self, given: Mapping[str, str]) -> None:
        name = given.get("table:name", "")
        self._depth += 1
        if self._depth > 1:
            return
        self.tabs.append(name)
        if self.found is None and self._wanted in (None, name.strip().casefold()):
            self.found, self._inside, self._number = name, True, 0

    def _characters(self, text: str) -> None:
        if self._words is not None and not self._skipped:
            self._words.append(text)

    def _end(self, name: str) -> None:
        if name == "table:table":
            self._depth -= 1
            self._inside = self._inside and self._depth > 0
        elif not self._inside:
            return
        elif self._skipped:
            self._skipped -= 1
        elif name in _CELLS:
            self._end_cell(covered=name == _CELLS[1])
        elif name == "table:table-row":
            self._end_row()

    def _end_cell(self, *, covered: bool) -> None:
        text = "" if covered else self._shown("".join(self._words or ()))
        self._words = None
        column = len(self._texts)
        repeated = min(_count(self._cell, "table:number-columns-repeated"), MOST_COLUMNS - column)
        if text.startswith(_ERROR_STARTS) and self._cell.get("table:formula"):
            message = f"{text} is an error value: the formula failed."
            hint = "Correct the formula, or put the value itself into the cell."
            self._faults += [CellFault(place, text, message, hint) for place in range(column, column + repeated)]
        wide = _count(self._cell, "table:number-columns-spanned")
        high = _count(self._cell, "table:number-rows-spanned")
        if wide > 1 or high > 1:
            top = self._number + 1
            self.merges.append(Merge(top, column, top + high - 1, column + wide - 1))
        if text or column + repeated < MOST_COLUMNS:
            self._texts += [text] * repeated

    def _shown(self, text: str) -> str:
        """The text of the cell; a plain number that is too long to be shown, with all its digits."""
        value = self._cell.get("office:value", "")
        shortened = self._cell.get("office:value-type") == "float" and ("E+" in text or "###" in text)
        return general(value) if shortened and value else text

    def _end_row(self) -> None:
        repeated = _count(self._row, "table:number-rows-repeated")
        filled = bool(self._faults) or any(self._texts)
        if filled and repeated > _MOST_REPEATED_ROWS:
            raise refusal(f"{self._path.name} repeats one row {repeated:,} times.", "Remove the rows you do not need.")
        hidden = self._row.get("table:visibility", "visible") != "visible"
        for _ in range(repeated if filled else 0):
            self._number += 1
            width = len(self.contents.headers) or len(self._texts)
            cells = self._texts[:width] + [""] * (width - len(self._texts))
            faults = [fault for fault in self._faults if fault.column < width]
            self.contents.add(self._number, cells, faults, hidden=hidden)
        self._number += 0 if filled else repeated


def _short(name: str) -> str:
    """``table:table-row`` for expat's ``urn:... table-row``, whatever prefix the file uses."""
    namespace, _, local = name.rpartition(" ")
    return _NAMES.get(namespace, "") + local


def _count(given: Mapping[str, str], name: str) -> int:
    written = given.get(name, "1")
    return max(1, int(written)) if written.isdecimal() else 1


def _space(name: str, given: Mapping[str, str]) -> str:
    match name:
        case "text:s":
            return " " * min(_count(given, "text:c"), 1000)
        case "text:tab":
            return "\t"
        case "text:line-break":
            return "\n"
        case _:
            return ""
