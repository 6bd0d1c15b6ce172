"""Open a file of whatever kind and read it as a sheet, or say in plain words why that cannot be done."""

from __future__ import annotations

import codecs
import enum
import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from batchgen.sheet.csv import read_csv
from batchgen.sheet.ods import read_ods
from batchgen.sheet.sheet import Sheet
from batchgen.sheet.trouble import did_you_mean, password_protected, refusal
from batchgen.sheet.xls import read_xls
from batchgen.sheet.xlsx import read_xlsx, read_xlsx_as_stored, read_xlsx_headers

SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".ods", ".xls")

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_NOT_TEXT = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document",
}
_START = 512
"""Bytes that are looked at to tell what a file is."""
_WEB_STARTS = (b"<html", b"<!doc", b"<table", b"<style", b"<meta", b"<head")
_MOST_TEXT = 2 << 30
"""Bytes of a text file; it is read as a whole."""


class Kind(enum.Enum):
    """What a file is by its content; its name may say otherwise."""

    TEXT = "text"
    XLSX = "xlsx"
    ODS = "ods"
    XLS = "xls"


def read_sheet(path: Path, *, tab: str | None = None, header_row: int = 1) -> Sheet:
    """All rows of a sheet as the person sees them. Raises SheetInvalid with every problem it can see.

    ``tab`` names a tab of a workbook, by default the first visible one; ``header_row`` is the number of the
    row with the headers, as the person's program shows it.
    """
    with open_sheet(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        match kind_of(file, path):
            case Kind.XLSX:
                sheet = read_xlsx(file, path, tab=tab, header_row=header_row, digest=digest)
                return _with_note_of_name(sheet)
            case Kind.TEXT:
                return read_csv(file.read(), path, header_row=header_row, digest=digest)
            case Kind.ODS:
                return read_ods(file, path, tab=tab, header_row=header_row, digest=digest)
            case Kind.XLS:
                return read_xls(file, path, tab=tab, header_row=header_row, digest=digest)


def read_stored(path: Path, *, tab: str | None = None, header_row: int = 1) -> Sheet:
    """As `read_sheet`, but a new workbook's numbers are told as they are stored, whatever their format shows."""
    with open_sheet(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        if kind_of(file, path) is Kind.XLSX:
            return read_xlsx_as_stored(file, path, tab=tab, header_row=header_row, digest=digest)
    return read_sheet(path, tab=tab, header_row=header_row)


def read_headers(path: Path, *, tab: str | None = None, header_row: int = 1) -> Sequence[str]:
    """The headers alone, which a new workbook tells at once. Raises SheetInvalid."""
    with open_sheet(path) as file:
        if kind_of(file, path) is Kind.XLSX:
            return read_xlsx_headers(file, path, tab=tab, header_row=header_row)
    return read_sheet(path, tab=tab, header_row=header_row).headers


def _with_note_of_name(sheet: Sheet) -> Sheet:
    """A new workbook under an old name is read; that its name is wrong is worth a note."""
    if sheet.path.suffix.lower() != ".xls":
        return sheet
    note = f"{sheet.path.name} is really an .xlsx workbook; rename it so that other programs open it, too."
    return replace(sheet, notes=(*sheet.notes, note))


def open_sheet(path: Path) -> BufferedReader:
    """The file, open for reading. Raises SheetInvalid when there is none."""
    if path.is_dir():
        found = sorted(child.name for child in path.iterdir() if child.suffix.lower() in SUFFIXES)
        raise refusal(f"{path} is a folder, not a sheet.", f"It holds {', '.join(found[:5])}." if found else "")
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        siblings = [child.name for child in path.parent.iterdir()] if path.parent.is_dir() else []
        known = [name for name in siblings if Path(name).suffix.lower() in SUFFIXES]
        hint = did_you_mean(path.name, known) or "Check the name and the folder."
        raise refusal(f"{path} does not exist.", hint) from error
    except OSError as error:
        raise refusal(
            f"{path} cannot be opened: {error.strerror}.", "Is it open elsewhere, or not yours to read?"
        ) from error


def kind_of(file: BufferedReader, path: Path) -> Kind:
    """What the file holds, by its first bytes; leaves it at its start. Raises SheetInvalid."""
    start = file.read(_START)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise refusal(f"{path.name} is empty: it holds no bytes at all.", "Was it saved or copied completely?")
    if start.startswith(_OLE):
        return _kind_of_ole(file, path)
    if start.startswith(b"PK"):
        return _kind_of_zip(file)
    _refuse_other(start, size, path)
    return Kind.TEXT


def _kind_of_ole(file: BufferedReader, path: Path) -> Kind:
    """The container of old Office files, also used around password-protected new ones."""
    data = file.read()
    file.seek(0)
    if _PASSWORD in data:
        raise password_protected(path)
    if path.suffix.lower() != ".xls":
        raise refusal(
            f"{path.name} is an old Excel 97-2003 workbook under a new name.",
            "Open it in your spreadsheet program and save it as .xlsx; renaming is not enough.",
        )
    return Kind.XLS


def _kind_of_zip(file: BufferedReader) -> Kind:
    try:
        with ZipFile(file) as archive:
            ods = archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.spreadsheet")
    except (BadZipFile, KeyError, OSError, ValueError, NotImplementedError):
        ods = False
    file.seek(0)
    return Kind.ODS if ods else Kind.XLSX


def _refuse_other(start: bytes, size: int, path: Path) -> None:
    for magic, what in _NOT_TEXT.items():
        if start.startswith(magic):
            raise refusal(f"{path.name} is {what}, not a sheet.", "Use a .csv, .tsv or .xlsx file.")
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods"):
        raise refusal(
            f"{path.name} is named like a workbook but is {_named_wrongly(start)}.",
            "Export it again as .xlsx, or name a text file .csv.",
        )
    if size > _MOST_TEXT:
        raise refusal(f"{path.name} is larger than 2 GB.", "Split it into several files.")


def _named_wrongly(start: bytes) -> str:
    """What stands in a file that its name calls a workbook; many programs export web pages as .xls."""
    begins = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if begins.startswith(_WEB_STARTS):
        return "a web page"
    if begins.startswith(b"<?xml"):
        return "an XML file"
    return "no workbook inside" if b"\0" in start else "a text file"
