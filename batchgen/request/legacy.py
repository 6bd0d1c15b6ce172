"""The body of the legacy route, made from a request that it can express (see `legacy_rules`).

A row keeps asking in the words of POST /v3/videos, so that its fingerprint says nothing of the route.
Source: the legacy page of POST /v2/video/generate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from batchgen.request.video_request import VideoRequest, canonical_json

_SHORT_SIDE = {"720p": 720, "1080p": 1080}


def legacy_body(
    request: VideoRequest,
    *,
    marker: str | None = None,
    callback_url: str | None = None,  # the route takes none: its videos are only polled
    assets: Mapping[str, str] | None = None,
) -> bytes:
    """The exact bytes to POST to the legacy route; the arguments are those of `VideoRequest.body`."""
    payload = orjson.loads(request.body(marker=marker, assets=assets))
    scene = {
        "character": {"type": "avatar", "avatar_id": payload["avatar_id"], "avatar_style": "normal"},
        "voice": {"type": "text", "input_text": payload["script"], "voice_id": payload["voice_id"]},
    }
    same = {name: payload[name] for name in ("title", "callback_id") if name in payload}
    if "background" in payload:
        scene["background"] = payload["background"]
    return canonical_json({"video_inputs": [scene], "dimension": _dimension(payload), **same})


def _dimension(payload: Mapping[str, Any]) -> dict[str, int]:
    """Width and height in pixels: the resolution names the shorter side."""
    across, down = map(int, payload.get("aspect_ratio", "16:9").split(":"))
    short = _SHORT_SIDE[payload.get("resolution", "1080p")]
    unit = short / min(across, down)
    return {"width": round(across * unit), "height": round(down * unit)}
