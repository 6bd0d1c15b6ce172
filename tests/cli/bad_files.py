"""Files that are not the sheets they seem to be."""

from __future__ import annotations

from pathlib import Path

import openpyxl

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook(path: Path, *rows: tuple[str, ...], merge: str | None = None) -> None:
    """A real workbook with these rows."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    book.save(path)
    book.close()


def merged_header(path: Path) -> None:
    workbook(path, ("id", "name", ""), ("r1", "Anna", "x"), merge="B1:C1")


def renamed_xls(path: Path) -> None:
    """What Excel 97 saves, with its name changed."""
    path.write_bytes(OLE + b"\0" * 5000)


def password_protected(path: Path) -> None:
    """Excel puts an encrypted workbook into an OLE container with this stream."""
    path.write_bytes(OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4000)


def truncated_zip(path: Path) -> None:
    workbook(path, ("id", "name"), ("r1", "Anna"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
