"""One file from the file host to disk: whole, not empty, of the right kind, and never over another file."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import filecmp
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from batchgen.durable import sync_folder
from batchgen.errors import DownloadFailed, FileProblem
from batchgen.ledger import Stored
from batchgen.video_api import FileHost

HEAD_BYTES = 512

# What file systems without hard links say (FAT, some network shares).
NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class NameTaken(Exception):
    """Another file has the name that this one was to get; the fetched part stays for the next try."""


async def fetch_file(
    files: FileHost, *, folder: Path, entry_id: int, video_id: str, kind: str, link: str, path: str
) -> Stored:
    """Fetch ``link`` to ``folder / path``, going on where a part file ends.

    A file that is there already stays as it is: one with the same content is this file, for another one
    ``NameTaken`` is raised. Raises ``LinkExpired``, ``DownloadFailed`` (fetch again later), or ``FileProblem``
    (the disk).
    """
    # The part is this video's and this row's alone, whatever the file will be called: a resumed download never mixes
    # two renders, and two rows with one video never write into one part.
    owner = hashlib.sha256(f"{video_id} {entry_id}".encode()).hexdigest()[:12]
    target = _Target(final=folder / path, part=folder / f"{owner}.{kind}.part", kind=kind)
    with _disk_errors(target.final):
        folder.mkdir(parents=True, exist_ok=True)
        if not target.has_its_name():
            await _stream(files, link, target)
        return await asyncio.to_thread(target.finished, path)


async def _stream(files: FileHost, link: str, target: _Target) -> None:
    start = target.part.stat().st_size if target.part.exists() else 0
    async with files.open(link, start=start) as body:
        with target.part.open("r+b" if body.start else "wb") as file:
            file.seek(body.start)
            await _pour(body.pieces, file)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
            received = file.tell()
    if body.total is None and target.final.suffix == ".mp4" and not ends_with_a_box(target.part):
        raise DownloadFailed(f"the file broke off after {received} bytes")
    if body.total is not None and received != body.total:
        if received > body.total:
            target.part.unlink()
        raise DownloadFailed(f"the file broke off after {received} of {body.total} bytes")


async def _pour(pieces: AsyncIterator[bytes], file: BinaryIO) -> None:
    async for piece in pieces:
        file.write(piece)


@dataclass(frozen=True, kw_only=True)
class _Target:
    """Where one file goes: written as ``part``, checked, then named ``final``."""

    final: Path
    part: Path
    kind: str

    def has_its_name(self) -> bool:
        """Whether a run died right after giving the whole part its name: both are one file then, so to write into
        the part would spoil the video."""
        return self.part.exists() and self.final.exists() and self.part.samefile(self.final)

    def finished(self, path: str) -> Stored:
        """Check the whole part, give it its name, and say what it is.

        Raises ``DownloadFailed`` for a wrong file, ``NameTaken`` when a file of other content has the name.
        """
        problem = wrong_content(self.kind, self.final.suffix, self.part)
        if problem:
            self.part.unlink()
            raise DownloadFailed(problem)
        try:
            _name(self.part, self.final)
        except FileExistsError as error:
            if not filecmp.cmp(self.part, self.final, shallow=False):
                raise NameTaken(path) from error
        sync_folder(self.final.parent)
        self.part.unlink(missing_ok=True)
        return measured(self.final, kind=self.kind, path=path)


def _name(part: Path, final: Path) -> None:
    """Give ``part`` its final name, unless another file has it: of two that come at the same moment one gets it.

    Raises ``FileExistsError``.
    """
    try:
        os.link(part, final)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        final.open("xb").close()  # holds the name for the moment until the file is there
        part.replace(final)


def ends_with_a_box(file: Path) -> bool:
    """Whether an MP4 file ends where its last box does: the only sign that it is whole when no length was said."""
    end = file.stat().st_size
    with file.open("rb") as opened:
        at = 0
        while at < end:
            opened.seek(at)
            head = opened.read(16)
            size = int.from_bytes(head[:4])
            if size == 1:  # a 64-bit size follows the name
                size = int.from_bytes(head[8:16])
            if size < 8:
                return size == 0 and len(head) >= 8  # "to the end of the file"
            at += size
    return at == end


def measured(file: Path, *, kind: str, path: str) -> Stored:
    """What a file on disk is: its size and sha256."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Stored(kind=kind, path=path, size_bytes=file.stat().st_size, sha256=digest)


def wrong_content(kind: str, suffix: str, file: Path) -> str | None:
    """What is wrong with a downloaded file, or None: judged by its first bytes, never by its name."""
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if not head:
        return f"the {kind} file is empty"
    if not _looks_right(kind, suffix, head):
        return f"the {kind} file is not what it should be (it begins with {head[:12]!r})"
    return None


def _looks_right(kind: str, suffix: str, head: bytes) -> bool:
    if kind == "subtitles":
        return (b"-->" in head and not head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<")) or head.strip(
            b"\xef\xbb\xbf \r\n"
        ) == b""
    if kind == "gif":
        return head.startswith(b"GIF8")
    if kind == "thumbnail":
        return head.startswith((b"\xff\xd8\xff", b"\x89PNG")) or head[8:12] == b"WEBP"
    if suffix == ".webm":
        return head.startswith(b"\x1a\x45\xdf\xa3")
    return head[4:8] == b"ftyp"


@contextlib.contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileProblem(
            f"{path} could not be written: {error.strerror or error}. "
            "Make room or give permission, then run again; the video is paid and will be fetched."
        ) from error
