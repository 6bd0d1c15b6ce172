"""Bytes of a text file into text, and back into the very same bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from batchgen.sheet.trouble import refusal

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WINDOWS = tuple(f"cp{page}" for page in range(1250, 1259))
_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_NOT_WESTERN = re.compile("[A-Za-z][¡£¤¥¦¯³¹¼½¾¿]|[£¥¦¯³¹¼¾][a-z]")
"""Signs inside of words: letters of Eastern Europe, read with the Western page."""
_SAMPLE = 1 << 16
"""Bytes of lines beyond ASCII that are enough to tell a code page."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text file is stored: the codec, and the byte order mark in front (or none)."""

    codec: str
    mark: bytes = b""
    guessed: bool = False

    @property
    def name(self) -> str:
        return _NAMES.get(self.codec) or f"Windows-{self.codec.removeprefix('cp')}"

    def encode(self, text: str) -> bytes:
        return self.mark + text.encode(self.codec)


def decode(data: bytes, name: str) -> tuple[str, Encoding]:
    """The text and how it was stored. Raises SheetInvalid for what is no text at all."""
    encoding = _find_encoding(data, name)
    try:
        return data[len(encoding.mark) :].decode(encoding.codec), encoding
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refusal(
            f"{name} is not readable as {encoding.name}: line {line} holds a broken character.", _SAVE_AS_UTF8
        ) from error


_SAVE_AS_UTF8 = 'In your spreadsheet program, save it as "CSV UTF-8".'


def _find_encoding(data: bytes, name: str) -> Encoding:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return Encoding(codec, mark)
    if b"\0" in data:
        return Encoding(_unmarked_utf16(data, name))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_damaged_utf8(data):
            line = data.count(b"\n", 0, error.start) + 1
            raise refusal(
                f"{name} is UTF-8 text, but line {line} holds a broken character.", "Correct it and save again."
            ) from error
        return Encoding(_windows_page(data), guessed=True)
    return Encoding("utf-8")


def _unmarked_utf16(data: bytes, name: str) -> str:
    """Latin text in UTF-16 has a zero in every other byte."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 == 0 and max(even, odd) > 3 * min(even, odd) and max(even, odd) > len(sample) / 8:
        return "utf-16-be" if even > odd else "utf-16-le"
    raise refusal(f"{name} is not a text file.", "Use a .csv, .tsv or .xlsx file.")


def _is_damaged_utf8(data: bytes) -> bool:
    """Mostly well-formed UTF-8 sequences, with a few bytes that are not: no code page would fit."""
    good = sum(len(match[0]) for match in _MULTIBYTE.finditer(data))
    return good > 0.5 * len(_HIGH.findall(data))


def _windows_page(data: bytes) -> str:
    """The Windows code page that reads best; Western European unless another is clearly meant."""
    from charset_normalizer import from_bytes

    telling = b"\n".join(line for line in data.splitlines() if _HIGH.search(line))[:_SAMPLE]
    readings = list(from_bytes(telling, cp_isolation=list(_WINDOWS)))
    western = [reading for reading in readings if "cp1252" in reading.could_be_from_charset]
    if not readings:
        return "cp1252"
    best = readings[0]
    if not western or best.coherence > western[0].coherence + 0.1:
        return best.encoding
    return best.encoding if _NOT_WESTERN.search(telling.decode("cp1252", "replace")) else "cp1252"
