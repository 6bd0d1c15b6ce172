"""One local file: its digest, and whether it really is what it has to be."""

from __future__ import annotations

import hashlib
import math
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from batchgen.errors import MediaRefused
from batchgen.media.content import HEAD_BYTES, ContentType, content_type
from batchgen.media.uses import PICTURE, Use

REMEMBERED = 200_000
"""Files that one process keeps in mind: the same one in a thousand rows is read once."""

_THUMB = (64, 64)  # decoding a JPEG this small reads all of it and takes a tenth of the time


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalFile:
    """A file as it was when it was looked at. ``seconds``: the length of a recording or video."""

    path: Path
    sha256: str
    content_type: ContentType
    size_bytes: int
    seconds: float | None = None


def examined(path: str, size: int, mtime_ns: int, use: Use) -> LocalFile:
    """The file, read once as long as its size and time of change stay. Raises ``MediaRefused``."""
    found = _remembered(path, size, mtime_ns, use)
    if isinstance(found, LocalFile):
        return found
    raise MediaRefused(*found)


@lru_cache(REMEMBERED)
def _remembered(path: str, size: int, _mtime_ns: int, use: Use) -> LocalFile | tuple[str, str]:
    """The file, or what is wrong with it and what to do."""
    try:
        return _examined(Path(path), size, use)
    except MediaRefused as refusal:
        return refusal.message, refusal.hint


def _examined(file: Path, size: int, use: Use) -> LocalFile:
    try:
        sha256, head = _digest_and_head(file)
    except OSError as error:
        raise MediaRefused(f'"{file.name}" cannot be read: {error.strerror}.', "Give yourself permission.") from error
    kind = content_type(head)
    _refuse_kind(file, kind, size, use)
    seconds = None
    if kind in PICTURE.takes:
        _refuse_picture(file, use)
    else:
        seconds = _refuse_length(file, use)
    return LocalFile(path=file, sha256=sha256, content_type=kind, size_bytes=size, seconds=seconds)


def _digest_and_head(file: Path) -> tuple[str, bytes]:
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
        opened.seek(0)
        return hashlib.file_digest(opened, "sha256").hexdigest(), head


def _refuse_kind(file: Path, kind: ContentType, size: int, use: Use) -> None:
    if not size:
        raise MediaRefused(f'"{file.name}" is empty.', f"Save the {use.word} again.")
    if kind not in use.takes:
        message = f'"{file.name}" is no {use.listed}: it holds {kind.word}.'
        raise MediaRefused(message, f"Save it as {use.listed}.")


def _refuse_picture(file: Path, use: Use) -> None:
    """Raise ``MediaRefused`` for a picture that is too large, or broken."""
    from PIL import Image  # 0.05 s that a sheet without pictures saves

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is looked at before its pixels
        try:
            with Image.open(file) as picture:
                _refuse_size(picture.size, use)
                picture.draft("RGB", _THUMB)
                picture.load()
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise MediaRefused(f'"{file.name}" is damaged: {error}.', "Save the picture again.") from error


def _refuse_size(size: tuple[int, int], use: Use) -> None:
    width, height = size
    if use.max_side is not None and max(width, height) > use.max_side:
        raise MediaRefused(
            f"The picture has {width:,} × {height:,} pixels; {use.max_side:,} are the most on the longer side.",
            "Scale it down.",
        )


def _refuse_length(file: Path, use: Use) -> float:
    """The length in seconds. Raises ``MediaRefused`` when it is too long, or cannot be played."""
    import av  # 0.2 s that a sheet without recordings saves

    try:
        with av.open(str(file)) as container:
            has_stream = bool(container.streams.audio or container.streams.video)
            seconds = (container.duration or 0) / av.time_base
    except (av.FFmpegError, ValueError) as error:
        raise MediaRefused(f'"{file.name}" is damaged: it cannot be played.', f"Save the {use.word} again.") from error
    if not has_stream or seconds <= 0:
        raise MediaRefused(f'"{file.name}" holds nothing that could be played.', f"Save the {use.word} again.")
    if use.max_seconds is not None and seconds > use.max_seconds:
        minutes, rest = divmod(math.ceil(seconds), 60)
        most = use.max_seconds / 60
        message = f"The {use.word} lasts {minutes}:{rest:02d} minutes; {most:g} are the most."
        raise MediaRefused(message, "Cut it shorter.")
    return seconds
