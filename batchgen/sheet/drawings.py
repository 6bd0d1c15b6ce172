"""Charts, pictures and text boxes that lie over columns: they are as wide as the columns below them.

Anchors: ECMA-376 part 1, §20.5.2.33 (twoCellAnchor).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from batchgen.sheet.workbook import Tab, Workbook, local_name


def lie_over(book: Workbook, tab: Tab, columns: Collection[int]) -> bool:
    """Whether another width of these columns (from 0) would stretch something that is drawn on the tab."""
    parts = [link.target for link in book.links(tab.part) if link.kind == "drawing" and not link.external]
    spans = (span for part in parts if book.has(part) for span in _spans(book.tree(part)))
    return any(not span.isdisjoint(columns) for span in map(set, spans))


def _spans(drawing: Element) -> Iterator[range]:
    """The columns from where to where a thing reaches, for each that is held at two cells."""
    for anchor in drawing:
        if local_name(anchor) == "twoCellAnchor":
            ends = [_column(corner) for corner in anchor if local_name(corner) in ("from", "to")]
            yield range(min(ends, default=0), max(ends, default=0) + 1)


def _column(corner: Element) -> int:
    written = next((child.text or "" for child in corner if local_name(child) == "col"), "")
    return int(written) if written.strip().isdecimal() else 0
