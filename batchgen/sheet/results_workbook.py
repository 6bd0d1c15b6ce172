"""A new workbook with the user's cells as text and the results beside them, when theirs cannot be changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from batchgen.fields import normal
from batchgen.sheet.columns import Cells
from batchgen.sheet.sheet import CellValue, Sheet

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_ROW_HEADER = "row"


def write_results_workbook(target: BinaryIO, sheet: Sheet, columns: Sequence[str], cells: Cells) -> None:
    """One line per row of the sheet: its number there, the user's columns, then the result columns."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    tab = book.create_sheet("Results")
    tab.freeze_panes = "A2"
    ours = {normal(column) for column in columns}
    kept = [place for place, header in enumerate(sheet.headers) if header and normal(header) not in ours]
    headers = [_ROW_HEADER, *(sheet.headers[place] for place in kept), *columns]
    titles = [plain_cell(tab, header) for header in headers]
    for title in titles:
        title.font = Font(bold=True)
    tab.append(titles)
    for row in sheet.rows:
        values = cells.get(row.number, {})
        line = [row.number, *(row.cells[place] for place in kept), *(values.get(column) for column in columns)]
        tab.append([plain_cell(tab, value) for value in line])
    book.save(target)


def plain_cell(tab: WriteOnlyWorksheet, value: CellValue) -> Cell:
    """A cell with this value as it is: text that begins like a formula stays text."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(tab, value=_writable(value))
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _writable(value: CellValue) -> CellValue:
    """The value without what a workbook cannot hold: time zones, control characters, endless text."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str):
        return "".join(c for c in value if c in "\t\n\r" or c >= " ")[:32_767]
    return value
