"""A zip package of parts, opened with care: what comes out of a file of someone else is bounded.

Declared sizes are checked before a part is inflated (zipfile never inflates more than declared), and a DTD is
refused before any entity is read.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import IO, BinaryIO, Self
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from batchgen.sheet.trouble import refusal

BROKEN = "Open it in your spreadsheet program, save it under a new name, and use that file."

_MOST_BYTES = 4 << 30
_SMALL_PART = 64 << 20
"""Bytes; parts below may be packed as tightly as they like."""
_MOST_RATIO = 300
"""Real sheets pack 5 to 60 times; deflate itself ends at 1,032."""


class Package:
    """An open package. Raises SheetInvalid for what is damaged, or unreasonable."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path = path
        try:
            self.archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise refusal(
                f"{path.name} is damaged: it ends too early or was not copied whole.", "Get a new copy of it."
            ) from error
        self._names = {name.casefold().lstrip("/"): name for name in self.archive.namelist()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def has(self, part: str) -> bool:
        return part.casefold() in self._names

    def info(self, part: str) -> zipfile.ZipInfo:
        try:
            return self.archive.getinfo(self._names[part.casefold()])
        except KeyError as error:
            raise refusal(f"{self.path.name} is damaged: its part {part} is missing.", BROKEN) from error

    @property
    def parts(self) -> list[str]:
        return list(self._names)

    def open(self, part: str) -> PartStream:
        """A part's bytes as a stream. Raises SheetInvalid when it would inflate beyond all reason."""
        info = self.info(part)
        bomb = info.file_size > _SMALL_PART and info.file_size > _MOST_RATIO * info.compress_size
        if bomb or info.file_size > _MOST_BYTES:
            raise refusal(
                f"{self.path.name} would grow to {info.file_size / 1e9:,.1f} GB when unpacked; that is no real sheet.",
                "Copy the rows you need into a new workbook.",
            )
        if info.flag_bits & 0x1:
            raise refusal(f"{self.path.name} is encrypted.", "Save it without a password and try again.")
        try:
            return PartStream(self.archive.open(info), self.path)
        except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
            raise refusal(f"{self.path.name} is damaged: its part {part} cannot be unpacked.", BROKEN) from error

    def read(self, part: str) -> bytes:
        with self.open(part) as stream:
            return stream.read()

    def tree(self, part: str) -> Element:
        return parse_xml(self.read(part), self.path)


class PartStream:
    """The inflated bytes of one part; a damaged file is told in plain words."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream = stream
        self._path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise refusal(f"{self._path.name} is damaged: a part of it cannot be unpacked.", BROKEN) from error


class _NoDoctype(TreeBuilder):
    """Refuses a DTD as soon as it begins: entities inside could grow without end or read other files."""

    def doctype(self, _name: str, _pubid: str, _system: str) -> None:
        raise ParseError("document type definition")


def parse_xml(data: bytes, path: Path) -> Element:
    """The element tree of a small part. Raises SheetInvalid for broken XML and for a DTD."""
    parser = XMLParser(target=_NoDoctype())  # noqa: S314 (a DTD, the way to attack it, is refused)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise refusal(f"{path.name} is damaged: a part of it is not readable XML.", BROKEN) from error
    return root
