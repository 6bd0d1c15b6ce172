"""What a file is, told by its first bytes: a name and its suffix prove nothing."""

from __future__ import annotations

from enum import StrEnum

HEAD_BYTES = 64


class ContentType(StrEnum):
    """The kinds of files that people take for pictures, recordings and videos; the provider takes some of them."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    WEBP = "image/webp"
    BMP = "image/bmp"
    TIFF = "image/tiff"
    HEIC = "image/heic"
    AVIF = "image/avif"
    SVG = "image/svg+xml"
    MP3 = "audio/mpeg"
    WAV = "audio/wav"
    M4A = "audio/mp4"
    OGG = "audio/ogg"
    FLAC = "audio/flac"
    AAC = "audio/aac"
    MP4 = "video/mp4"
    WEBM = "video/webm"
    MOV = "video/quicktime"
    PDF = "application/pdf"
    HTML = "text/html"
    UNKNOWN = "application/octet-stream"

    @property
    def word(self) -> str:
        """What people call it: ``PNG``, ``WebP``, ``something unknown``."""
        return _WORDS.get(self, self.name)


_WORDS = {
    ContentType.WEBP: "WebP",
    ContentType.WEBM: "WebM",
    ContentType.MOV: "QuickTime",
    ContentType.HTML: "a web page",
    ContentType.UNKNOWN: "something unknown",
}

_OPENINGS: tuple[tuple[bytes, ContentType], ...] = (
    (b"\x89PNG\r\n\x1a\n", ContentType.PNG),
    (b"\xff\xd8\xff", ContentType.JPEG),
    (b"GIF8", ContentType.GIF),
    (b"BM", ContentType.BMP),
    (b"II*\x00", ContentType.TIFF),
    (b"MM\x00*", ContentType.TIFF),
    (b"ID3", ContentType.MP3),
    (b"OggS", ContentType.OGG),
    (b"fLaC", ContentType.FLAC),
    (b"\x1a\x45\xdf\xa3", ContentType.WEBM),
    (b"%PDF-", ContentType.PDF),
)
_RIFF = {b"WAVE": ContentType.WAV, b"WEBP": ContentType.WEBP}
_BRANDS = {
    b"qt  ": ContentType.MOV,
    b"M4A ": ContentType.M4A,
    b"M4B ": ContentType.M4A,
    b"heic": ContentType.HEIC,
    b"heix": ContentType.HEIC,
    b"mif1": ContentType.HEIC,
    b"avif": ContentType.AVIF,
}


def content_type(head: bytes) -> ContentType:
    """What a file is that begins with ``head``."""
    for opening, kind in _OPENINGS:
        if head.startswith(opening):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], ContentType.UNKNOWN)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], ContentType.MP4)
    return _of_text(head) or _of_frames(head)


def _of_text(head: bytes) -> ContentType | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return ContentType.HTML
    return ContentType.SVG if text.startswith((b"<svg", b"<?xml")) else None


def _of_frames(head: bytes) -> ContentType:
    """MP3 and AAC without a tag begin with a frame: eleven or twelve set bits, then the layer (0: AAC)."""
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return ContentType.UNKNOWN
    layer = head[1] >> 1 & 0b11
    if layer == 0:
        return ContentType.AAC if head[1] & 0xF0 == 0xF0 else ContentType.UNKNOWN
    return ContentType.MP3
