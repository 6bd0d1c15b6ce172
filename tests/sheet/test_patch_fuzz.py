"""Random workbooks, random results: what openpyxl sees before and after differs in our cells only."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchgen.errors import SheetInvalid
from batchgen.sheet import CellValue, Sheet, read_sheet, write_results
from batchgen.sheet.cells import column_letters
from tests.sheet.made import MAIN, opened, package

COLUMNS = ("video_status", "video_note", "video_cost_usd")
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=6
)


@dataclass
class Shape:
    """How the XML is written; all of these are valid."""

    prefix: str
    row_references: bool
    cell_references: bool
    spans: bool
    dimension: bool
    widths: bool
    space: str
    single_quotes: bool
    style_first: bool


SHAPES = st.builds(
    Shape,
    prefix=st.sampled_from(["", "", "x:", "main-1:"]),
    row_references=st.booleans(),
    cell_references=st.booleans(),
    spans=st.booleans(),
    dimension=st.booleans(),
    widths=st.booleans(),
    space=st.sampled_from(["", "", "\n", "\r\n  "]),
    single_quotes=st.booleans(),
    style_first=st.booleans(),
)

CELLS = st.one_of(
    st.none(),
    st.tuples(st.just("s"), TEXT),
    st.tuples(st.just("inlineStr"), TEXT),
    st.tuples(st.just("n"), st.integers(-(10**9), 10**9)),
    st.tuples(st.just("n"), st.floats(-1e6, 1e6).map(lambda number: round(number, 4))),
    st.tuples(st.just("b"), st.booleans()),
    st.tuples(st.just("f"), st.integers(0, 99)),
    st.tuples(st.just("rich"), TEXT),
    st.tuples(st.just("empty"), st.just("")),
)

ROWS = st.lists(st.lists(CELLS, max_size=6), min_size=1, max_size=7)
VALUES: st.SearchStrategy[CellValue] = st.one_of(
    TEXT, st.integers(-999, 999), st.floats(-99, 99), st.none(), st.sampled_from(["succeeded", "failed", "=1+1"])
)
RESULTS = st.one_of(
    st.dictionaries(st.sampled_from(COLUMNS), VALUES), st.fixed_dictionaries(dict.fromkeys(COLUMNS, VALUES))
)


class XmlWriter:
    """Writes rows as XML in one of the shapes, with a shared strings part."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.shared: list[str] = []

    def sheet(self, rows: Mapping[int, Mapping[int, Any]]) -> str:
        p, space = self.shape.prefix, self.shape.space
        namespace = f'xmlns:{p[:-1]}="{MAIN}"' if p else f'xmlns="{MAIN}"'
        body = space.join(self.row(number, rows.get(number, {}), last) for number, last in self._numbers(rows))
        head = f'<{p}dimension ref="A1:B2"/>' if self.shape.dimension else ""
        head += f'<{p}cols><{p}col min="1" max="2" width="9"/></{p}cols>' if self.shape.widths else ""
        return f"<{p}worksheet {namespace}>{head}<{p}sheetData>{space}{body}{space}</{p}sheetData></{p}worksheet>"

    def _numbers(self, rows: Mapping[int, Mapping[int, Any]]) -> list[tuple[int, int]]:
        last = max(rows)
        if self.shape.row_references:
            return [(number, number) for number in sorted(rows)]
        return [(number, number) for number in range(1, last + 1)]

    def row(self, number: int, cells: Mapping[int, Any], _last: int) -> str:
        p = self.shape.prefix
        reference = self._attribute("r", number) if self.shape.row_references else ""
        spans = self._attribute("spans", "1:3") if self.shape.spans else ""
        if not cells:
            return f"<{p}row{reference}{spans}/>"
        columns = sorted(cells) if self.shape.cell_references else range(max(cells) + 1)
        inside = self.shape.space.join(self.cell(number, column, cells.get(column)) for column in columns)
        return f"<{p}row{reference}{spans}>{inside}</{p}row>"

    def cell(self, row: int, column: int, cell: tuple[str, Any] | None) -> str:
        p = self.shape.prefix
        reference = self._attribute("r", f"{column_letters(column)}{row}") if self.shape.cell_references else ""
        if cell is None:
            return f"<{p}c{reference}/>"
        kind, value = cell
        types = {"f": "", "empty": "", "n": "", "rich": "inlineStr"}
        cell_type = self._attribute("t", types.get(kind, kind)) if types.get(kind, kind) else ""
        style = self._attribute("s", 1) if kind == "empty" else ""
        attributes = reference + (style + cell_type if self.shape.style_first else cell_type + style)
        return f"<{p}c{attributes}>{self._content(kind, value)}</{p}c>"

    def _content(self, kind: str, value: Any) -> str:
        p = self.shape.prefix
        match kind:
            case "s":
                self.shared.append(value)
                return f"<{p}v>{len(self.shared) - 1}</{p}v>"
            case "inlineStr":
                return f'<{p}is><{p}t xml:space="preserve">{escape(value)}</{p}t></{p}is>'
            case "rich":
                run = f'<{p}r><{p}rPr><{p}b/><{p}color rgb="FF000000"/></{p}rPr><{p}t>{escape(value)}</{p}t></{p}r>'
                return f"<{p}is>{run}{run}</{p}is>"
            case "f":
                return f"<{p}f>A1&amp;{value}</{p}f><{p}v>{value}</{p}v>"
            case "empty":
                return ""
            case _:
                return f"<{p}v>{int(value) if kind == 'b' else value}</{p}v>"

    def _attribute(self, name: str, value: object) -> str:
        quote = "'" if self.shape.single_quotes else '"'
        return f" {name}={quote}{value}{quote}"

    def shared_part(self) -> str:
        items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self.shared)
        return f'<sst xmlns="{MAIN}">{items}</sst>'


