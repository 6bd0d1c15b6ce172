"""Make a workbook for people to fill in: a header that explains itself, drop-downs, example rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_LAST_PREPARED_ROW = 1000
"""Drop-downs reach this far down; more rows are fine, only without them."""

_NARROWEST, _WIDEST = 12, 60
"""Column widths, in characters of the default font."""

_INK, _WHITE = "1F3A5F", "FFFFFF"
_FONT = "Calibri"  # the one that the workbook's plain cells have
_TEXT = "@"
"""The number format that keeps a typed ``16:9`` from becoming a time and ``00417`` from becoming 417."""

_AUTHOR = "batchgen"
_NOTE_WIDTH_PX, _NOTE_LINE_PX, _NOTE_LINE_CHARS = 280, 18, 40


@dataclass(frozen=True, kw_only=True, slots=True)
class NewColumn:
    """One column to be filled in. ``numeric`` columns hold numbers, all others text."""

    header: str
    note: str = ""
    choices: tuple[str, ...] = ()
    numeric: bool = False
    examples: tuple[str, ...] = ()


def new_workbook(columns: Sequence[NewColumn], *, tab: str) -> bytes:
    """The bytes of an .xlsx file with one tab: header in row 1, frozen, and the example rows below it."""
    from openpyxl import Workbook
    from openpyxl.workbook.properties import CalcProperties

    book = Workbook()
    book.calculation = CalcProperties(fullCalcOnLoad=False)  # there are no formulas to be calculated
    sheet: Worksheet = book.worksheets[0]
    sheet.title = tab
    for number, column in enumerate(columns, start=1):
        _fill(sheet, number, column)
    sheet.row_dimensions[1].height = 24
    sheet.freeze_panes = "A2"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def example_rows(columns: Sequence[NewColumn]) -> list[tuple[str, ...]]:
    """The examples of all columns, row by row."""
    return list(zip_longest(*(column.examples for column in columns), fillvalue=""))


def _fill(sheet: Worksheet, number: int, column: NewColumn) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(number)
    _write_header(sheet, number, column)
    longest = max(map(len, (column.header, *column.examples)))
    sheet.column_dimensions[letter].width = min(max(longest + 3, _NARROWEST), _WIDEST)
    if not column.numeric:
        sheet.column_dimensions[letter].number_format = _TEXT
    for row, text in enumerate(column.examples, start=2):
        cell = sheet.cell(row, number)
        cell.number_format = "General" if column.numeric else _TEXT
        cell.alignment = Alignment(vertical="top", wrap_text=len(text) > _WIDEST)
        if text:
            cell.value = float(text) if column.numeric else text
            cell.data_type = "n" if column.numeric else "s"  # text that begins with "=" is no formula
    if column.choices:
        _add_drop_down(sheet, letter, column)


def _write_header(sheet: Worksheet, number: int, column: NewColumn) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = sheet.cell(1, number, column.header)
    cell.font = Font(name=_FONT, size=11, bold=True, color=_WHITE)
    cell.fill = PatternFill("solid", fgColor=_INK)
    cell.alignment = Alignment(vertical="center")
    if column.note:
        lines = sum(len(line) // _NOTE_LINE_CHARS + 1 for line in column.note.splitlines())
        cell.comment = Comment(column.note, _AUTHOR, width=_NOTE_WIDTH_PX, height=_NOTE_LINE_PX * (lines + 1))


def _add_drop_down(sheet: Worksheet, letter: str, column: NewColumn) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = ", ".join(column.choices)
    rule = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    rule.showErrorMessage = True
    rule.errorTitle = "Not in the list"
    rule.error = f"{column.header} takes {listed}, or nothing."[:225]  # Excel shows no more
    rule.add(f"{letter}2:{letter}{_LAST_PREPARED_ROW}")
    sheet.add_data_validation(rule)
