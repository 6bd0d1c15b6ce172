"""A workbook is read as the person sees it, and nothing is silently empty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from batchgen.errors import SheetInvalid
from batchgen.sheet import CellFault, Sheet, read_sheet
from tests.sheet.made import MAIN, STRICT, package, rows_of, text_row, worksheet


def written(path: Path, *rows: Sequence[object], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    tab = book.active
    assert tab is not None
    for row in rows:
        tab.append(list(row))
    for cell, code in (formats or {}).items():
        tab[cell].number_format = code
    book.save(path)
    return path


def by_hand(tmp_path: Path, rows: str, **more: object) -> Sheet:
    return read_sheet(package(tmp_path / "s.xlsx", worksheet(rows), **more))  # type: ignore[arg-type]


HEADER = text_row(1, "id", "value")


def test_texts_that_look_like_something_else_stay_texts(tmp_path: Path) -> None:
    texts = ["007", "NA", "null", "TRUE", "12345678901234567", "+49 170 1234567", " padded ", "a\nb", "1/2"]
    path = written(tmp_path / "s.xlsx", ["id", "text"], *([str(n), text] for n, text in enumerate(texts)))
    assert [cells[1] for cells in rows_of(read_sheet(path))] == texts


def test_numbers_and_dates_come_in_their_own_format(tmp_path: Path) -> None:
    path = written(
        tmp_path / "s.xlsx",
        ["zip", "share", "price", "day", "at", "moment", "flag", "plain", "float"],
        [123, 0.5, 9.5, date(2026, 11, 22), time(9, 5), datetime.fromisoformat("2026-11-22T15:30"), True, 5, 0.1 + 0.2],
        formats={
            "A2": "00000", "B2": "0%", "C2": '#,##0.00 "€"', "D2": "dd.mm.yyyy", "E2": "hh:mm", "F2": "d/m/yy h:mm",
        },
    )  # fmt: skip
    assert rows_of(read_sheet(path)) == [
        ("00123", "50%", "9.50 €", "22.11.2026", "09:05", "22/11/26 15:30", "TRUE", "5", "0.3")
    ]


def test_rich_text_and_phonetic_hints_are_read_as_the_text_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    written(path, ["id", "text"], ["1", CellRichText("Hello ", TextBlock(InlineFont(b=True), "bold"), " end")])
    assert rows_of(read_sheet(path)) == [("1", "Hello bold end")]
    shared = f'<sst xmlns="{MAIN}"><si/><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>'
    row = '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>0</v></c></row>'
    assert rows_of(by_hand(tmp_path, HEADER + row, shared=shared)) == [("東京", "")]


def test_escapes_and_entities_become_the_characters_they_stand_for(tmp_path: Path) -> None:
    shared = (
        f'<sst xmlns="{MAIN}"><si><t>a &amp; b &lt;c&gt; &#8364; &#x1F600; x_x000D_&#10;y _x005F_x0041_</t></si></sst>'
    )
    sheet = by_hand(tmp_path, HEADER + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>', shared=shared)
    assert rows_of(sheet)[0][0] == "a & b <c> € 😀 x\ny _x0041_"


def test_formulas_give_their_last_result(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["id", "text", "number"])
    tab.write_formula(1, 1, '="Hi " & A2', value="Hi Anna")
    tab.write_formula(1, 2, "=6*7", value=42)
    book.close()
    assert rows_of(read_sheet(path)) == [("", "Hi Anna", "42")]


def test_a_formula_without_a_result_is_a_fault_and_never_an_empty_cell(tmp_path: Path) -> None:
    row = read_sheet(written(tmp_path / "s.xlsx", ["id", "text"], ["1", '="Hi "&A2'])).rows[0]
    assert [(fault.column, fault.message) for fault in row.faults] == [
        (1, "The formula in this cell has no result yet.")
    ]


def test_a_formula_whose_result_is_an_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    assert by_hand(tmp_path, HEADER + row).rows[0].faults == ()


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#SPILL!"])
def test_an_error_cell_is_a_fault_that_names_the_error(tmp_path: Path, error: str) -> None:
    row = f'<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><f>X</f><v>{error}</v></c></row>'
    (fault,) = by_hand(tmp_path, HEADER + row).rows[0].faults
    assert (fault.column, fault.value) == (1, error)
    assert fault.message.startswith(f"{error} is an error value")


def test_digits_that_a_spreadsheet_cannot_keep_are_a_fault(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2"><v>12345678901234500</v></c><c r="B2"><v>999999999999999</v></c></row>'
    (found,) = by_hand(tmp_path, HEADER + row).rows
    assert found.cells == ("12345678901234500", "999999999999999")
    assert [fault.column for fault in found.faults] == [0]


def test_blank_rows_are_left_out_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "s.xlsx", ["id"], ["a"], [None], [None], ["b"])
    assert [(row.number, row.cells) for row in read_sheet(path).rows] == [(2, ("a",)), (5, ("b",))]


def test_the_header_may_stand_below_title_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "s.xlsx", ["Our customers"], [], ["id", "name"], ["1", "Anna"])
    sheet = read_sheet(path, header_row=3)
    assert (sheet.headers, sheet.rows[0].number, rows_of(sheet)) == (("id", "name"), 4, [("1", "Anna")])


def test_blank_and_duplicate_headers_are_kept_and_trailing_blanks_are_not(tmp_path: Path) -> None:
    path = written(tmp_path / "s.xlsx", ["id", None, "id", " "], ["1", "2", "3", "4"])
    assert read_sheet(path).headers == ("id", "", "id")


def test_rows_and_cells_without_references_are_counted(tmp_path: Path) -> None:
    rows = (
        "<row><c t='inlineStr'><is><t>id</t></is></c><c t='inlineStr'><is><t>n</t></is></c></row>"
        "<row/><row><c><v>1</v></c><c r='B3'><v>2</v></c></row>"
    )
    sheet = by_hand(tmp_path, rows)
    assert (sheet.headers, sheet.rows[0].number, rows_of(sheet)) == (("id", "n"), 3, [("1", "2")])


def test_prefixes_attribute_order_white_space_and_comments_change_nothing(tmp_path: Path) -> None:
    plain = by_hand(tmp_path, HEADER + '<row r="2"><c r="A2" s="1"><v>7</v></c><c r="B2" t="b"><v>1</v></c></row>')
    odd = (
        f"<?xml version='1.0'?><x:worksheet xmlns:x='{MAIN}'><x:sheetData>\n"
        "<x:row r='1'><x:c t='inlineStr' r='A1'><x:is><x:t>id</x:t></x:is></x:c>"
        "<x:c r='B1' t='inlineStr'><x:is><x:t><![CDATA[value]]></x:t></x:is></x:c></x:row><!-- rows follow -->\n"
        "<x:row r='2'>\n<x:c s='1' r='A2'><x:v>7</x:v></x:c>\n<x:c r='B2' t='b'><x:v>1</x:v></x:c></x:row>"
        "</x:sheetData></x:worksheet>"
    )
    other = read_sheet(package(tmp_path / "odd.xlsx", odd))
    prefixed = read_sheet(
        package(tmp_path / "p.xlsx", odd.replace("<![CDATA[value]]>", "value").replace("<!-- rows follow -->", ""))
    )
    assert rows_of(plain) == rows_of(other) == rows_of(prefixed) == [("00007", "TRUE")]
    assert plain.headers == other.headers == prefixed.headers


def test_a_sheet_in_utf_16_is_read(tmp_path: Path) -> None:
    xml = worksheet(text_row(1, "id") + text_row(2, "Größe 東京")).replace("UTF-8", "UTF-16").encode("utf-16")
    assert rows_of(read_sheet(package(tmp_path / "s.xlsx", xml))) == [("Größe 東京",)]


def test_strict_workbooks_with_iso_dates_are_read(tmp_path: Path) -> None:
    rows = text_row(1, "id", "day") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="d"><v>2026-11-22</v></c></row>'
    path = package(tmp_path / "s.xlsx", worksheet(rows, namespace=STRICT), strict=True)
    assert rows_of(read_sheet(path)) == [("1", "2026-11-22")]


def test_merged_header_cells_are_a_problem(tmp_path: Path) -> None:
    after = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    path = package(tmp_path / "s.xlsx", worksheet(HEADER + text_row(2, "1", "2"), after=after))
    with pytest.raises(SheetInvalid, match="header cells A1:B1 are merged"):
        read_sheet(path)


def test_cells_covered_by_a_merge_are_faults_and_not_silently_empty(tmp_path: Path) -> None:
    after = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    rows = HEADER + text_row(2, "1", "both") + text_row(3, "2")
    first, second = read_sheet(package(tmp_path / "s.xlsx", worksheet(rows, after=after))).rows
    assert first.faults == ()
    assert second.faults == (
        CellFault(1, "", "This cell is part of the merged cells B2:B3.", "Unmerge them and fill each row."),
    )


def test_merged_titles_above_the_header_are_fine(tmp_path: Path) -> None:
    after = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    rows = text_row(1, "Title") + text_row(2, "id", "v") + text_row(3, "1", "2")
    path = package(tmp_path / "s.xlsx", worksheet(rows, after=after))
    assert rows_of(read_sheet(path, header_row=2)) == [("1", "2")]


def test_hidden_rows_are_read_and_mentioned(tmp_path: Path) -> None:
    rows = HEADER + text_row(2, "1", "a").replace("<row ", '<row hidden="1" ') + text_row(3, "2", "b")
    sheet = by_hand(tmp_path, rows)
    assert len(sheet.rows) == 2
    assert sheet.notes == ("1 hidden row is read like all others (is a filter on?).",)


def test_the_first_visible_tab_is_read_unless_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.title, hidden.sheet_state = "Lists", "hidden"
    hidden.append(["list"])
    hidden.append(["x"])
    for name in ("Customers", "Archive"):
        tab = book.create_sheet(name)
        tab.append([name])
        tab.append(["1"])
    book.save(path)
    assert (read_sheet(path).tab, read_sheet(path, tab="archive").headers) == ("Customers", ("Archive",))
    with pytest.raises(SheetInvalid) as error:
        read_sheet(path, tab="Custommers")
    assert 'Did you mean "Customers"?' in str(error.value)
    assert '"Lists", "Customers", "Archive"' in str(error.value)


def test_a_dimension_that_lies_is_not_believed(tmp_path: Path) -> None:
    before = '<dimension ref="A1:XFD10000000"/>'
    path = package(tmp_path / "s.xlsx", worksheet(HEADER + text_row(2, "1", "2"), before=before))
    assert rows_of(read_sheet(path)) == [("1", "2")]


def test_a_note_beside_the_table_is_no_row_and_its_errors_are_no_faults(tmp_path: Path) -> None:
    rows = (
        text_row(1, "id", "", "value")
        + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
        + text_row(3, "", "a note")
    )
    (row,) = by_hand(tmp_path, rows).rows
    assert (row.number, row.faults) == (2, ())


def test_formulas_that_nobody_calculated_yet_are_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["id", "sum"])
    tab.write_formula(1, 0, "=1+1")
    book.close()
    (note,) = read_sheet(path).notes
    assert "left its formulas to be calculated" in note
