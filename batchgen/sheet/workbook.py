"""The package around a workbook's tabs: the zip file, its parts, shared texts and number formats.

Everything that comes out of a file of someone else is bounded: declared sizes are checked before a part is
inflated (zipfile never inflates more than declared), and a DTD is refused before any entity is read.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, BinaryIO, Self
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from batchgen.sheet.number_format import BUILT_IN
from batchgen.sheet.texts import text_items
from batchgen.sheet.trouble import did_you_mean, refusal

_MOST_BYTES = 4 << 30
_SMALL_PART = 64 << 20
"""Bytes; parts below may be packed as tightly as they like."""
_MOST_RATIO = 300
"""Real sheets pack 5 to 60 times; deflate itself ends at 1,032."""

_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>")
_BROKEN = "Open it in your spreadsheet program, save it under a new name, and use that file."


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with cells: its name, the part that holds it, and whether the person sees it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Link:
    """One relationship between parts; ``target`` is a part name, or an address when external."""

    id: str
    kind: str
    target: str
    external: bool


class Workbook:
    """An open .xlsx or .xlsm package. Raises SheetInvalid for anything that is not one."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path = path
        try:
            self.archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise refusal(
                f"{path.name} is damaged: it ends too early or was not copied whole.", "Get a new copy of it."
            ) from error
        self._names = {name.casefold().lstrip("/"): name for name in self.archive.namelist()}
        self.main_part = self._find_main_part()
        self._main = self.tree(self.main_part)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def has(self, part: str) -> bool:
        return part.casefold() in self._names

    def info(self, part: str) -> zipfile.ZipInfo:
        try:
            return self.archive.getinfo(self._names[part.casefold()])
        except KeyError as error:
            raise refusal(f"{self.path.name} is damaged: its part {part} is missing.", _BROKEN) from error

    @property
    def parts(self) -> list[str]:
        return list(self._names)

    def open(self, part: str) -> PartStream:
        """A part's bytes as a stream. Raises SheetInvalid when it would inflate beyond all reason."""
        info = self.info(part)
        bomb = info.file_size > _SMALL_PART and info.file_size > _MOST_RATIO * info.compress_size
        if bomb or info.file_size > _MOST_BYTES:
            raise refusal(
                f"{self.path.name} would grow to {info.file_size / 1e9:,.1f} GB when unpacked; that is no real sheet.",
                "Copy the rows you need into a new workbook.",
            )
        if info.flag_bits & 0x1:
            raise refusal(f"{self.path.name} is encrypted.", "Save it without a password and try again.")
        try:
            return PartStream(self.archive.open(info), self.path)
        except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
            raise refusal(f"{self.path.name} is damaged: its part {part} cannot be unpacked.", _BROKEN) from error

    def read(self, part: str) -> bytes:
        with self.open(part) as stream:
            return stream.read()

    def tree(self, part: str) -> Element:
        return parse_xml(self.read(part), self.path)

    def links(self, part: str) -> list[Link]:
        """Where a part points to (its ``.rels``); targets are resolved to part names."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", name + ".rels")
        return [_link(element, folder) for element in self.tree(rels)] if self.has(rels) else []

    @cached_property
    def date1904(self) -> bool:
        return any(child.get("date1904") in ("1", "true") for child in self._main if local_name(child) == "workbookPr")

    @cached_property
    def never_calculated(self) -> bool:
        """The program that wrote this file left calculating to whoever opens it."""
        return any(
            child.get("fullCalcOnLoad") in ("1", "true") for child in self._main if local_name(child) == "calcPr"
        )

    @cached_property
    def tabs(self) -> tuple[Tab, ...]:
        """The tabs that hold cells, in their order on screen; chart and macro sheets are none."""
        links = {link.id: link for link in self.links(self.main_part)}
        return tuple(self._worksheets(links))

    def _worksheets(self, links: dict[str, Link]) -> Iterator[Tab]:
        for element in self._main.iter():
            if local_name(element) != "sheet":
                continue
            link = links.get(next((v for k, v in element.items() if k.endswith("}id")), ""))
            if link is not None and link.kind == "worksheet":
                yield Tab(element.get("name", ""), link.target, element.get("state", "visible") == "visible")

    def tab(self, name: str | None) -> Tab:
        """The tab of this name, by default the first that the person sees."""
        if not self.tabs:
            raise refusal(f"{self.path.name} has no tab with cells in it.", "Add one with a header row and your rows.")
        if name is None:
            return next((tab for tab in self.tabs if tab.visible), self.tabs[0])
        for tab in self.tabs:
            if tab.name.strip().casefold() == name.strip().casefold():
                return tab
        names = [tab.name for tab in self.tabs]
        listed = ", ".join(f'"{known}"' for known in names)
        hint = " ".join(filter(None, [did_you_mean(name, names), f"Its tabs are {listed}."]))
        raise refusal(f'{self.path.name} has no tab named "{name}".', hint)

    @cached_property
    def shared_texts(self) -> list[str]:
        part = self._linked_part("sharedStrings")
        return text_items(self.read(part), lambda data: parse_xml(data, self.path)) if part else []

    @cached_property
    def first_texts(self) -> FirstTexts:
        """The shared texts for who needs only a few of the first, such as headers."""
        return FirstTexts(self, self._linked_part("sharedStrings"))

    @cached_property
    def styles_part(self) -> str | None:
        return self._linked_part("styles")

    @cached_property
    def formats(self) -> list[str]:
        """The number format code of every cell style, by style number."""
        if self.styles_part is None:
            return ["General"]
        root = self.tree(self.styles_part)
        own = {e.get("numFmtId"): e.get("formatCode", "") for e in root.iter() if local_name(e) == "numFmt"}
        styles = next((child for child in root if local_name(child) == "cellXfs"), Element("cellXfs"))
        numbers = [xf.get("numFmtId", "0") for xf in styles if local_name(xf) == "xf"]
        return [own.get(number) or BUILT_IN.get(_int(number), "General") for number in numbers] or ["General"]

    def _linked_part(self, kind: str) -> str | None:
        found = [link.target for link in self.links(self.main_part) if link.kind == kind]
        return found[0] if found and self.has(found[0]) else None

    def _find_main_part(self) -> str:
        if not self.has("_rels/.rels"):
            raise refusal(f"{self.path.name} is a zip file, but not a workbook.", "Use an .xlsx, .csv or .tsv file.")
        targets = [link.target for link in self.links("") if link.kind == "officeDocument"]
        main = targets[0] if targets else "xl/workbook.xml"
        if main.endswith(".bin"):
            raise refusal(f"{self.path.name} is a binary workbook (.xlsb).", "Save it as .xlsx and use that file.")
        root = local_name(self.tree(main))
        if root != "workbook":
            raise refusal(
                f"{self.path.name} is no workbook but another Office document ({root}).", "Use an .xlsx file."
            )
        return main


class FirstTexts(Sequence[str]):
    """Shared texts, unpacked only as far as they are asked for."""

    def __init__(self, book: Workbook, part: str | None) -> None:
        self._book = book
        self._part = part
        self._texts: list[str] = []
        self._bytes = 1 << 14

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, number: int) -> str:  # type: ignore[override]  # slices are not needed
        while number >= len(self._texts) and self._part is not None:
            self._read_more(self._part)
        return self._texts[number]

    def _read_more(self, part: str) -> None:
        with self._book.open(part) as stream:
            start = stream.read(self._bytes)
        self._bytes *= 16
        if self._bytes > self._book.info(part).file_size or b"<!" in start:
            self._texts, self._part = self._book.shared_texts, None
        elif ends := [item.end() for item in _ITEM_END.finditer(start)]:
            self._texts = text_items(start[: ends[-1]], lambda data: parse_xml(data, self._book.path))


class PartStream:
    """The inflated bytes of one part; a damaged file is told in plain words."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream = stream
        self._path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise refusal(f"{self._path.name} is damaged: a part of it cannot be unpacked.", _BROKEN) from error


class _NoDoctype(TreeBuilder):
    """Refuses a DTD as soon as it begins: entities inside could grow without end or read other files."""

    def doctype(self, _name: str, _pubid: str, _system: str) -> None:
        raise ParseError("document type definition")


def parse_xml(data: bytes, path: Path) -> Element:
    """The element tree of a small part. Raises SheetInvalid for broken XML and for a DTD."""
    parser = XMLParser(target=_NoDoctype())  # noqa: S314 (a DTD, the way to attack it, is refused)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise refusal(f"{path.name} is damaged: a part of it is not readable XML.", _BROKEN) from error
    return root


def local_name(element: Element) -> str:
    """``row`` for ``{http://...}row``: transitional and strict files differ only in the namespace."""
    return str(element.tag).rpartition("}")[2]


def _link(element: Element, folder: str) -> Link:
    external = element.get("TargetMode") == "External"
    target = element.get("Target", "")
    if not external:
        target = posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")
    return Link(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target, external)


def _int(text: str) -> int:
    return int(text) if text.isdecimal() else 0
