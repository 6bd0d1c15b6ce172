"""Workbooks for people to fill in."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from batchgen.sheet import read_sheet
from batchgen.sheet.new_workbook import NewColumn, new_workbook

COLUMNS = (
    NewColumn(header="customer_id", note="One per row.", examples=("00417", "12345678901234567890")),
    NewColumn(header="Format", choices=("16:9", "9:16"), examples=("16:9", "")),
    NewColumn(header="Speed", numeric=True, examples=("", "1.05")),
    NewColumn(header="Text", examples=("=1+1", "a" * 200)),
)


def made() -> Worksheet:
    sheet = load_workbook(BytesIO(new_workbook(COLUMNS, tab="Customers")))["Customers"]
    assert isinstance(sheet, Worksheet)
    return sheet


def test_what_was_given_as_an_example_is_what_the_sheet_shows(tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    path.write_bytes(new_workbook(COLUMNS, tab="Customers"))
    sheet = read_sheet(path, tab="Customers")
    assert sheet.headers == ("customer_id", "Format", "Speed", "Text")
    assert [row.cells for row in sheet.rows] == [
        ("00417", "16:9", "", "=1+1"),
        ("12345678901234567890", "", "1.05", "a" * 200),
    ]
    assert sheet.notes == ()


def test_columns_of_text_stay_text_when_people_type_into_them() -> None:
    sheet = made()
    formats = {letter: sheet.column_dimensions[letter].number_format for letter in "ABCD"}
    assert formats == {"A": "@", "B": "@", "C": "General", "D": "@"}


def test_a_column_with_choices_has_a_drop_down_below_its_header() -> None:
    (rule,) = made().data_validations.dataValidation
    assert rule.formula1 == '"16:9,9:16"'
    assert str(rule.sqref) == "B2:B1000"
    assert rule.allow_blank


def test_the_header_explains_itself_and_stays_in_sight() -> None:
    sheet = made()
    comment = sheet["A1"].comment
    assert comment is not None
    assert comment.text == "One per row."
    assert sheet["B1"].comment is None
    assert sheet.freeze_panes == "A2"
