"""CSV and TSV files are read whatever wrote them, and their texts stay texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.errors import SheetInvalid
from batchgen.sheet import Sheet, read_sheet
from tests.sheet.made import rows_of


def saved(tmp_path: Path, content: str | bytes, name: str = "s.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(tmp_path: Path, content: str | bytes, name: str = "s.csv") -> Sheet:
    return read_sheet(saved(tmp_path, content, name))


def test_ids_nulls_and_booleans_stay_what_the_person_sees(tmp_path: Path) -> None:
    sheet = read(tmp_path, "id,a,b,c,d\n007,NA,null,TRUE,1.50\n")
    assert rows_of(sheet) == [("007", "NA", "null", "TRUE", "1.50")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"], ids=lambda name: str(name)
)
def test_unicode_files_are_read_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    sheet = read(tmp_path, "id,name\n1,Zoë 東京 🎬\n2,plain\n".encode(encoding))
    assert rows_of(sheet) == [("1", "Zoë 東京 🎬"), ("2", "plain")]
    assert sheet.notes == ()


@pytest.mark.parametrize(
    ("page", "text", "called"),
    [
        ("cp1252", "Grüße von Jürgen Müller aus Köln, Straße 5", "Windows-1252"),
        ("cp1252", "été à la façon de José", "Windows-1252"),
        ("cp1252", "Señor Muñoz, ¿cómo está?", "Windows-1252"),
        ("cp1250", "Łukasz Wiśniewski, zażółć gęślą jaźń", "Windows-1250"),
        ("cp1251", "Здравствуйте, Анна Иванова, добро пожаловать в нашу компанию", "Windows-1251"),
        ("cp1253", "Καλημέρα σας, ευχαριστούμε που επιλέξατε την εταιρεία μας", "Windows-1253"),
    ],
)
def test_windows_files_are_recognised_and_said_so(tmp_path: Path, page: str, text: str, called: str) -> None:
    sheet = read(tmp_path, f"id;text\r\n1;{text}\r\n".encode(page))
    assert rows_of(sheet) == [("1", text)]
    assert called in sheet.notes[0]


def test_one_broken_character_in_a_utf_8_file_is_named_by_its_line(tmp_path: Path) -> None:
    data = "id,name\n1,Zoë\n2,Jürgen\n3,Ødegård\n".encode() + b"4,bro\xffken\n"
    with pytest.raises(SheetInvalid, match="line 5 holds a broken character"):
        read(tmp_path, data)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    lines = [["id", "script", "price"], ["1", "Hello. Yes", "1"], ["2", "No", "2"]]
    assert read(tmp_path, "\n".join(separator.join(line) for line in lines)).headers == ("id", "script", "price")


def test_commas_in_texts_do_not_hide_a_semicolon(tmp_path: Path) -> None:
    sheet = read(tmp_path, "id;script\n1;Hi, Anna, welcome\n2;Hello, Bob, bye\n")
    assert rows_of(sheet) == [("1", "Hi, Anna, welcome"), ("2", "Hello, Bob, bye")]


def test_the_line_that_tells_excel_the_separator_is_no_row(tmp_path: Path) -> None:
    sheet = read(tmp_path, "sep=|\r\nid|name\r\n1|Anna\r\n")
    assert (sheet.headers, sheet.rows[0].number) == (("id", "name"), 2)


def test_a_single_column_needs_no_separator(tmp_path: Path) -> None:
    assert rows_of(read(tmp_path, "script\nHello\nBye\n")) == [("Hello",), ("Bye",)]


def test_quotes_in_quotes_and_line_breaks_in_cells_are_part_of_the_text(tmp_path: Path) -> None:
    sheet = read(tmp_path, 'id,script\r\n1,"He said ""hi"",\r\nthen left"\r\n2,5" screen\r\n')
    assert rows_of(sheet) == [("1", 'He said "hi",\r\nthen left'), ("2", '5" screen')]
    assert [row.number for row in sheet.rows] == [2, 3]


def test_blank_lines_are_rows_without_content_as_in_a_spreadsheet(tmp_path: Path) -> None:
    assert [row.number for row in read(tmp_path, "id,a\n1,2\n\n,\n3,4\n").rows] == [2, 5]


def test_ragged_rows_are_faults_that_name_their_line(tmp_path: Path) -> None:
    sheet = read(tmp_path, 'id,a,b\n1,"x\ny",z\n2,short\n3,a,b,surplus\n4,a,b,\n5\n')
    faults = {row.number: [fault.message for fault in row.faults] for row in sheet.rows}
    assert faults == {
        2: [],
        3: ["Line 4 of the file ends after 2 cells, but there are 3 columns."],
        4: ["Line 5 of the file has 4 cells, but there are only 3 columns."],
        5: [],
        6: ["Line 7 of the file ends after 1 cell, but there are 3 columns."],
    }


@pytest.mark.parametrize("content", ['id,a\n1,x\n2,"open\n3,y\n', 'id,a\n1,x\n2,"open" tail\n'])
def test_a_quote_that_is_never_closed_is_named_by_its_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(SheetInvalid, match="begins in line 3"):
        read(tmp_path, content)


def test_a_tab_separated_file_prefers_tabs(tmp_path: Path) -> None:
    assert read(tmp_path, "id\tname, first\n1\tAnna, B\n", "s.tsv").headers == ("id", "name, first")


def test_the_header_row_can_be_chosen(tmp_path: Path) -> None:
    path = saved(tmp_path, "Report of 2026\n\nid,name\n1,Anna\n")
    sheet = read_sheet(path, header_row=3)
    assert (sheet.headers, sheet.rows[0].number) == (("id", "name"), 4)


def test_old_mac_line_ends_are_understood(tmp_path: Path) -> None:
    assert rows_of(read(tmp_path, "id,a\r1,x\r2,y\r")) == [("1", "x"), ("2", "y")]
