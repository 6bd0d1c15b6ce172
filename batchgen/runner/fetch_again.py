"""Fetching a stored file once more, when an audit finds it missing or altered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from batchgen.errors import DownloadFailed
from batchgen.ledger import Stored
from batchgen.runner.fetch import fetch_file
from batchgen.video_api import FileHost, Reads, VideoApi


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedAgain:
    """The file as it is on disk now, and the name that what was in its place has got."""

    stored: Stored
    aside: Path | None


async def fetch_again(
    api: VideoApi,
    files: FileHost,
    *,
    folder: Path,
    entry_id: int,
    video_id: str,
    reads: Reads,
    kind: str,
    path: str,
) -> FetchedAgain:
    """Ask for the video's links and fetch one file; a file in its place is moved aside, never overwritten.

    Nothing is moved before the new file is there, whole. Raises ``ApiError`` when the provider does not have it
    any more, and ``FileProblem`` or ``OSError`` when the disk does not take it.
    """
    link = (await api.video(video_id, reads)).links.get(kind)
    if link is None:
        raise DownloadFailed(f"the provider has no {kind} of video {video_id} any more")
    final = folder / path
    fresh = final.with_name(f".{final.stem}.again{final.suffix}")
    name = str(Path(path).with_name(fresh.name))
    fresh.unlink(missing_ok=True)  # of an audit that was cut off
    stored = await fetch_file(
        files, folder=folder, entry_id=entry_id, video_id=video_id, kind=kind, link=link, path=name
    )
    aside = final.rename(_aside(final)) if final.exists() else None
    fresh.rename(final)
    return FetchedAgain(stored=replace(stored, path=path), aside=aside)


def _aside(file: Path) -> Path:
    names = (file.with_name(f"{file.stem}.altered-{number}{file.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())
