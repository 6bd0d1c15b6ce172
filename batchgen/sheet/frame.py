"""The bridge for Python users: a pandas DataFrame in, results as a DataFrame out."""

from __future__ import annotations

import hashlib
import numbers
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from batchgen.errors import SheetInvalid
from batchgen.fields import normal
from batchgen.sheet.columns import Cells
from batchgen.sheet.sheet import CellValue, Sheet, SheetRow
from batchgen.sheet.trouble import empty_header, no_rows

if TYPE_CHECKING:
    import pandas

_FIRST_ROW = 2
"""The number of a frame's first row: as if its column names stood in row 1 of a sheet."""


def sheet_from_frame(frame: pandas.DataFrame, name: str) -> Sheet:
    """A frame as a sheet: column names are headers, missing values are empty cells, all else is text.

    An index that has a name is a column like the others, and comes first. Raises SheetInvalid for a frame without
    columns or without rows.
    """
    if named := [name for name in frame.index.names if name is not None and name not in frame.columns]:
        frame = frame.reset_index(level=named)
    headers = tuple(str(column) for column in frame.columns)
    path = Path(name)
    texts = [_texts(frame.iloc[:, place]) for place in range(len(headers))]
    rows = [
        SheetRow(number, cells) for number, cells in enumerate(zip(*texts, strict=True), start=_FIRST_ROW) if any(cells)
    ]
    if not headers or not rows:
        raise SheetInvalid([no_rows(path) if headers else empty_header(1, None)])
    digest = hashlib.sha256(repr((headers, [row.cells for row in rows])).encode()).hexdigest()
    return Sheet(path, None, 1, headers, rows, digest)


def results_frame(sheet: Sheet, columns: Sequence[str], cells: Cells) -> pandas.DataFrame:
    """The sheet's own columns as text and the result columns beside them, one line per row of the sheet."""
    import pandas

    ours = {normal(column) for column in columns}
    kept = [place for place, header in enumerate(sheet.headers) if normal(header) not in ours]
    lines: list[list[CellValue]] = [
        [*(row.cells[place] for place in kept), *(cells.get(row.number, {}).get(column) for column in columns)]
        for row in sheet.rows
    ]
    headers = [*(sheet.headers[place] for place in kept), *columns]
    index = pandas.Index([row.number for row in sheet.rows], name="row")
    return pandas.DataFrame(lines, columns=pandas.Index(headers), index=index)


def _texts(column: pandas.Series) -> list[str]:
    missing = column.isna().tolist()
    return ["" if gone else _text(value) for value, gone in zip(column.tolist(), missing, strict=True)]


def _text(value: object) -> str:
    """A value as a person would type it into a cell; whole floats lose the ``.0`` that pandas gave them."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.isoformat(" ").removesuffix(" 00:00:00")
        case date() | time():
            return value.isoformat()
        case numbers.Integral():
            return str(int(value))
        case numbers.Real():
            number = float(value)
            return str(int(number)) if number.is_integer() else repr(number)
        case _:
            return str(value)
