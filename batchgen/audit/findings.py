"""What ledger, provider and files disagree about. Looks and says. (What the sheet shows is the report's to check.)"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from batchgen.ledger import AttemptFact, Event, FileFact, Status
from batchgen.video_api import Reads, RenderState, Video, VideoApi, chunks_of, reads_of

MARKER = re.compile(r"\[([a-z2-7]{8})\]$")
WITH_VIDEO = (Status.RENDERING, Status.RENDERED, Status.SUCCEEDED)
ALIVE = (RenderState.RUNNING, RenderState.COMPLETED)


class Amiss(StrEnum):
    """What does not agree."""

    FILE_MISSING = "file_missing"
    FILE_ALTERED = "file_altered"
    VIDEO_GONE = "video_gone"  # the ledger has it, the provider does not
    RENDER_GONE = "render_gone"  # the ledger waits for it, the provider does not know it
    VIDEO_BACK = "video_back"  # the ledger calls it gone, the provider has it
    VIDEO_UNCLAIMED = "video_unclaimed"  # the provider has it, no entry names it


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One disagreement, with the row that it concerns. ``is_takeable``: a person can give the row this video."""

    amiss: Amiss
    entry_id: int | None  # None: the ledger does not know the row
    row_id: str
    row_number: int
    video_id: str
    message: str
    kind: str = ""
    path: str = ""
    is_takeable: bool = False


async def audit_files(folder: Path, facts: Iterable[FileFact]) -> list[Finding]:
    """Compare every stored artifact with the disk: there, of that size, with that sha256."""
    return await asyncio.to_thread(lambda: [finding for fact in facts for finding in _file_amiss(folder, fact)])


def _file_amiss(folder: Path, fact: FileFact) -> Iterator[Finding]:
    file = folder / fact.path
    try:
        yield from _differing(file, fact)
    except OSError as error:
        yield _file_finding(fact, Amiss.FILE_ALTERED, f"cannot be read ({error.strerror or error})")


def _differing(file: Path, fact: FileFact) -> Iterator[Finding]:
    if not file.is_file():
        yield _file_finding(fact, Amiss.FILE_MISSING, "is missing")
    elif file.stat().st_size != fact.size_bytes:
        size = f"has {file.stat().st_size:,} bytes instead of {fact.size_bytes:,}"
        yield _file_finding(fact, Amiss.FILE_ALTERED, size)
    elif _sha256(file) != fact.sha256:
        yield _file_finding(fact, Amiss.FILE_ALTERED, "has the right size but other content")


def _file_finding(fact: FileFact, amiss: Amiss, what: str) -> Finding:
    return Finding(
        amiss=amiss,
        entry_id=fact.entry_id,
        row_id=fact.row_id,
        row_number=fact.row_number,
        video_id=fact.video_id,
        message=f"{fact.path} {what}",
        kind=fact.kind,
        path=fact.path,
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


async def audit_provider(api: VideoApi, facts: Sequence[AttemptFact], videos: Sequence[Video]) -> list[Finding]:
    """Compare the attempts with ``videos``, all that the provider has, both ways.

    Raises ``ApiError`` when the provider cannot be asked.
    """
    kept = {fact.video_id: fact for fact in facts if fact.status in WITH_VIDEO and fact.is_current}
    lost = {fact.video_id: fact for fact in facts if fact.may_turn_up and fact.outcome == Event.VIDEO_GONE}
    named = {video_id: fact for video_id, fact in (kept | lost).items() if video_id is not None}
    states = await _states(api, named)
    return [*_contradicted(named, states), *_unclaimed(facts, videos)]


def marker_in(video: Video) -> str | None:
    """The marker at the end of a video's title."""
    found = MARKER.search(video.title or "")
    return found[1] if found else None


async def _states(api: VideoApi, by_video: Mapping[str, AttemptFact]) -> dict[str, RenderState]:
    states: dict[str, RenderState] = {}
    for reads in Reads:
        there = (video_id for video_id, fact in by_video.items() if reads_of(fact.route) is reads)
        for chunk in chunks_of(there):
            states |= await api.statuses(chunk, reads)
    return states


def _contradicted(by_video: Mapping[str, AttemptFact], states: Mapping[str, RenderState]) -> Iterator[Finding]:
    """Videos that the ledger has and the provider does not know, and those that it calls gone and are there."""
    for video_id, fact in by_video.items():
        if fact.status in WITH_VIDEO and states.get(video_id) is RenderState.NOT_FOUND:
            yield _gone_finding(fact, video_id)
        elif fact.status not in WITH_VIDEO and states.get(video_id) in ALIVE:
            message = f"it is {fact.status}, for video {video_id} was gone, but the provider has it again"
            yield _finding(fact, Amiss.VIDEO_BACK, video_id, message)


def _gone_finding(fact: AttemptFact, video_id: str) -> Finding:
    if fact.status is Status.SUCCEEDED:
        return _finding(fact, Amiss.VIDEO_GONE, video_id, f"the provider no longer has video {video_id}")
    return _finding(fact, Amiss.RENDER_GONE, video_id, f"it is {fact.status}, but the provider has no video {video_id}")


def _unclaimed(facts: Iterable[AttemptFact], videos: Iterable[Video]) -> Iterator[Finding]:
    """Videos that carry one of our markers, but are not the video that the marker's attempt knows."""
    by_marker: Mapping[str, AttemptFact] = {fact.marker: fact for fact in facts}
    for video in videos:
        fact = by_marker.get(marker_in(video) or "")
        if fact is not None and fact.video_id != video.id:
            known = f"attempt {fact.number} knows {fact.video_id or 'no video'}"
            message = f"the provider has video {video.id} of this row, and {known}"
            yield _finding(fact, Amiss.VIDEO_UNCLAIMED, video.id, message)


def _finding(fact: AttemptFact, amiss: Amiss, video_id: str, message: str) -> Finding:
    return Finding(
        amiss=amiss,
        entry_id=fact.entry_id,
        row_id=fact.row_id,
        row_number=fact.row_number,
        video_id=video_id,
        message=message,
        is_takeable=fact.takes(video_id),
    )
