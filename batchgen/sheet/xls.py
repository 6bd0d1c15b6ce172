"""Read .xls (Excel 97-2003) with xlrd: cached results of formulas, number formats and merged cells included.

Cell types and number format keys are those of [MS-XLS] §2.5; xlrd names them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from batchgen.sheet.cells import LOST_DIGITS, MOST_DIGITS, error_words
from batchgen.sheet.contents import Contents
from batchgen.sheet.merges import Merge
from batchgen.sheet.number_format import BUILT_IN, Show, compile_format, general, text_format
from batchgen.sheet.package import BROKEN
from batchgen.sheet.sheet import CellFault, Sheet
from batchgen.sheet.trouble import no_such_tab, password_protected, refusal
from batchgen.sheet.xls_records import Zeros, doubtful_zeros

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet as Tab

_LOCAL_DATES = range(14, 23)
"""Number formats that follow the computer's settings; shown as in .xlsx files."""
_DOUBTFUL = (
    "The file holds 0 for this formula, which LibreOffice also writes for a text that it has not calculated.",
    "Save the sheet as .xlsx in LibreOffice; or, if 0 is right, type 0 into the cell.",
)
_ENCRYPTED = "Workbook is encrypted"

# What xlrd raises for damaged files besides its own errors: it trusts every offset and length that it reads.
_DAMAGED = (AssertionError, AttributeError, LookupError, TypeError, ValueError, OverflowError, struct.error)


def read_xls(file: BinaryIO, path: Path, *, tab: str | None, header_row: int, digest: str) -> Sheet:
    """The rows of one tab. Raises SheetInvalid."""
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    try:
        data = file.read()
        zeros = doubtful_zeros(_workbook_stream(data))
        return _read(_opened(data), zeros, path, tab, header_row, digest)
    except (XLRDError, CompDocError) as error:
        if _ENCRYPTED in str(error):
            raise password_protected(path) from error
        raise refusal(f"{path.name} is damaged, or no workbook: {error}.", BROKEN) from error
    except _DAMAGED as error:
        raise refusal(f"{path.name} is damaged: its records do not fit together.", BROKEN) from error


def _opened(data: bytes) -> Book:
    from xlrd import open_workbook

    # xlrd prints its warnings to stdout unless it is given another place.
    return open_workbook(file_contents=data, formatting_info=True, on_demand=True, logfile=io.StringIO())


def _workbook_stream(data: bytes) -> bytes:
    from xlrd.compdoc import CompDoc

    return CompDoc(data, logfile=io.StringIO()).get_named_stream("Workbook") or b""


def _read(book: Book, zeros: Sequence[Zeros], path: Path, name: str | None, header_row: int, digest: str) -> Sheet:
    tab = _tab(book, path, name)
    number = book.sheet_names().index(tab.name)
    cells = _Cells(book, tab, zeros[number] if number < len(zeros) else frozenset())
    contents = Contents(header_row)
    for place in range(header_row - 1, tab.nrows):
        width = len(contents.headers) or tab.ncols
        texts, faults = cells.row(place, width)
        info = tab.rowinfo_map.get(place)
        contents.add(place + 1, texts, faults, hidden=bool(info and info.hidden))
        if contents.hopeless:
            break
    return contents.sheet(path, tab.name, digest, merges=list(_merges(tab)))


def _tab(book: Book, path: Path, name: str | None) -> Tab:
    """The tab of this name, by default the first that the person sees."""
    names = book.sheet_names()
    wanted = name.strip().casefold() if name else None
    for known in names:
        if known.strip().casefold() == wanted or (wanted is None and not book.sheet_by_name(known).visibility):
            return book.sheet_by_name(known)
    raise no_such_tab(path, name, names)


def _merges(tab: Tab) -> Iterator[Merge]:
    for top, below, left, right in tab.merged_cells:
        yield Merge(top + 1, left, below, right - 1)


class _Cells:
    """The cells of one tab, as the person sees them."""

    def __init__(self, book: Book, tab: Tab, zeros: Zeros) -> None:
        self._book = book
        self._tab = tab
        self._zeros = zeros
        self._formats: dict[int, tuple[Show | None, tuple[str, str] | None]] = {}

    def row(self, place: int, width: int) -> tuple[list[str], list[CellFault]]:
        """The texts of the first ``width`` columns, and what cannot be trusted."""
        texts, faults = [], []
        for column in range(width):
            text, fault = self._cell(place, column) if column < self._tab.ncols else ("", None)
            texts.append(text)
            if fault:
                faults.append(CellFault(column, text, *fault))
        return texts, faults

    def _cell(self, place: int, column: int) -> tuple[str, tuple[str, str] | None]:
        import xlrd

        cell = self._tab.cell(place, column)
        match cell.ctype:
            case xlrd.XL_CELL_TEXT:
                return self._text(str(cell.value), cell.xf_index), None
            case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
                text, fault = self._number(float(cell.value), cell.xf_index)
                return text, _DOUBTFUL if (place, column) in self._zeros else fault
            case xlrd.XL_CELL_BOOLEAN:
                return ("TRUE" if cell.value else "FALSE"), None
            case xlrd.XL_CELL_ERROR:
                error = xlrd.error_text_from_code.get(int(cell.value), "an error")
                return error, error_words(error)
            case _:
                return "", None

    def _text(self, text: str, style: int | None) -> str:
        _, around = self._format(style)
        return f"{around[0]}{text}{around[1]}" if around and text else text

    def _number(self, number: float, style: int | None) -> tuple[str, tuple[str, str] | None]:
        raw = str(int(number)) if number.is_integer() else repr(number)
        show, _ = self._format(style)
        return (general(raw) if show is None else show(raw)), (LOST_DIGITS if abs(number) >= MOST_DIGITS else None)

    def _format(self, style: int | None) -> tuple[Show | None, tuple[str, str] | None]:
        """How numbers of a cell style look, and what stands around its texts."""
        if style is None:
            return None, None
        if style not in self._formats:
            key = self._book.xf_list[style].format_key
            known = self._book.format_map.get(key)
            code = BUILT_IN[key] if key in _LOCAL_DATES or known is None else known.format_str
            self._formats[style] = (compile_format(code, date1904=bool(self._book.datemode)), text_format(code))
        return self._formats[style]
