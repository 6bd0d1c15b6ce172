"""A worksheet part as a stream: what comes before its rows, whole rows by the megabyte, what comes after.

Quick because it looks at bytes, right because it looks away from nothing: other encodings than UTF-8 and a
head with comments or a DTD raise NotStraight, and so do those who take the rows apart when they meet
anything but rows and cells. A reader then takes ``Canonical`` XML made by a real parser instead; a writer
leaves such a file alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)

_CHUNK = 1 << 20
_LONGEST = 128 << 20
"""Bytes without the end of a row, or around the rows; no sheet of a person comes near."""

_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*:)?worksheet[\s>]")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)")


class NotStraight(Exception):
    """The part is (perhaps) valid, but not in the plain form that can be cut at bytes."""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class SheetXml:
    """A worksheet part cut into ``head``, the chunks of ``rows()``, and then ``tail``.

    ``head + b"".join(rows()) + tail`` is the part, byte for byte. ``head`` ends with the start of
    ``sheetData``, ``tail`` begins with its end; ``empty`` says that it is one self-closed tag.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.tail = b""
        self.empty = False
        self._buffer = b""
        self._prefix = b""
        self.head = self._cut_head()

    @property
    def prefix(self) -> str:
        """``x:`` when the part writes ``<x:row>``, else empty."""
        return self._prefix.decode()

    def rows(self) -> Iterator[bytes]:
        """Bytes that hold whole rows only, about a megabyte at a time."""
        row_end, data_end = b"</%brow>" % self._prefix, b"</%bsheetData>" % self._prefix
        while not self.empty:
            end = self._buffer.find(data_end)
            cut = end if end >= 0 else self._buffer.rfind(row_end) + len(row_end)
            if cut >= len(row_end) or end >= 0:
                chunk, self._buffer = self._buffer[:cut], self._buffer[cut:]
                if chunk:
                    yield chunk
            if end >= 0:
                self.tail = self._buffer + self._rest()
                return
            if not self._more():
                raise NotStraight("the rows do not end")

    def _cut_head(self) -> bytes:
        while True:
            found = _ROOT.search(self._buffer)
            if found:
                self._prefix = found[1] or b""
                data = re.compile(rb"<%bsheetData(?:\s[^>]*)?>" % re.escape(self._prefix))
                if start := data.search(self._buffer, found.end()):
                    return self._head_until(start)
            if not self._more():
                raise NotStraight("no rows part")

    def _head_until(self, start: re.Match[bytes]) -> bytes:
        end = start.end()
        head = self._buffer[:end]
        encoding = _ENCODING.search(head)
        if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
            raise NotStraight("not in UTF-8")
        straight(head.partition(b"?>")[2] if head.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml") else head)
        if head.endswith(b"/>"):
            # <sheetData/>: no rows at all, the rest is tail.
            self.tail, self.empty = self._buffer[end:] + self._rest(), True
            return head
        self._buffer = self._buffer[end:]
        return head

    def _more(self) -> bool:
        chunk = self._stream.read(_CHUNK)
        self._buffer += chunk
        if len(self._buffer) > _LONGEST:
            raise NotStraight("too long without an end")
        return bool(chunk)

    def _rest(self) -> bytes:
        rest = self._stream.read(_LONGEST)
        if len(rest) == _LONGEST:
            raise NotStraight("too long without an end")
        return rest


def straight(xml: bytes) -> bytes:
    """The bytes as they are, when every ``<`` in them begins a tag of the sheet itself."""
    if b"<!" in xml or b"<?" in xml or b"AlternateContent" in xml:
        raise NotStraight("comments, CDATA, instructions or alternatives")
    return xml


class Canonical:
    """A stream of the same sheet in the one plain form: UTF-8, no prefixes, no comments, ``r`` first.

    Made by expat from any well-formed worksheet part. Elements of other namespaces are left out. Raises
    NotStraight for XML that is not well-formed and for a DTD.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._out: list[str] = []
        self._foreign = 0
        self._done = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, _size: int = -1, /) -> bytes:
        """The next piece, of any length; empty at the end. A negative size reads all that is left."""
        if _size < 0 or _size >= _LONGEST:
            return b"".join(iter(lambda: self.read(_CHUNK), b""))
        while not self._out and not self._done:
            chunk = self._stream.read(_CHUNK)
            self._done = not chunk
            try:
                self._parser.Parse(chunk, self._done)
            except expat.ExpatError as error:
                raise NotStraight(f"not well-formed: {error}") from error
        piece, self._out = "".join(self._out), []
        return piece.encode("utf-8", "replace")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._foreign or namespace not in MAIN_NAMESPACES:
            self._foreign += 1
            return
        kept = {key: value for key, value in attributes.items() if " " not in key}
        ordered = ({"r": kept.pop("r")} if "r" in kept else {}) | kept
        self._out.append(f"<{local}" + "".join(f' {key}="{_quoted(value)}"' for key, value in ordered.items()) + ">")

    def _end(self, name: str) -> None:
        if self._foreign:
            self._foreign -= 1
        else:
            self._out.append(f"</{name.rpartition(' ')[2]}>")

    def _text(self, text: str) -> None:
        if not self._foreign:
            self._out.append(_quoted(text))

    def _doctype(self, *_: object) -> None:
        raise NotStraight("a document type definition")


def _quoted(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text.replace("\r", "&#13;") if "\r" in text else text