def seen(path: Path) -> dict[tuple[int, int], Any]:
    """All non-empty cells as openpyxl reads them: formulas as formulas, the rest as values."""
    return {
        (cell.row, cell.column): (cell.value, cell.number_format)
        for row in opened(path).iter_rows()
        for cell in row
        if cell.value is not None
    }


def expected(value: CellValue) -> Any:
    return value if value != "" else None


def check_one(
    shape: Shape, rows: list[list[Any]], headers: list[str], header_row: int, gaps: list[int], results: list[list[Any]]
) -> None:
    """Write results, and other results again over them."""
    numbered: dict[int, dict[int, Any]] = {header_row: {n: ("s", header) for n, header in enumerate(headers)}}
    number = header_row
    for row, gap in zip(rows, gaps, strict=False):
        number += 1 + gap
        numbered[number] = {column: cell for column, cell in enumerate(row) if cell is not None}
        numbered[number] |= {headers.index("id"): ("n", number)} if row else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.xlsx"
        writer = XmlWriter(shape)
        xml = writer.sheet(numbered)
        package(path, xml, shared=writer.shared_part())
        for these in results:
            check_write(path, header_row, these)


def check_write(path: Path, header_row: int, results: list[Any]) -> None:
    try:
        sheet = read_sheet(path, header_row=header_row)
    except SheetInvalid:
        return
    before = seen(path)
    cells: dict[int, dict[str, CellValue]] = {
        row.number: values for row, values in zip(sheet.rows, results, strict=False)
    }
    written = write_results(
        path, path, tab=None, header_row=header_row, columns=COLUMNS, cells=cells, expect_digest=sheet.digest
    )
    if written.path != path:
        assert "formula in a result column" in str(written.reason)
        return
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    after_sheet = read_sheet(path, header_row=header_row)
    check_cells(before, seen(path), after_sheet, header_row, cells)
    ours = {after_sheet.headers.index(column) for column in COLUMNS}
    kept = [column for column in range(len(sheet.headers)) if column not in ours]
    after = {row.number: row for row in after_sheet.rows}
    for old in sheet.rows:
        assert [after[old.number].cells[column] for column in kept] == [old.cells[column] for column in kept]


def check_cells(
    before: Mapping[tuple[int, int], Any],
    after: Mapping[tuple[int, int], Any],
    sheet: Sheet,
    header_row: int,
    cells: Mapping[int, Mapping[str, CellValue]],
) -> None:
    """What openpyxl sees: our cells hold our values, and no other cell differs."""
    places = {column: sheet.headers.index(column) + 1 for column in COLUMNS}
    for number, values in cells.items():
        for column, value in values.items():
            assert after.get((number, places[column]), (None,))[0] == expected(value)
    touched = {(number, places[column]) for number, values in cells.items() for column in values}
    touched |= {(header_row, place) for place in places.values()}
    assert {place: cell for place, cell in after.items() if place not in touched} == {
        place: cell for place, cell in before.items() if place not in touched
    }


HEADERS = st.one_of(
    st.permutations(["b", "c", "video_note", "video_status", "video_cost_usd", "d"]),
    st.permutations(["b", "c", "d"]).map(lambda others: [*others[:2], *COLUMNS, *others[2:]]),
).flatmap(
    lambda headers: st.tuples(st.integers(0, 6), st.booleans()).map(
        lambda chosen: ["id", *headers[: chosen[0]]] if chosen[1] else [*headers[: chosen[0]], "id"]
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    shape=SHAPES,
    rows=ROWS,
    headers=HEADERS,
    header_row=st.sampled_from([1, 1, 3]),
    gaps=st.lists(st.sampled_from([0, 0, 0, 2]), min_size=7, max_size=7),
    results=st.lists(st.lists(RESULTS, min_size=7, max_size=7), min_size=1, max_size=2),
)
def test_nothing_but_our_cells_differs_after_a_write_back(
    shape: Shape, rows: list[list[Any]], headers: list[str], header_row: int, gaps: list[int], results: list[list[Any]]
) -> None:
    check_one(shape, rows, headers, header_row, gaps, results)


@pytest.mark.soak
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    shape=SHAPES,
    rows=ROWS,
    headers=HEADERS,
    header_row=st.sampled_from([1, 1, 3]),
    gaps=st.lists(st.sampled_from([0, 0, 0, 2]), min_size=7, max_size=7),
    results=st.lists(st.lists(RESULTS, min_size=7, max_size=7), min_size=1, max_size=2),
)
def test_nothing_but_our_cells_differs_after_many_write_backs(
    shape: Shape, rows: list[list[Any]], headers: list[str], header_row: int, gaps: list[int], results: list[list[Any]]
) -> None:
    check_one(shape, rows, headers, header_row, gaps, results)
