"""Downloading: a file counts only when it is whole, not empty, of the right kind, and renamed into place.

Only the video itself is required; an optional file that cannot be had is noted and never makes a paid row fail.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from batchgen.errors import DownloadFailed, FileProblem, LinkExpired
from batchgen.job import Job
from batchgen.ledger import Entry, Status, Stored
from batchgen.price import PriceUnknown, cost
from batchgen.runner.file_names import container_of, names_to_try, safe_stem
from batchgen.runner.pacing import Backoff
from batchgen.runner.work import Left, Work, wait

REQUIRED = "video"
TRIES = 5
OPTIONAL_TRIES = 3
RETRY = Backoff(first=2.0, longest=60.0)
IDLE_S = 1.0
HEAD_BYTES = 512


async def download_videos(work: Work) -> None:
    """Fetch the files of finished renders, a few at once."""
    waker = work.waker()
    tries: dict[int, int] = {}
    while not work.over:
        skip = frozenset(work.in_hand | work.left.keys())
        free = work.job.pacing.downloads - len(work.fetches)
        entries = work.ledger.claim(work.run, Status.RENDERED, limit=free, exclude=skip) if free > 0 else []
        for entry in entries:
            work.begin(entry.id, _download(work, entry, tries), work.fetches)
        if not entries:
            await wait(waker, IDLE_S)


def artifact_names(job: Job, entry: Entry, links: Mapping[str, str]) -> dict[str, Iterator[str]]:
    """The file names to try for each artifact that the job asks for and the provider made."""
    stem, container = safe_stem(entry.file_stem), container_of(entry.payload)
    return {
        kind: names_to_try(stem, kind, container=container, link=links[kind], folder=job.output.folder)
        for kind in _wanted(job)
        if kind in links
    }


def _wanted(job: Job) -> tuple[str, ...]:
    """What to fetch; the video comes last, so that a row is only done when everything was tried."""
    return (*(kind for kind in job.output.download if kind != REQUIRED), REQUIRED)


async def _download(work: Work, entry: Entry, tries: dict[int, int]) -> None:
    try:
        stored, missing = await _fetch_all(work, entry)
    except LinkExpired:
        later = work.clock() + work.provider_s(RETRY.after(entry.snoozes + 1, work.rng)) if entry.snoozes else 0.0
        await work.writer.write(partial(work.ledger.link_expired, work.run, entry.id, not_before=later))
        return
    except DownloadFailed as failure:
        count = tries[entry.id] = tries.get(entry.id, 0) + 1
        if count >= TRIES:
            work.left[entry.id] = Left(status=Status.RENDERED, reason=f"the video could not be fetched: {failure}")
        later = work.clock() + work.provider_s(RETRY.after(count, work.rng))
        await work.writer.write(
            partial(work.ledger.download_deferred, work.run, entry.id, not_before=later, reason=str(failure))
        )
        return
    note = f"not available: {', '.join(missing)}" if missing else ""
    spent, unpriced = _cost(work, entry)
    note = "; ".join(part for part in (note, unpriced) if part)
    await work.writer.write(
        partial(work.ledger.artifact_stored, work.run, entry.id, stored=stored, cost_microusd=spent, note=note)
    )


def _cost(work: Work, entry: Entry) -> tuple[int, str]:
    """The true cost in micro-USD; a length or price that nobody knows leaves the estimate, and a note."""
    if entry.duration_s is None:
        return entry.estimate_microusd, "cost estimated: the provider gave no length"
    try:
        return cost(entry.payload, entry.duration_s, work.job.prices), ""
    except PriceUnknown:
        return entry.estimate_microusd, "cost unknown: no price for this kind of video"


async def _fetch_all(work: Work, entry: Entry) -> tuple[list[Stored], list[str]]:
    """Every reserved file of the entry, and the optional kinds that could not be had."""
    paths = work.ledger.stored_paths(entry.id)
    stored: list[Stored] = []
    missing: list[str] = []
    for kind in _wanted(work.job):
        link, path = entry.links.get(kind), paths.get(kind)
        if link is None or path is None:
            missing.append(kind)
        elif kind == REQUIRED:
            stored.append(await _fetch(work, entry, kind, link, path))
        else:
            try:
                stored.append(await _fetch_optional(work, entry, kind, link, path))
            except (DownloadFailed, LinkExpired):
                missing.append(kind)
    return stored, missing


async def _fetch_optional(work: Work, entry: Entry, kind: str, link: str, path: str) -> Stored:
    for count in range(1, OPTIONAL_TRIES):
        with contextlib.suppress(DownloadFailed):
            return await _fetch(work, entry, kind, link, path)
        await asyncio.sleep(work.provider_s(RETRY.after(count, work.rng)))
    return await _fetch(work, entry, kind, link, path)


async def _fetch(work: Work, entry: Entry, kind: str, link: str, path: str) -> Stored:
    folder = work.job.output.folder
    # The part is this video's alone: a resumed download never mixes two renders.
    render = hashlib.sha256((entry.video_id or "").encode()).hexdigest()[:12]
    target = _Target(final=folder / path, part=folder / f"{path}.{render}.part", kind=kind)
    if target.kept():
        return await asyncio.to_thread(target.measured, path)
    with _disk_errors(target.final):
        folder.mkdir(parents=True, exist_ok=True)
        await _stream(work, link, target)
        return await asyncio.to_thread(target.finished, path)


async def _stream(work: Work, link: str, target: _Target) -> None:
    start = target.part.stat().st_size if target.part.exists() else 0
    async with work.files.open(link, start=start) as body:
        with target.part.open("r+b" if body.start else "wb") as file:
            file.seek(body.start)
            await _pour(body.pieces, file)
            file.flush()
            os.fsync(file.fileno())
            received = file.tell()
    if body.total is not None and received != body.total:
        if received > body.total:
            target.part.unlink()
        raise DownloadFailed(f"the file broke off after {received} of {body.total} bytes")


async def _pour(pieces: AsyncIterator[bytes], file: BinaryIO) -> None:
    async for piece in pieces:
        file.write(piece)


@dataclass(frozen=True, kw_only=True)
class _Target:
    """Where one file goes: written as ``part``, checked, then renamed to ``final``."""

    final: Path
    part: Path
    kind: str

    def kept(self) -> bool:
        """Whether an earlier run renamed the whole file into place but could not write that down."""
        return self.final.exists() and not self.part.exists()

    def finished(self, path: str) -> Stored:
        """Check the whole part, rename it, and say what it is. Raises ``DownloadFailed`` for a wrong file."""
        problem = wrong_content(self.kind, self.final.suffix, self.part)
        if problem:
            self.part.unlink()
            raise DownloadFailed(problem)
        self.part.replace(self.final)
        _sync_folder(self.final.parent)
        return self.measured(path)

    def measured(self, path: str) -> Stored:
        with self.final.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Stored(kind=self.kind, path=path, size_bytes=self.final.stat().st_size, sha256=digest)


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
        return b"-->" in head or head.strip(b"\xef\xbb\xbf \r\n") == b""
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


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
