"""A file that cannot be read is explained in plain words, with what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from batchgen.errors import SheetInvalid
from batchgen.sheet import read_sheet
from tests.sheet.made import MAIN, package, text_row, worksheet

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def complaint(path: Path) -> str:
    with pytest.raises(SheetInvalid) as error:
        read_sheet(path)
    return str(error.value)


def test_a_folder_is_named_as_one_and_its_sheets_are_listed(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("a\n1\n")
    assert "is a folder, not a sheet. It holds customers.csv." in complaint(tmp_path)


def test_a_missing_file_is_compared_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "customers.xlsx").touch()
    assert 'Did you mean "customers.xlsx"?' in complaint(tmp_path / "custmers.xlsx")
    assert "does not exist" in complaint(tmp_path / "nowhere" / "x.csv")


def test_a_renamed_old_workbook_says_how_to_convert_it(tmp_path: Path) -> None:
    (path := tmp_path / "s.xlsx").write_bytes(OLE)
    assert "old Excel 97-2003 workbook under a new name" in complaint(path)


def test_a_password_protected_workbook_says_how_to_remove_the_password(tmp_path: Path) -> None:
    (path := tmp_path / "s.xlsx").write_bytes(OLE + "EncryptedPackage".encode("utf-16-le"))
    assert "is protected by a password. Open it, remove the password" in complaint(path)


def test_a_truncated_workbook_is_called_damaged(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1")))
    data = path.read_bytes()
    for size in (10, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        assert "is damaged" in complaint(path)


def test_flipped_bytes_in_a_workbook_are_noticed(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", worksheet(text_row(1, "id") + text_row(2, "1")))
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    data = bytearray(path.read_bytes())
    data[start + 20] ^= 0xFF
    path.write_bytes(data)
    assert "is damaged" in complaint(path)


def test_a_text_file_named_like_a_workbook_is_told_apart(tmp_path: Path) -> None:
    (path := tmp_path / "s.xlsx").write_text("id,name\n1,Anna\n")
    assert "named like a workbook" in complaint(path)
    path.write_text("<html><table>")
    assert "is a web page" in complaint(path)


def test_a_word_document_and_a_plain_zip_are_no_workbooks(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "s.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hi")
    assert "is a zip file, but not a workbook" in complaint(tmp_path / "s.xlsx")


def test_a_binary_workbook_is_told_to_be_saved_as_xlsx(tmp_path: Path) -> None:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.bin"/></Relationships>'
    )
    path = package(tmp_path / "s.xlsx", worksheet(""), parts={"_rels/.rels": rels})
    assert "binary workbook" in complaint(path)


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"\xef\xbb\xbf"])
def test_an_empty_text_file_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "s.csv").write_bytes(content)
    assert "empty" in complaint(path)


def test_a_header_without_rows_is_a_problem(tmp_path: Path) -> None:
    (path := tmp_path / "s.csv").write_text("id,name\n\n,\n")
    assert "has a header but no rows" in complaint(path)
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["id"])
    book.save(tmp_path / "s.xlsx")
    assert "has a header but no rows" in complaint(tmp_path / "s.xlsx")


def test_an_empty_workbook_is_a_problem(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "s.xlsx")
    assert "The sheet is empty" in complaint(tmp_path / "s.xlsx")


def test_an_empty_header_row_says_where_the_first_filled_row_is(tmp_path: Path) -> None:
    (path := tmp_path / "s.csv").write_text("\n\nid,name\n1,Anna\n")
    assert "set header_row = 3" in complaint(path)
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A4"] = "id"
    book.save(tmp_path / "s.xlsx")
    assert "set header_row = 4" in complaint(tmp_path / "s.xlsx")


@pytest.mark.parametrize("content", [b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n", b"a\0\0\0b\x01\0\0"])
def test_pictures_and_other_binary_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "s.csv").write_bytes(content)
    assert "not a" in complaint(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = package(tmp_path / "s.xlsx", b"<worksheet>" + bytes(100_000_000))
    assert path.stat().st_size < 1_000_000
    assert "would grow to 0.1 GB" in complaint(path)


def test_entity_bombs_are_refused_wherever_they_hide(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    rows = text_row(1, "id") + text_row(2, "&b;")
    sheet = worksheet(rows).replace("<worksheet", laughs + "<worksheet")
    assert "damaged" in complaint(package(tmp_path / "a.xlsx", sheet))
    shared = f'{laughs}<sst xmlns="{MAIN}"><si><t>&b;</t></si></sst>'
    rows = text_row(1, "id") + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'
    assert "not readable XML" in complaint(package(tmp_path / "b.xlsx", worksheet(rows), shared=shared))


def test_a_reference_to_a_text_that_does_not_exist_is_damage(tmp_path: Path) -> None:
    rows = text_row(1, "id") + '<row r="2"><c r="A2" t="s"><v>99</v></c></row>'
    assert "is damaged" in complaint(package(tmp_path / "s.xlsx", worksheet(rows)))
