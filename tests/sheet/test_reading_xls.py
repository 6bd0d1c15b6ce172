"""An .xls file is read as the person sees it. The files were made by LibreOffice (xlsxwriter made its input)."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from batchgen.errors import SheetInvalid
from batchgen.sheet import SheetRow, Written, read_sheet, write_results
from batchgen.sheet.xls_formula import gives_a_number
from tests.sheet.made import package, rows_of, text_row, worksheet

FILES = Path(__file__).parent / "files"
OLD, OLD_1904 = FILES / "old.xls", FILES / "old-1904.xls"

FILEPASS = struct.pack("<H", 0x002F)
"""The record that begins an encrypted workbook ([MS-XLS] §2.4.117)."""


def rows(path: Path) -> dict[int, SheetRow]:
    return {row.number: row for row in read_sheet(path, header_row=2).rows}


@pytest.mark.parametrize("path", [OLD, OLD_1904], ids=["dates from 1900", "dates from 1904"])
def test_every_kind_of_cell_is_read_as_it_looks(path: Path) -> None:
    sheet = read_sheet(path, header_row=2)
    assert sheet.tab == "Customers"  # the first tab is hidden
    assert dict(zip(sheet.headers, sheet.rows[0].cells, strict=True)) == {
        "id": "001",
        "zip": "00101",
        "day": "21.11.2026",
        "time": "9:05 AM",
        "price": "1,234.50",
        "share": "12.5%",
        "greeting": "Hi 001, grüße",
        "total": "2469",
        "flag": "FALSE",
        "missing": "",
        "long": "491701234567",
        "doctor": "Dr. Köhler",
    }
    assert sheet.rows[0].faults == ()
    assert sheet.rows[1].cells[8] == "TRUE"


def test_row_numbers_are_those_on_screen_and_blank_rows_are_none() -> None:
    assert list(rows(OLD)) == [3, 4, 5, 7, 8]
    assert rows(OLD)[7].cells[:2] == ("005 rich", "10115")


def test_error_cells_lost_digits_and_merged_cells_are_faults() -> None:
    told = [
        (number, fault.column, fault.value, fault.message) for number, row in rows(OLD).items() for fault in row.faults
    ]
    assert told == [
        (4, 9, "#N/A", "#N/A is an error value: a lookup found nothing."),
        (5, 10, "12345678901234570",
         "This number has more than the 15 digits that a spreadsheet keeps; the last ones may be wrong."),
        (8, 1, "", "This cell is part of the merged cells B7:B8."),
    ]  # fmt: skip


def test_hidden_rows_are_read_and_told_and_hidden_tabs_can_be_named() -> None:
    assert read_sheet(OLD, header_row=2).notes == ("1 hidden row is read like all others (is a filter on?).",)
    with pytest.raises(SheetInvalid, match='tab "Notes", has a header but no rows'):
        read_sheet(OLD, tab="notes")


def test_a_merged_header_and_a_missing_tab_are_problems() -> None:
    with pytest.raises(SheetInvalid, match="A1:C1 are merged"):
        read_sheet(OLD)
    with pytest.raises(SheetInvalid, match='Did you mean "Customers"'):
        read_sheet(OLD, tab="Custmers")


def test_a_text_that_libreoffice_stored_as_zero_is_a_fault_and_not_a_zero() -> None:
    faults = {
        number: [fault.column for fault in row.faults] for number, row in rows(FILES / "uncalculated.xls").items()
    }
    assert faults == {3: [6], 4: [6, 9], 5: [6, 10], 7: [], 8: [1]}


def test_a_zero_of_a_formula_that_gives_only_numbers_is_a_true_zero() -> None:
    """Row 2: =A2-A2 (a shared formula), ="Hi "&A2, =A2-1; nothing but the second can be a text."""
    first, second = read_sheet(FILES / "zeros.xls").rows
    assert (first.cells, [fault.column for fault in first.faults]) == (("1", "0", "0", "0"), [2])
    assert (second.cells, second.faults) == (("2", "0", "", "3"), ())


@pytest.mark.parametrize(
    ("steps", "numeric"),
    [
        ("44010000c01e010004", True),  # A2-1
        ("25010005000000c0c0220104001513", True),  # -(SUM(A2:A6))
        ("44010000c0412000", True),  # LEN(A2)
        ("17010048692044010000c008", False),
        ("170301043804480404", False),  # a Cyrillic text, whose last byte looks like a minus
        ("443c410000", False),  # $A$16701, whose last bytes look like COUNT
        ("200044020000c01e05000d19020800170100781908 0a001700001908030042030100".replace(" ", ""), False),  # IF
        ("17ff", False),
        ("", False),
    ],
)
def test_what_a_formula_can_give_is_told_by_its_last_step(steps: str, numeric: bool) -> None:
    assert gives_a_number(bytes.fromhex(steps)) is numeric


def test_results_go_to_a_new_workbook_and_the_old_one_stays_as_it_was(tmp_path: Path) -> None:
    (path := tmp_path / "old.xls").write_bytes(OLD.read_bytes())
    sheet = read_sheet(path, header_row=2)
    written = write_results(
        path, path, tab=None, header_row=2, columns=["video_status"],
        cells={3: {"video_status": "succeeded"}}, expect_digest=sheet.digest,
    )  # fmt: skip
    assert written == Written(
        tmp_path / "old.results.xlsx", "old.xls was left as it is: results cannot be written into .xls files."
    )
    assert path.read_bytes() == OLD.read_bytes()
    assert rows_of(read_sheet(written.path))[0][1:3] == ("001", "00101")
    assert rows_of(read_sheet(written.path))[0][-1] == "succeeded"


def test_an_encrypted_workbook_is_called_one(tmp_path: Path) -> None:
    data = bytearray(OLD.read_bytes())
    first = data.index(struct.pack("<HHHH", 0x0809, 16, 0x0600, 0x0005))
    data[first + 20 : first + 22] = FILEPASS
    (path := tmp_path / "s.xls").write_bytes(data)
    with pytest.raises(SheetInvalid, match="is protected by a password"):
        read_sheet(path)


@pytest.mark.parametrize("kept", [600, 4000, 8000])
def test_a_cut_off_workbook_is_called_damaged(tmp_path: Path, kept: int, capfd: pytest.CaptureFixture[str]) -> None:
    (path := tmp_path / "s.xls").write_bytes(OLD.read_bytes()[:kept])
    with pytest.raises(SheetInvalid, match=r"s\.xls is damaged"):
        read_sheet(path)
    assert capfd.readouterr().out == ""


def test_any_flipped_byte_gives_a_sheet_or_a_plain_word(tmp_path: Path) -> None:
    whole = OLD.read_bytes()
    path = tmp_path / "s.xls"
    for place in range(0, len(whole), 97):
        data = bytearray(whole)
        data[place] ^= 0xFF
        path.write_bytes(data)
        try:
            read_sheet(path, header_row=2)
        except SheetInvalid as error:
            assert str(error)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xef\xbb\xbf\n <table><tr><td>id</td></tr></table>", "a web page"),
        (b'<?xml version="1.0"?><Workbook/>', "an XML file"),
        (b"id,name\n1,Anna\n", "a text file"),
    ],
)
def test_what_other_programs_export_as_xls_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    (path := tmp_path / "s.xls").write_bytes(content)
    with pytest.raises(SheetInvalid, match=f"named like a workbook but is {what}"):
        read_sheet(path)


def test_a_new_workbook_under_an_old_name_is_read_and_told(tmp_path: Path) -> None:
    sheet = read_sheet(package(tmp_path / "s.xls", worksheet(text_row(1, "id") + text_row(2, "1"))))
    assert rows_of(sheet) == [("1",)]
    assert sheet.notes == ("s.xls is really an .xlsx workbook; rename it so that other programs open it, too.",)
