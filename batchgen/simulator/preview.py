"""Storyboards of requests without a provider: nothing is accepted, nothing ages, nothing is remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from batchgen.simulator.recordings import Recordings, measured_s, recordings_named
from batchgen.simulator.render.scene import Files
from batchgen.simulator.render.storyboard import render_file
from batchgen.simulator.speech import video_seconds
from batchgen.simulator.store import Video


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """The files of one storyboard, and how long it plays. Names follow the content: same picture, same file."""

    video: Path
    poster: Path
    seconds: float


def preview(request: Mapping[str, Any], folder: Path, files: Files) -> Preview:
    """Render the storyboard that the request would get, into ``folder``; what is there already is not drawn again.

    ``files`` are those that asset ids in the request stand for: the pictures are drawn, the recordings measured.
    """
    body = orjson.dumps(request, option=orjson.OPT_SORT_KEYS)
    recordings = _measured(request, files)
    seconds = video_seconds(request, recordings)
    video = Video(
        id=hashlib.sha256(body).hexdigest()[:32],
        title=request.get("title"),
        folder_id=None,
        request=body,
        created_at=0.0,
        processing_at=0.0,
        finishes_at=0.0,
        duration_s=seconds,
        price_microusd=0,
        outcome="completed",
    )
    container = request.get("output_format") or "mp4"
    return Preview(
        video=render_file(video, f"video.{container}", folder, files, recordings),
        poster=render_file(video, "thumbnail.jpg", folder, files, recordings),
        seconds=seconds,
    )


def _measured(request: Mapping[str, Any], files: Files) -> Recordings:
    found = {asset_id: _seconds_of(files[asset_id]) for asset_id in recordings_named(request) if asset_id in files}
    return {asset_id: seconds for asset_id, seconds in found.items() if seconds is not None}


def _seconds_of(file: Path) -> float | None:
    try:
        with file.open("rb") as opened:
            return measured_s(opened)
    except OSError:  # it is gone, or its folder is: its storyboard is drawn nevertheless
        return None
