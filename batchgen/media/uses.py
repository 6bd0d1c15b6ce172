"""What the provider takes where: kinds, bytes, pixels, seconds (its limits page; audio: the Create Video page)."""

from __future__ import annotations

from dataclasses import dataclass

from batchgen.media.content import ContentType

MB = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What a field wants of a file. ``word`` is what to call it; bounds are inclusive."""

    word: str
    takes: frozenset[ContentType]
    max_bytes: int
    max_side: int | None = None
    """Pixels of the longer side."""
    max_seconds: float | None = None

    @property
    def listed(self) -> str:
        """The kinds that are taken, for people: ``PNG or JPEG``."""
        return " or ".join(kind.word for kind in ContentType if kind in self.takes)


# "Below 2K", which the page does not put into pixels: the strict reading, so that nothing is paid for a refusal.
LARGEST_SIDE = 2_048

PICTURE = Use(
    word="picture",
    takes=frozenset({ContentType.PNG, ContentType.JPEG}),
    max_bytes=50 * MB,
    max_side=LARGEST_SIDE,
)
RECORDING = Use(
    word="recording",
    takes=frozenset({ContentType.MP3, ContentType.WAV}),
    max_bytes=50 * MB,
    max_seconds=600.0,
)
# No bound is published for videos; what the upload itself allows, the provider says when it begins.
VIDEO = Use(word="video", takes=frozenset({ContentType.MP4, ContentType.WEBM}), max_bytes=2_000 * MB)
REFERENCE_MATERIAL = Use(
    word="picture or video", takes=PICTURE.takes | VIDEO.takes, max_bytes=VIDEO.max_bytes, max_side=LARGEST_SIDE
)
ANY_MEDIA = Use(
    word="picture, recording or video",
    takes=PICTURE.takes | RECORDING.takes | VIDEO.takes,
    max_bytes=VIDEO.max_bytes,
    max_side=LARGEST_SIDE,
)
