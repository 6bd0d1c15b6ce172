"""Fill result columns into a workbook losslessly: only our cells change, inside the XML of their tab.

The tab's part is streamed through; every other part keeps its bytes, save a table that our columns extend and
the list of styles when a result needs a new one. What cannot be patched with certainty raises NotPatchable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from batchgen.sheet.cell_xml import CellWriter
from batchgen.sheet.cells import MOST_COLUMNS
from batchgen.sheet.columns import Cells, Places, place_columns, trimmed
from batchgen.sheet.drawings import lie_over
from batchgen.sheet.links_patch import LinksPatch
from batchgen.sheet.row_patch import Collision, RowPatcher, used_width
from batchgen.sheet.sheet_head import with_used_range, with_widths
from batchgen.sheet.sheet_xml import NotStraight, SheetXml
from batchgen.sheet.styles_patch import Look, Styles, looks_in
from batchgen.sheet.table_patch import plan_tables
from batchgen.sheet.workbook import Tab, Workbook
from batchgen.sheet.xlsx import merges, read_headers
from batchgen.sheet.zip_patch import Chunks, NotPatchable, patch_zip


def patch_xlsx(
    source: BinaryIO,
    target: BinaryIO,
    path: Path,
    *,
    tab: str | None,
    header_row: int,
    columns: Sequence[str],
    cells: Cells,
) -> None:
    """Write the workbook in ``source`` to ``target`` with the results filled in. Raises NotPatchable."""
    with Workbook(source, path) as book:
        _refuse_special(book)
        chosen = book.tab(tab)
        try:
            headers = read_headers(book, chosen, header_row)
            places = place_columns(headers, columns, len(trimmed(headers)))
            try:
                _patch(source, target, book, chosen, header_row, places, cells)
            except Collision:
                # Something stands right of the table: our columns go beyond all of it.
                places = place_columns(headers, columns, used_width(book, chosen))
                target.seek(0)
                target.truncate()
                _patch(source, target, book, chosen, header_row, places, cells)
        except NotStraight as reason:
            raise NotPatchable(f'its tab "{chosen.name}" is written in an unusual way ({reason})') from reason


def _refuse_special(book: Workbook) -> None:
    if any(part.startswith("_xmlsignatures/") for part in book.parts):
        raise NotPatchable("it is digitally signed, and any change would break the signature")
    if any(part.startswith("xl/revisions/") for part in book.parts):
        raise NotPatchable("it is a shared workbook that tracks changes")


def _patch(
    source: BinaryIO, target: BinaryIO, book: Workbook, tab: Tab, header_row: int, places: Places, cells: Cells
) -> None:
    if places.last >= MOST_COLUMNS:
        raise NotPatchable("it has no column left for results")
    links = LinksPatch(book, tab, header_row, places, cells)
    styles = Styles(book, looks_in(cells) | ({Look.LINK} if links.wanted else set()))
    patch = _TabPatch(book, tab, header_row, places, cells, styles, links)
    changed: dict[str, Chunks] = {book.info(tab.part).filename: patch.stream}
    for table in plan_tables(book, tab, header_row, places):
        changed[book.info(table.part).filename] = _whole(table.data)
    if styles.part and styles.data:
        changed[book.info(styles.part).filename] = _whole(styles.data)
    added: dict[str, bytes] = {}
    if links.data and links.is_new:
        added[links.part] = links.data
    elif links.data:
        changed[book.info(links.part).filename] = _whole(links.data)
    patch_zip(source, target, changed, added)


def _whole(data: bytes) -> Chunks:
    return lambda: [data]


class _TabPatch:
    """The new bytes of one tab, streamed."""

    def __init__(
        self,
        book: Workbook,
        tab: Tab,
        header_row: int,
        places: Places,
        cells: Cells,
        styles: Styles,
        links: LinksPatch,
    ) -> None:
        self._book = book
        self._tab = tab
        self._header_row = header_row
        self._places = places
        self._cells = cells
        self._styles = styles
        self._links = links

    def stream(self) -> Iterator[bytes]:
        with self._book.open(self._tab.part) as part:
            sheet = SheetXml(part)
            last_row = max(self._cells, default=self._header_row)
            yield self._head(sheet, last_row)
            writer = CellWriter(sheet.prefix, self._styles.numbers, date1904=self._book.date1904)
            rows = RowPatcher(sheet.prefix, writer, self._places, self._cells, self._header_row)
            for chunk in sheet.rows():
                yield rows.patch(chunk)
            rows.refuse_missing()
            self._refuse_merged(sheet.tail, last_row)
            yield self._links.tail(sheet.tail, sheet.prefix)

    def _head(self, sheet: SheetXml, last_row: int) -> bytes:
        head = with_used_range(sheet.head, self._places, self._header_row, last_row)
        new = [self._places.by_header[header] for header in self._places.new]
        return head if lie_over(self._book, self._tab, new) else with_widths(head, sheet.prefix, self._places)

    def _refuse_merged(self, tail: bytes, last_row: int) -> None:
        ours = set(self._places.by_header.values())
        for merge in merges(tail):
            columns = range(merge.left, merge.right + 1)
            if merge.bottom >= self._header_row and merge.top <= last_row and not ours.isdisjoint(columns):
                raise NotPatchable(f"the merged cells {merge} cover a result column")
