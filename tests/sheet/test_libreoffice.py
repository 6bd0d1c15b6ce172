"""What LibreOffice writes is read and patched, and what we patched is the same to LibreOffice."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from batchgen.sheet import Written, read_sheet, write_results
from tests.sheet.made import opened, rows_of

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")

COLUMNS = ("video_status", "video_page")


def convert(path: Path, to: str, folder: Path) -> Path:
    """The file as LibreOffice saves it in another format."""
    folder.mkdir(exist_ok=True)
    profile = folder / "profile"
    subprocess.run(
        [str(OFFICE), f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", to,
         "--outdir", str(folder), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return folder / f"{path.stem}.{to.partition(':')[0]}"


def shown(path: Path, folder: Path) -> list[list[str]]:
    """The first tab as LibreOffice shows it: its CSV export "as shown"."""
    out = convert(path, "csv:Text - txt - csv (StarCalc):44,34,76", folder)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def rich_workbook(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet("Customers")
    bold, zeros = book.add_format({"bold": True}), book.add_format({"num_format": "00000"})
    day, money = book.add_format({"num_format": "dd.mm.yyyy"}), book.add_format({"num_format": "#,##0.00"})
    tab.write_row(0, 0, ["id", "zip", "day", "price", "greeting", "flag"], bold)
    for number in range(1, 6):
        tab.write_string(number, 0, f"00{number}")
        tab.write_number(number, 1, 100 + number, zeros)
        tab.write_number(number, 2, 45000 + number, day)
        tab.write_number(number, 3, 1234.5 * number, money)
        tab.write_formula(number, 4, f'="Hi "&A{number + 1}', value=f"Hi 00{number}")
        tab.write_boolean(number, 5, number % 2 == 0)
    tab.write_rich_string(6, 0, "00", bold, "6", " rich")
    tab.merge_range("H8:I9", "a note far right")
    tab.freeze_panes(1, 0)
    tab.autofilter("A1:F7")
    tab.conditional_format("D2:D7", {"type": "data_bar"})
    book.close()


def fill(path: Path) -> Written:
    sheet = read_sheet(path)
    cells = {
        row.number: {"video_status": "succeeded", "video_page": f"https://x.test/{row.number}"} for row in sheet.rows
    }
    return write_results(path, path, tab=None, header_row=1, columns=COLUMNS, cells=cells, expect_digest=sheet.digest)


def test_we_read_what_libreoffice_shows(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    saved = convert(path, "xlsx", tmp_path / "saved")
    expected = [tuple(row[:6]) for row in shown(path, tmp_path / "csv")[1:7]]
    assert rows_of(read_sheet(path)) == expected
    assert rows_of(read_sheet(saved)) == expected


def test_a_patched_workbook_is_the_same_to_libreoffice_but_for_the_results(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    before = shown(path, tmp_path / "before")
    assert fill(path) == Written(path)
    after = shown(path, tmp_path / "after")
    assert [row[:6] for row in after] == [row[:6] for row in before]
    places = [after[0].index(column) for column in COLUMNS]
    assert [[row[place] for place in places] for row in after[1:7]] == [
        ["succeeded", f"https://x.test/{number}"] for number in range(2, 8)
    ]


def test_libreoffice_shows_each_time_to_the_second(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    sheet = read_sheet(path)
    times = {row.number: datetime(2026, 11, 22, 9, 30, row.number * 7) for row in sheet.rows}  # noqa: DTZ001 - as in a cell
    cells = {number: {"video_updated_at": time} for number, time in times.items()}
    write_results(
        path, path, tab=None, header_row=1, columns=["video_updated_at"], cells=cells, expect_digest=sheet.digest
    )
    rows = shown(path, tmp_path / "after")
    place = rows[0].index("video_updated_at")
    assert [row[place] for row in rows[1:7]] == [time.isoformat(" ") for time in times.values()]


def test_a_workbook_that_libreoffice_wrote_is_patched(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    saved = convert(path, "xlsx", tmp_path / "saved")
    rows = rows_of(read_sheet(saved))
    assert fill(saved) == Written(saved)
    assert [row[:6] for row in rows_of(read_sheet(saved))] == rows
    tab = opened(saved)
    headers = [cell.value for cell in tab[1]]
    assert tab.cell(2, headers.index("video_status") + 1).value == "succeeded"


def test_the_printed_page_of_a_patched_workbook_still_comes_out(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    fill(path)
    assert convert(path, "pdf", tmp_path / "pdf").read_bytes().startswith(b"%PDF")


def test_an_ods_file_is_read_as_libreoffice_shows_it(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    saved = convert(path, "ods", tmp_path / "saved")
    sheet = read_sheet(saved, tab="customers")
    assert rows_of(sheet) == rows_of(read_sheet(path))
    assert [row.number for row in sheet.rows] == [2, 3, 4, 5, 6, 7]


def test_an_xls_file_is_read_as_the_workbook_that_it_was_made_of(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    without_results = tmp_path / "calculated.xlsx"
    openpyxl.load_workbook(path, rich_text=True).save(without_results)  # so that LibreOffice calculates them
    saved = convert(without_results, "xls", tmp_path / "saved")
    assert rows_of(read_sheet(saved)) == rows_of(read_sheet(path))


def test_results_of_an_ods_file_go_to_a_new_workbook(tmp_path: Path) -> None:
    rich_workbook(path := tmp_path / "s.xlsx")
    saved = convert(path, "ods", tmp_path / "saved")
    before = saved.read_bytes()
    written = fill(saved)
    assert written.path == saved.with_name("s.results.xlsx")
    assert "results cannot be written into .ods files" in str(written.reason)
    assert saved.read_bytes() == before
    assert rows_of(read_sheet(written.path))[0][-2:] == ("succeeded", "https://x.test/2")
