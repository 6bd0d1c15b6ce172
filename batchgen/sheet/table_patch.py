"""Let a table grow to the right when our new columns begin where it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from batchgen.sheet.cells import ColumnNumbers, attributes, column_letters
from batchgen.sheet.columns import Places
from batchgen.sheet.texts import escape
from batchgen.sheet.workbook import Tab, Workbook

_ROOT = re.compile(r"<((?:[\w.-]+:)?)table(\s[^>]*)>")
_RANGE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class TablePatch:
    """A table part with its new bytes."""

    part: str
    data: bytes


def plan_tables(book: Workbook, tab: Tab, header_row: int, places: Places) -> list[TablePatch]:
    """The table whose header row is ours and that ends right before our first new column, extended.

    Tables that a query fills stay as they are (their columns belong to the query); our columns then stand
    beside them, which is as valid.
    """
    if not places.new:
        return []
    links = [link for link in book.links(tab.part) if link.kind == "table" and not link.external]
    return list(_extended(book, [link.target for link in links], header_row, places))


def _extended(book: Workbook, parts: list[str], header_row: int, places: Places) -> Iterator[TablePatch]:
    for part in parts:
        text = book.read(part).decode("utf-8", "replace")
        root = _ROOT.search(text)
        if root is None or "<!" in text or "\ufffd" in text:
            continue
        found = attributes(root[2])
        area = _RANGE.fullmatch(found.get("ref", ""))
        grows = found.get("tableType", "worksheet") == "worksheet" and found.get("headerRowCount", "1") != "0"
        if area is None or not grows or int(area[2]) != header_row:
            continue
        if ColumnNumbers()[area[3]] + 1 == places.first_new:
            yield TablePatch(part, _grow(text, root, area, places).encode())


def _grow(text: str, root: re.Match[str], area: re.Match[str], places: Places) -> str:
    p = root[1]
    right = column_letters(places.last)
    bounds = {area[0]: f"{area[1]}{area[2]}:{right}{area[4]}"}
    filtered = re.search(rf"<{p}autoFilter\s[^>]*ref=[\"']([^\"']*)", text)
    if filtered and (own := _RANGE.fullmatch(filtered[1])) and own[3] == area[3]:
        bounds[own[0]] = f"{own[1]}{own[2]}:{right}{own[4]}"
    for old, new in bounds.items():
        text = re.sub(rf"(<{p}(?:table|autoFilter)\s[^>]*?\bref=[\"']){re.escape(old)}(?=[\"'])", rf"\g<1>{new}", text)
    numbers = [int(number) for number in re.findall(rf"<{p}tableColumn\s[^>]*?\bid=[\"'](\d+)", text)]
    columns = "".join(
        f'<{p}tableColumn id="{max(numbers, default=0) + order}" name="{escape(name).replace(chr(34), "&quot;")}"/>'
        for order, name in enumerate(places.new, start=1)
    )
    count = len(numbers) + len(places.new)
    text = re.sub(rf"(<{p}tableColumns\s[^>]*?count=[\"'])\d+", rf"\g<1>{count}", text)
    return text.replace(f"</{p}tableColumns>", f"{columns}</{p}tableColumns>")
