"""A workbook to look things up in: lists that a drop-down picks from by name, and the id of what was picked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from batchgen.sheet.replace_file import replacing

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

PICK_TAB = "Pick"
PREPARED_ROWS = 200
"""Rows of the first tab that have a drop-down and the formula beside it."""

_WIDEST = 60
_INK, _WHITE = "1F3A5F", "FFFFFF"


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupList:
    """One list. ``field`` is the request field that the ids are for; ``rows`` are (name, id, more…) by ``headers``.

    Cells that begin with ``https://`` are links.
    """

    tab: str
    noun: str
    field: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def write_lookup_workbook(target: Path, lists: Sequence[LookupList]) -> None:
    """An .xlsx file with a tab to pick from all lists, then a tab for each. Raises ``SheetNotWritten``."""
    from openpyxl import Workbook

    book = Workbook()
    pick = book.worksheets[0]
    pick.title = PICK_TAB
    for place, one in enumerate(lists):
        _add_list(book, one)
        _add_pick(pick, 2 * place + 1, one)
    pick.freeze_panes = "A2"
    with replacing(target, before_rename=lambda: None) as file:
        book.save(file)


def _add_list(book: Workbook, one: LookupList) -> None:
    tab = book.create_sheet(one.tab)
    _write_headers(tab, 1, one.headers)
    for number, row in enumerate(_with_names_apart(one.rows), start=2):
        for column, text in enumerate(row, start=1):
            cell = tab.cell(number, column, text)
            cell.data_type = "s"  # text that begins with "=" is no formula
            if text.startswith("https://"):
                cell.hyperlink = text
                cell.style = "Hyperlink"
    for column, header in enumerate(one.headers, start=1):
        longest = max([len(header), *(len(row[column - 1]) for row in one.rows)])
        _widen(tab, column, longest)
    tab.freeze_panes = "A2"
    tab.auto_filter.ref = tab.dimensions


def _with_names_apart(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A name that several things have gets the id behind it: a drop-down knows things by their names."""
    names = [name for name, *_ in rows]
    return [(f"{row[0]} [{row[1]}]" if names.count(row[0]) > 1 else row[0], *row[1:]) for row in rows]


def _add_pick(pick: Worksheet, column: int, one: LookupList) -> None:
    from openpyxl.utils import get_column_letter, quote_sheetname
    from openpyxl.worksheet.datavalidation import DataValidation

    _write_headers(pick, column, (one.noun, one.field))
    names, ids = (f"{quote_sheetname(one.tab)}!${letter}$2:${letter}${len(one.rows) + 1}" for letter in "AB")
    letter = get_column_letter(column)
    rule = DataValidation(type="list", formula1=names, allow_blank=True)
    rule.showErrorMessage = True
    rule.errorTitle = "Not in the list"
    rule.error = f"Pick one of the tab {one.tab}, or nothing."
    rule.add(f"{letter}2:{letter}{PREPARED_ROWS + 1}")
    pick.add_data_validation(rule)
    for row in range(2, PREPARED_ROWS + 2):
        picked = f"{letter}{row}"
        pick.cell(row, column + 1, f'=IF({picked}="","",INDEX({ids},MATCH({picked},{names},0)))')
    _widen(pick, column, max([len(row[0]) for row in one.rows], default=0))
    _widen(pick, column + 1, max([len(row[1]) for row in one.rows], default=0))


def _write_headers(tab: Worksheet, column: int, headers: Sequence[str]) -> None:
    from openpyxl.styles import Font, PatternFill

    for place, header in enumerate(headers, start=column):
        cell = tab.cell(1, place, header)
        cell.font = Font(bold=True, color=_WHITE)
        cell.fill = PatternFill("solid", fgColor=_INK)


def _widen(tab: Worksheet, column: int, chars: int) -> None:
    from openpyxl.utils import get_column_letter

    tab.column_dimensions[get_column_letter(column)].width = min(max(chars + 3, 12), _WIDEST)
