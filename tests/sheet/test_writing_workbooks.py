"""Results go into a workbook losslessly: everything else in it keeps its very bytes."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from python_calamine import CalamineWorkbook

from batchgen.sheet import CellValue, Sheet, Written, read_sheet, write_results
from tests.sheet.made import MAIN, OFFICE, STRICT, opened, package, rows_of, text_row, worksheet

COLUMNS = ("video_status", "video_note")
RESULTS: dict[str, CellValue] = {"video_status": "succeeded", "video_note": "a & b < c"}
SHEET_PART = "xl/worksheets/sheet1.xml"


def fill(path: Path, cells: dict[int, dict[str, CellValue]] | None = None, *, header_row: int = 1) -> Written:
    sheet = read_sheet(path, header_row=header_row)
    filled = cells if cells is not None else {row.number: RESULTS for row in sheet.rows}
    return write_results(
        path, path, tab=None, header_row=header_row, columns=COLUMNS, cells=filled, expect_digest=sheet.digest
    )


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def changed_parts(path: Path) -> set[str]:
    before, after = parts(path.with_name(path.name + ".bak")), parts(path)
    assert list(before) == list(after)
    return {name for name in after if before[name] != after[name]}


def results_of(sheet: Sheet) -> list[tuple[str, ...]]:
    places = [sheet.headers.index(column) for column in COLUMNS]
    return [tuple(row.cells[place] for place in places) for row in sheet.rows]


def test_results_are_read_back_by_every_reader(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["id", "name"])
    tab.write_row(1, 0, [1, "Anna"])
    tab.write_row(2, 0, [2, "Bob"])
    book.close()
    cells: dict[int, dict[str, CellValue]] = {
        2: {"video_status": "ok", "video_note": 12.5},
        3: {"video_status": datetime.fromisoformat("2026-11-22T09:05"), "video_note": " x\ny "},
    }
    assert fill(path, cells) == Written(path)
    expected = [
        ["id", "name", "video_status", "video_note"],
        [1, "Anna", "ok", 12.5],
        [2, "Bob", datetime.fromisoformat("2026-11-22T09:05"), " x\ny "],
    ]
    tab = opened(path)
    assert [list(row) for row in tab.iter_rows(values_only=True)] == expected
    assert CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python() == expected
    assert rows_of(read_sheet(path)) == [("1", "Anna", "ok", "12.5"), ("2", "Bob", "2026-11-22 09:05:00", " x\ny ")]


def test_on_the_next_run_columns_are_found_and_cells_replaced(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "Video Note", "id", "b") + text_row(2, "old", "1", "x")))
    fill(path)
    assert read_sheet(path).headers == ("Video Note", "id", "b", "video_status")
    fill(path, {2: {"video_status": "failed", "video_note": None}})
    assert rows_of(read_sheet(path)) == [("", "1", "x", "failed")]


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1")))
    fill(path, {2: {"video_note": "=1+1", "video_status": "@x"}})
    cells = opened(path)[2]
    assert [(cell.value, cell.data_type) for cell in cells[1:]] == [("@x", "s"), ("=1+1", "s")]


def test_characters_that_xml_cannot_hold_come_back_as_they_were(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1")))
    text = "a\x01b \x1b[0m _x0041_ ]]> 🎬 \ufffe"
    fill(path, {2: {"video_note": text, "video_status": "\ud83d"}})
    assert results_of(read_sheet(path)) == [("\ufffd", text)]


# --- what openpyxl would drop, one case per kind -------------------------------------------------------------------


def with_formulas(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["id", "text"])
    tab.write(1, 0, "1")
    tab.write_formula(1, 1, '="Hi " & A2', value="Hi 1")
    tab.write_dynamic_array_formula("F5:F6", "=_xlfn.UNIQUE(A2:A2)", value="1")
    book.close()


def with_drawings(path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_column(0, 0, ["id", "1", "2"])
    tab.insert_textbox("H2", "A note for colleagues")
    tab.insert_image("H9", "logo.png", {"image_data": picture})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Sheet1!$A$2:$A$3"})
    tab.insert_chart("H20", chart)
    tab.insert_button("K2", {"caption": "Press"})
    tab.insert_checkbox("C2", True)
    book.close()


def with_extensions(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_column(0, 0, ["id", 1, 2, 3])
    tab.add_sparkline("H2", {"range": "Sheet1!A2:A4"})
    tab.conditional_format("A2:A4", {"type": "data_bar", "data_bar_2010": True})
    tab.conditional_format("A2:A4", {"type": "icon_set", "icon_style": "3_arrows"})
    tab.data_validation("B2:B4", {"validate": "list", "source": ["a", "b"]})
    tab.autofilter("A1:A4")
    tab.freeze_panes(1, 0)
    book.close()


def with_comments(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_column(0, 0, ["id", "1"])
    tab.write_comment("A2", "please check", {"author": "Anna"})
    tab.set_header("&LConfidential")
    tab.protect("secret")
    book.close()


def with_rich_text(path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book.active
    assert tab is not None
    tab.append(["id", "text"])
    tab.append(["1", CellRichText("Hello ", TextBlock(InlineFont(b=True), "bold"))])
    book.save(path)


def with_macros(path: Path) -> None:
    package(
        path,
        worksheet(text_row(1, "id") + text_row(2, "1")),
        parts={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros", "customXml/item1.xml": "<mine/>"},
    )


def with_pivots_and_slicers(path: Path) -> None:
    package(
        path,
        worksheet(
            text_row(1, "id") + text_row(2, "1"),
            after='<extLst><ext uri="{A8765BA9-456A-4dab-B4F3-ACF838C121DE}"/></extLst>',
        ),
        parts={
            "xl/pivotTables/pivotTable1.xml": f'<pivotTableDefinition xmlns="{MAIN}"/>',
            "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{MAIN}"/>',
            "xl/slicers/slicer1.xml": "<slicers/>",
            "xl/externalLinks/externalLink1.xml": "<externalLink/>",
            "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"/>',
        },
    )


@pytest.mark.parametrize(
    "make",
    [
        with_formulas,
        with_drawings,
        with_extensions,
        with_comments,
        with_rich_text,
        with_macros,
        with_pivots_and_slicers,
    ],
    ids=lambda make: make.__name__,
)
def test_only_the_tab_itself_and_the_list_of_styles_change(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(path := tmp_path / "s.xlsx")
    cells_before = rows_of(read_sheet(path))
    assert fill(path) == Written(path)
    assert changed_parts(path) <= {SHEET_PART, "xl/styles.xml"}
    after = read_sheet(path)
    width = len(after.headers) - len(COLUMNS)
    assert [row[: len(cells_before[0])] for row in rows_of(after)] == cells_before
    assert width >= len(cells_before[0])
    assert results_of(after) == [("succeeded", "a & b < c")] * len(after.rows)
    assert opened(path).max_row >= after.rows[-1].number


def test_a_workbook_with_macros_keeps_them_and_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsm"
    (macros := tmp_path / "vbaProject.bin").write_bytes(b"\xd0\xcf\x11\xe0 macros")
    book = xlsxwriter.Workbook(str(path))
    book.add_vba_project(str(macros))
    tab = book.add_worksheet()
    tab.write_column(0, 0, ["id", "1"])
    tab.insert_button("C2", {"macro": "say_hello"})
    book.close()
    before = parts(path)
    assert fill(path) == Written(path)
    after = parts(path)
    assert changed_parts(path) == {SHEET_PART, "xl/styles.xml"}
    assert after["xl/vbaProject.bin"] == before["xl/vbaProject.bin"]
    assert b"ms-excel.sheet.macroEnabled" in after["[Content_Types].xml"]
    assert results_of(read_sheet(path)) == [tuple(RESULTS.values())]


def test_inside_the_tab_only_our_cells_are_new(tmp_path: Path) -> None:
    with_extensions(path := tmp_path / "s.xlsx")
    before = parts(path)[SHEET_PART]
    fill(path, {2: {"video_note": "x"}})
    after = parts(path)[SHEET_PART]
    after = re.sub(rb'<c r="[BC]\d"[^>]*?(?:/>|>.*?</c>)', b"", after)
    after = after.replace(b'<cols><col min="2" max="3" width="18" customWidth="1"/></cols>', b"")
    assert after.replace(b'"A1:C4"', b'"A1:A4"').replace(b'spans="1:3"', b'spans="1:1"') == before


def test_packed_bytes_of_other_parts_are_copied_not_repacked(tmp_path: Path) -> None:
    with_drawings(path := tmp_path / "s.xlsx")
    before = path.read_bytes()
    fill(path)
    after = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(before)) as archive:
        for info in archive.infolist():
            if info.filename in (SHEET_PART, "xl/styles.xml"):
                continue
            start = info.header_offset
            size = 30 + sum(struct.unpack_from("<2H", before, start + 26)) + info.compress_size
            assert before[start : start + size] in after


# --- the look of new columns ---------------------------------------------------------------------------------------


def test_new_headers_look_like_the_last_one_and_columns_get_a_width(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    bold = book.add_format({"bold": True, "bg_color": "yellow"})
    tab.write_row(0, 0, ["id", "name"], bold)
    tab.write_row(1, 0, ["1", "Anna"])
    tab.set_column(0, 1, 30)
    book.close()
    fill(path)
    written = opened(path)
    assert written["C1"].font.b
    assert written["D1"].fill.fgColor.rgb == "FFFFFF00"
    assert [written.column_dimensions[letter].width for letter in "AC"] == [30.7109375, 18]


def width_of(tab: Worksheet, column: str) -> float | None:
    found = [
        each.width
        for each in tab.column_dimensions.values()
        if (each.min or 0) <= column_index_from_string(column) <= (each.max or 0)
    ]
    return found[0] if found else None


@pytest.mark.parametrize(("place", "width"), [("C4", None), ("A4", 18)], ids=["over ours", "left of ours"])
def test_a_picture_over_new_columns_is_not_stretched_by_their_width(
    tmp_path: Path, place: str, width: float | None
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (100, 20), "red").save(picture, "PNG")
    path = tmp_path / "s.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["id", "b", "c"])
    tab.write_row(1, 0, ["1"])
    tab.insert_image(place, "logo.png", {"image_data": picture})
    book.close()
    fill(path)
    assert width_of(opened(path), "D") == width


def test_statuses_are_coloured_and_the_colours_are_added_only_once(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet("".join(text_row(n, "id") for n in (1, 2, 3, 4, 5))))
    statuses = ["succeeded", "failed", "in_doubt", "pending"]
    fill(path, {n: {"video_status": status} for n, status in enumerate(statuses, start=2)})
    styles = parts(path)["xl/styles.xml"]
    tab = opened(path)
    assert [tab[f"B{n}"].fill.fgColor.rgb for n in (2, 3, 4, 5)] == ["FFC6EFCE", "FFFFC7CE", "FFFFEB9C", "00000000"]
    fill(path, {n: {"video_status": status} for n, status in enumerate(reversed(statuses), start=2)})
    assert parts(path)["xl/styles.xml"] == styles
    tab = opened(path)
    assert [tab[f"B{n}"].fill.fgColor.rgb for n in (2, 3, 4, 5)] == ["00000000", "FFFFEB9C", "FFFFC7CE", "FFC6EFCE"]


def link_results(path: Path, *urls: str) -> None:
    fill(path, {row: {"video_note": url} for row, url in enumerate(urls, start=2)})


def test_links_are_clickable_and_follow_their_cells(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet("".join(text_row(n, "id") for n in (1, 2, 3))))
    link_results(path, "https://x.test/?a=1&b=2", "https://x.test/2")
    tab = opened(path)
    assert [tab[f"C{row}"].hyperlink.target for row in (2, 3)] == ["https://x.test/?a=1&b=2", "https://x.test/2"]
    assert (tab["C2"].value, tab["C2"].font.u, tab["C2"].font.name) == ("https://x.test/?a=1&b=2", "single", "Calibri")
    link_results(path, "gone", "https://x.test/3")
    tab = opened(path)
    assert (tab["C2"].hyperlink, tab["C2"].font.u) == (None, None)
    assert tab["C3"].hyperlink.target == "https://x.test/3"
    names = list(parts(path))
    assert len(names) == len(set(names))


def test_the_same_links_again_change_nothing(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet("".join(text_row(n, "id") for n in (1, 2, 3))))
    link_results(path, "https://x.test/1", "https://x.test/1")
    before = parts(path)
    link_results(path, "https://x.test/1", "https://x.test/1")
    assert parts(path) == before


def test_links_of_the_user_stay_and_ours_stand_where_they_must(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_column(0, 0, ["id", "1", "2"])
    tab.write_url("D2", "https://mine.test")
    tab.conditional_format("A2:A4", {"type": "data_bar", "data_bar_2010": True})
    tab.data_validation("B2:B4", {"validate": "list", "source": ["a", "b"]})
    tab.write_comment("A2", "note")
    tab.set_header("&Lhead")
    book.close()
    link_results(path, "https://x.test/1", "https://x.test/2")
    written = opened(path)
    targets = {cell.coordinate: cell.hyperlink.target for row in written for cell in row if cell.hyperlink}
    assert sorted(map(str, targets.values())) == ["https://mine.test", "https://x.test/1", "https://x.test/2"]
    order = [
        m.decode()
        for m in re.findall(
            rb"<(dataValidations|hyperlinks|pageMargins|legacyDrawing|extLst)\b", parts(path)[SHEET_PART]
        )
    ]
    # The first list of extensions belongs to the conditional format.
    assert order == ["extLst", "dataValidations", "hyperlinks", "pageMargins", "legacyDrawing", "extLst"]


def test_a_sheet_without_links_gets_them_at_the_right_place(tmp_path: Path) -> None:
    nested = '<cfRule type="dataBar" priority="1"><extLst><ext uri="x"/></extLst></cfRule>'
    margins = '<pageMargins left="1" right="1" top="1" bottom="1" header="1" footer="1"/>'
    after = f'<conditionalFormatting sqref="A2">{nested}</conditionalFormatting>{margins}'
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1"), after=after))
    link_results(path, "https://x.test/1")
    assert b"</conditionalFormatting><hyperlinks>" in parts(path)[SHEET_PART]
    assert b"</hyperlinks><pageMargins" in parts(path)[SHEET_PART]


def test_a_style_that_the_user_gave_a_result_cell_is_kept(tmp_path: Path) -> None:
    rows = text_row(1, "id", "video_status") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>5</v></c></row>'
    path = package(tmp_path / "s.xlsx", worksheet(rows))
    fill(path, {2: {"video_status": "succeeded"}})
    assert b'<c r="B2" s="1" t="inlineStr">' in parts(path)[SHEET_PART]


def test_a_table_grows_with_the_new_columns(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.add_table("A1:B3", {"data": [["1", "Anna"], ["2", "Bob"]], "columns": [{"header": "id"}, {"header": "name"}]})
    book.close()
    fill(path)
    table = opened(path).tables["Table1"]
    assert (table.ref, table.autoFilter.ref) == ("A1:D3", "A1:D3")
    assert table.column_names == ["id", "name", *COLUMNS]
    assert len({column.id for column in table.tableColumns}) == 4
    assert changed_parts(path) == {SHEET_PART, "xl/styles.xml", "xl/tables/table1.xml"}


def test_the_used_range_includes_the_results(tmp_path: Path) -> None:
    path = package(
        tmp_path / "s.xlsx",
        worksheet(text_row(1, "id", "b") + text_row(2, "1"), before='<dimension ref="A1:B2"/>'),
    )
    fill(path)
    assert b'<dimension ref="A1:D2"/>' in parts(path)[SHEET_PART]


def test_something_to_the_right_of_the_table_is_never_overwritten(tmp_path: Path) -> None:
    rows = (
        text_row(1, "id", "b") + text_row(2, "1", "x") + '<row r="3"><c r="A3"><v>2</v></c><c r="D3"><v>9</v></c></row>'
    )
    path = package(tmp_path / "s.xlsx", worksheet(rows))
    fill(path)
    sheet = read_sheet(path)
    assert sheet.headers == ("id", "b", "", "", *COLUMNS)
    assert rows_of(sheet)[1] == ("2", "", "", "9", "succeeded", "a & b < c")


def test_a_note_beside_the_table_in_a_row_without_results_is_no_hindrance(tmp_path: Path) -> None:
    note = '<row r="5"><c r="C5" t="inlineStr"><is><t>a note</t></is></c></row>'
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1") + note))
    fill(path)
    tab = opened(path)
    assert (tab["C5"].value, tab["C1"].value) == ("a note", None)
    assert [tab[f"{letter}1"].value for letter in "DE"] == list(COLUMNS)


@pytest.mark.parametrize("theirs", ["", " to the right", " in between"])
def test_results_that_are_there_are_replaced_wherever_the_person_put_columns(tmp_path: Path, theirs: str) -> None:
    """As Excel writes the file anew: shared strings, styles of their own, cells that are gone."""
    headers = ["id", *COLUMNS, *(["x"] if theirs.endswith("right") else [])]
    if theirs.endswith("between"):
        headers.insert(2, "x")
    first = dict(zip(headers, "ABCD", strict=False))
    rows = text_row(1, *headers) + "".join(
        f'<row r="{n}" spans="1:9"><c r="A{n}"><v>{n}</v></c>'
        + f'<c r="{first["video_status"]}{n}" s="1" t="s"><v>0</v></c>'
        + (f'<c r="{first["x"]}{n}" s="1"><f>1+{n}</f><v>{n + 1}</v></c>' if "x" in headers else "")
        + "</row>"
        for n in (2, 3)
    )
    shared = f'<sst xmlns="{MAIN}"><si><t>rendering</t></si></sst>'
    path = package(tmp_path / "s.xlsx", worksheet(rows), shared=shared)
    fill(path, {2: RESULTS, 3: RESULTS | {"video_note": None}})
    tab = opened(path)
    status, note = first["video_status"], first["video_note"]
    assert [tab[f"{status}{n}"].value for n in (2, 3)] == ["succeeded", "succeeded"]
    assert [tab[f"{note}{n}"].value for n in (2, 3)] == ["a & b < c", None]
    assert [tab[f"{status}{n}"].number_format for n in (2, 3)] == ["00000", "00000"]
    if "x" in headers:
        assert [tab[f"{first['x']}{n}"].value for n in (2, 3)] == ["=1+2", "=1+3"]


# --- shapes of XML -------------------------------------------------------------------------------------------------


def shaped(tmp_path: Path, sheet: str | bytes, **more: object) -> Sheet:
    path = package(tmp_path / "s.xlsx", sheet, **more)  # type: ignore[arg-type]
    before = read_sheet(path)
    assert fill(path) == Written(path)
    after = read_sheet(path)
    assert [row[: len(before.headers)] for row in rows_of(after)] == rows_of(before)
    tab = opened(path)
    width = len(after.headers)
    for row in after.rows:
        values = [tab.cell(row.number, width - 1).value, tab.cell(row.number, width).value]
        assert values == list(RESULTS.values())
    return after


def test_prefixed_names_get_prefixed_cells(tmp_path: Path) -> None:
    rows = text_row(1, "id") + text_row(2, "1")
    xml = worksheet(rows).replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    xml = re.sub(r"<(/?)(\w+)(?=[ >/])", r"<\1x:\2", xml)
    shaped(tmp_path, xml)


def test_rows_and_cells_without_references_get_cells_with_them(tmp_path: Path) -> None:
    rows = text_row(1, "id", "b") + text_row(2, "1", "x") + "<row/>" + text_row(4, "2", "y")
    shaped(tmp_path, worksheet(re.sub(r' r="[A-Z]?\d"', "", rows)))


def test_sparse_and_self_closed_rows_are_no_hindrance(tmp_path: Path) -> None:
    rows = (
        text_row(1, "id", "b", "c") + '<row r="2"/><row r="3" spans="1:3"><c r="B3"><v>1</v></c></row><row r="5"/>'
        '<row r="9"><c r="A9"><v>2</v></c><c r="C9" s="1"/></row><row r="10" hidden="1"></row>'
    )
    sheet = shaped(tmp_path, worksheet(rows))
    assert [row.number for row in sheet.rows] == [3, 9]


def test_the_hint_of_how_wide_a_row_is_grows_where_our_cells_are(tmp_path: Path) -> None:
    rows = (
        text_row(1, "id", "b")
        + '<row r="2" spans="1:2"/><row r="3" spans="1:2"><c r="A3"><v>1</v></c></row>'
        + '<row r="4" spans="1:9"><c r="A4"><v>2</v></c></row>'
    )
    path = package(tmp_path / "s.xlsx", worksheet(rows))
    fill(path)
    assert re.findall(rb'<row r="(\d)" spans="1:(\d)"', parts(path)[SHEET_PART]) == [
        (b"2", b"2"),
        (b"3", b"4"),
        (b"4", b"9"),
    ]


def test_white_space_between_rows_and_cells_stays(tmp_path: Path) -> None:
    rows = (text_row(1, "id") + text_row(2, "1")).replace("><", ">\n  <").replace("<t>\n", "<t>")
    shaped(tmp_path, worksheet(rows))


def test_strict_workbooks_stay_strict(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1"), namespace=STRICT), strict=True)
    assert fill(path) == Written(path)
    assert STRICT.encode() in parts(path)[SHEET_PART]
    assert results_of(read_sheet(path)) == [tuple(RESULTS.values())]


def test_workbooks_packed_with_zip64_fields_are_patched(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    shaped(tmp_path, worksheet(text_row(1, "id") + text_row(2, "1")), force_zip64=True)
    book = xlsxwriter.Workbook(str(path))
    book.use_zip64()
    tab = book.add_worksheet()
    tab.write_column(0, 0, ["id", "1"])
    book.close()
    assert fill(path) == Written(path)
    assert results_of(read_sheet(path)) == [tuple(RESULTS.values())]


def test_very_wide_sheets_have_room_up_to_the_last_column(tmp_path: Path) -> None:
    rows = text_row(1, "id").replace("</row>", '<c r="XFB1" t="inlineStr"><is><t>last</t></is></c></row>')
    sheet = shaped(tmp_path, worksheet(rows + text_row(2, "1")))
    assert len(sheet.headers) == 16_384


# --- what is refused -----------------------------------------------------------------------------------------------


def refused(path: Path, why: str) -> None:
    before = path.read_bytes()
    written = fill(path)
    assert path.read_bytes() == before
    assert written.path == path.with_name("s.results.xlsx")
    assert written.reason is not None
    assert written.reason.startswith("s.xlsx was left as it is: ")
    assert why in written.reason
    results = read_sheet(written.path)
    assert results.headers[0] == "row"
    assert results_of(results) == [tuple(RESULTS.values())] * len(results.rows)


def test_a_signed_workbook_is_left_alone(tmp_path: Path) -> None:
    parts = {"_xmlsignatures/sig1.xml": "<Signature/>"}
    refused(package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1")), parts=parts), "signed")


def test_a_shared_workbook_is_left_alone(tmp_path: Path) -> None:
    parts = {"xl/revisions/revisionHeaders.xml": "<headers/>"}
    refused(package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1")), parts=parts), "shared")


def test_a_sheet_without_a_free_column_is_left_alone(tmp_path: Path) -> None:
    rows = text_row(1, "id").replace("</row>", '<c r="XFC1" t="inlineStr"><is><t>last</t></is></c></row>')
    refused(package(tmp_path / "s.xlsx", worksheet(rows + text_row(2, "1"))), "no column left")


def test_formulas_in_a_result_column_are_never_overwritten(tmp_path: Path) -> None:
    rows = text_row(1, "id", "video_status") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
    refused(package(tmp_path / "s.xlsx", worksheet(rows)), "row 2 holds a formula in a result column")


def test_merged_cells_over_a_result_column_are_left_alone(tmp_path: Path) -> None:
    after = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    rows = text_row(1, "id", "video_status") + text_row(2, "1", "x") + text_row(3, "2")
    refused(package(tmp_path / "s.xlsx", worksheet(rows, after=after)), "merged cells B2:B3")


@pytest.mark.parametrize(
    "rows",
    [
        text_row(1, "id") + "<!-- note -->" + text_row(2, "1"),
        text_row(1, "id") + text_row(2, "<![CDATA[1]]>"),
        text_row(1, "id") + text_row(3, "1") + text_row(2, "2"),
    ],
    ids=["comment", "CDATA", "unsorted rows"],
)
def test_xml_that_cannot_be_cut_with_certainty_is_left_alone(tmp_path: Path, rows: str) -> None:
    refused(package(tmp_path / "s.xlsx", worksheet(rows)), "written in an unusual way")


def test_dates_in_the_users_columns_survive_in_the_results_workbook_as_they_look(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book.active
    assert tab is not None
    tab.append(["id", "day", "video_status"])
    tab.append(["=A1", date(2026, 11, 22), "=1+1"])
    book.save(path := tmp_path / "s.xlsx")
    written = fill(path)
    assert read_sheet(written.path).rows[0].cells[2] == "2026-11-22"


def test_a_link_in_the_sheet_to_the_outside_is_kept_and_not_followed(tmp_path: Path) -> None:
    link = f'<Relationship Id="rId9" Type="{OFFICE}/hyperlink" Target="https://example.com" TargetMode="External"/>'
    after = '<hyperlinks><hyperlink ref="A2" r:id="rId9"/></hyperlinks>'
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1"), after=after), sheet_links=link)
    fill(path)
    assert opened(path)["A2"].hyperlink.target == "https://example.com"
