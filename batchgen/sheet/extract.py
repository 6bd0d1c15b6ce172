"""A new file with a few rows: results kept aside while the sheet is open elsewhere, or rows to be mended."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from batchgen.sheet.csv_patch import cell_text
from batchgen.sheet.replace_file import replacing
from batchgen.sheet.sheet import CellValue

Lines = Iterable[Sequence[CellValue]]


def write_extract(
    target: Path, headers: Sequence[str], lines: Lines, *, tab: str | None = None, header_row: int = 1
) -> None:
    """Write ``lines`` under ``headers`` as .csv (UTF-8 with a byte order mark, as Excel likes it) or .xlsx.

    ``tab`` and ``header_row`` are those of the sheet that the rows come from, so that a job which reads that sheet can
    read this one. Nothing in it is taken for a formula. Whole or not at all; raises ``SheetNotWritten``.
    """
    with replacing(target, before_rename=lambda: None) as file:
        if target.suffix.lower() == ".xlsx":
            _write_workbook(file, headers, lines, tab or "Rows", header_row)
        else:
            _write_csv(file, headers, lines, header_row)


def _write_csv(file: BinaryIO, headers: Sequence[str], lines: Lines, header_row: int) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerows([""] * len(headers) for _ in range(header_row - 1))
    writer.writerow(headers)
    writer.writerows([cell_text(value) for value in line] for line in lines)
    text.flush()
    text.detach()


def _write_workbook(file: BinaryIO, headers: Sequence[str], lines: Lines, name: str, header_row: int) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    from batchgen.sheet.results_workbook import plain_cell

    book = Workbook(write_only=True)
    tab = book.create_sheet(name)
    tab.freeze_panes = f"A{header_row + 1}"
    titles = [plain_cell(tab, header) for header in headers]
    for title in titles:
        title.font = Font(bold=True)
    for _ in range(header_row - 1):
        tab.append([])
    tab.append(titles)
    for line in lines:
        tab.append([plain_cell(tab, value) for value in line])
    book.save(file)
