"""What stands around a workbook's tabs: their list, shared texts and number formats."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element

from batchgen.sheet.number_format import BUILT_IN
from batchgen.sheet.package import Package, parse_xml
from batchgen.sheet.texts import text_items
from batchgen.sheet.trouble import no_such_tab, refusal

_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>")


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


class Workbook(Package):
    """An open .xlsx or .xlsm package. Raises SheetInvalid for anything that is not one."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        super().__init__(file, path)
        self.main_part = self._find_main_part()
        self._main = self.tree(self.main_part)

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
        raise no_such_tab(self.path, name, [tab.name for tab in self.tabs])

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
