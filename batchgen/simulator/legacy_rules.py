"""The simulator's own reading of POST /v2/video/generate: what it takes, and which request of today it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd
from typing import Any

from batchgen.simulator.request_rules import check_existence
from batchgen.simulator.shapes import Choice, Many, Number, Record, Text, check, refused

_WORD = Text(minimum=1, nullable=False)
_SIDE = Number(minimum=128, maximum=4096, whole=True, nullable=False)
_BACKGROUND = Record(
    fields={"type": Choice(of=("color", "image"), nullable=False), "value": Text(), "url": Text()}, required=("type",)
)
_SCENE = Record(
    fields={
        "character": Record(
            fields={
                "type": Choice(of=("avatar",), nullable=False),
                "avatar_id": _WORD,
                "avatar_style": Choice(of=("normal", "circle", "closeUp")),
            },
            required=("type", "avatar_id"),
            nullable=False,
        ),
        "voice": Record(
            fields={"type": Choice(of=("text",), nullable=False), "input_text": Text(minimum=1), "voice_id": _WORD},
            required=("type", "input_text", "voice_id"),
            nullable=False,
        ),
        "background": _BACKGROUND,
    },
    required=("character", "voice"),
    nullable=False,
)
GENERATE = Record(
    fields={
        "video_inputs": Many(item=_SCENE, minimum=1, maximum=50, nullable=False),
        "dimension": Record(fields={"width": _SIDE, "height": _SIDE}, required=("width", "height"), nullable=False),
        "title": Text(),
        "callback_id": Text(),
    },
    required=("video_inputs", "dimension"),
    nullable=False,
)
_RESOLUTIONS = {720: "720p", 1080: "1080p"}
_SHAPES = ("16:9", "9:16", "4:5", "5:4", "1:1")


def legacy_payload(body: Any) -> dict[str, Any]:
    """The request of today that a legacy one stands for. Raises the API's refusal."""
    check(GENERATE, body)
    if len(body["video_inputs"]) > 1:
        raise refused("video_inputs", "this simulator makes one scene only.")
    scene = body["video_inputs"][0]
    payload = {
        "type": "avatar",
        "engine": {"type": "avatar_iii"},
        "avatar_id": scene["character"]["avatar_id"],
        "script": scene["voice"]["input_text"],
        "voice_id": scene["voice"]["voice_id"],
        **_picture(body["dimension"]),
        **{name: body[name] for name in ("title", "callback_id") if body.get(name) is not None},
    }
    if scene.get("background") is not None:
        payload["background"] = scene["background"]
    check_existence(payload)
    return payload


def _picture(dimension: Mapping[str, int]) -> dict[str, str]:
    width, height = dimension["width"], dimension["height"]
    unit = gcd(width, height)
    shape = f"{width // unit}:{height // unit}"
    resolution = _RESOLUTIONS.get(min(width, height))
    if resolution is None or shape not in _SHAPES:
        raise refused("dimension", f"{width} × {height} is no size of a video.")
    return {"resolution": resolution, "aspect_ratio": shape}
