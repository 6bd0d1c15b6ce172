"""How long recordings are: measured when their bytes arrive, and kept by the ids of their assets."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

Recordings = Mapping[str, float]
"""Asset id → the seconds of what was uploaded, where it could be measured."""
NO_RECORDINGS: Recordings = MappingProxyType({})


def recordings_named(request: Mapping[str, Any]) -> list[str]:
    """The asset ids that a request speaks, by itself or in its scenes."""
    speakers = [scene.get("input", scene) for scene in request.get("scenes") or ()]
    return [asset_id for speaker in (request, *speakers) if (asset_id := speaker.get("audio_asset_id")) is not None]


def is_heard(content_type: str) -> bool:
    """Whether a file of this type may be a recording: MP4 and WebM may hold nothing but sound."""
    return content_type.startswith(("audio/", "video/"))


def measured_s(content: BinaryIO) -> float | None:
    """The length of a recording in seconds; None of what cannot be played or does not say."""
    import av  # 0.2 s that a simulator without recordings saves

    content.seek(0)
    try:
        with av.open(content, "r") as container:
            return (container.duration or 0) / av.time_base or None
    except (av.FFmpegError, ValueError):
        return None
