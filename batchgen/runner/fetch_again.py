"""Fetching a stored file once more, when an audit finds it missing or altered."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from batchgen.errors import DownloadFailed
from batchgen.ledger import Stored
from batchgen.runner.fetch import fetch_file
from batchgen.video_api import FileHost, VideoApi


async def fetch_again(api: VideoApi, files: FileHost, *, folder: Path, video_id: str, kind: str, path: str) -> Stored:
    """Ask for the video's links and fetch one file; a file in its place is moved aside, never overwritten.

    Raises ``ApiError`` when the provider does not have it any more.
    """
    link = (await api.video(video_id)).links.get(kind)
    if link is None:
        raise DownloadFailed(f"the provider has no {kind} of video {video_id} any more")
    if (folder / path).exists():
        (folder / path).rename(_aside(folder / path))
    return await fetch_file(files, folder=folder, video_id=video_id, kind=kind, link=link, path=path)


def _aside(file: Path) -> Path:
    names = (file.with_name(f"{file.stem}.altered-{number}{file.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())
