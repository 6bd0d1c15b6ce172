"""An .ods file is read as LibreOffice shows it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from batchgen.errors import SheetInvalid
from batchgen.sheet import read_sheet
from tests.sheet.made import rows_of

NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
)


def ods(path: Path, rows: str, *, before: str = "") -> Path:
    content = (
        f"{before}<office:document-content {NAMES}><office:body><office:spreadsheet>"
        f'<table:table table:name="Rows">{rows}</table:table><table:table table:name="Other"/>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def cell(text: str, more: str = "") -> str:
    paragraphs = "".join(f"<text:p>{line}</text:p>" for line in text.split("\n")) if text else ""
    return f"<table:table-cell {more}>{paragraphs}</table:table-cell>"


HEADER = row(cell("id"), cell("value"))


def test_texts_keep_their_spaces_lines_and_links_and_comments_are_no_text(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>a comment</text:p></office:annotation>"
    inside = f'{note}<text:p>two<text:s text:c="3"/>spaces <text:a>link</text:a></text:p><text:p>next</text:p>'
    rows = HEADER + row(cell("007"), f"<table:table-cell>{inside}</table:table-cell>")
    assert rows_of(read_sheet(ods(tmp_path / "s.ods", rows))) == [("007", "two   spaces link\nnext")]


def test_repeated_rows_and_cells_are_counted(tmp_path: Path) -> None:
    rows = (
        HEADER + row(cell("", 'table:number-columns-repeated="2"'), more='table:number-rows-repeated="3"')
        + row(cell("x", 'table:number-columns-repeated="2"'), more='table:number-rows-repeated="2"')
        + row(cell("", 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="1048000"')
    )  # fmt: skip
    sheet = read_sheet(ods(tmp_path / "s.ods", rows))
    assert [(row.number, row.cells) for row in sheet.rows] == [(5, ("x", "x")), (6, ("x", "x"))]


def test_error_cells_are_faults(tmp_path: Path) -> None:
    rows = HEADER + row(cell("1"), cell("#N/A", 'table:formula="of:=NA()"'))
    (fault,) = read_sheet(ods(tmp_path / "s.ods", rows)).rows[0].faults
    assert (fault.column, fault.value) == (1, "#N/A")


def test_a_long_number_is_read_with_all_its_digits(tmp_path: Path) -> None:
    number = 'office:value-type="float" office:value="491701234567"'
    rows = HEADER + row(cell("4.917E+11", number), cell("x"))
    assert rows_of(read_sheet(ods(tmp_path / "s.ods", rows)))[0][0] == "491701234567"


def test_merged_headers_missing_tabs_and_entity_bombs_are_problems(tmp_path: Path) -> None:
    merged = row(cell("id", 'table:number-columns-spanned="2"'), "<table:covered-table-cell/>", cell("x"))
    with pytest.raises(SheetInvalid, match="A1:B1 are merged"):
        read_sheet(ods(tmp_path / "s.ods", merged + row(cell("1"))))
    with pytest.raises(SheetInvalid, match='no tab named "Row"') as error:
        read_sheet(ods(tmp_path / "s.ods", HEADER), tab="Row")
    assert 'Did you mean "Rows"?' in str(error.value)
    with pytest.raises(SheetInvalid, match="not readable XML"):
        read_sheet(ods(tmp_path / "s.ods", HEADER, before='<!DOCTYPE x [<!ENTITY a "b">]>'))


def test_a_row_repeated_beyond_all_reason_is_refused(tmp_path: Path) -> None:
    rows = HEADER + row(cell("x"), more='table:number-rows-repeated="1000000"')
    with pytest.raises(SheetInvalid, match="repeats one row 1,000,000 times"):
        read_sheet(ods(tmp_path / "s.ods", rows))
