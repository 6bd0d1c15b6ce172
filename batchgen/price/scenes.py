"""The scenes of a studio video as videos of their own: what lengths and prices are told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def scenes_of(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Each scene as the request of one video, at the resolution of the whole.

    No page names a price for a picture or film that is only shown: it counts as the dearest speaker would.
    """
    shared = {"resolution": payload["resolution"]} if "resolution" in payload else {}
    return [{**_by_itself(scene), **shared} for scene in payload["scenes"]]


def _by_itself(scene: Mapping[str, Any]) -> Mapping[str, Any]:
    if "input" in scene:
        speaker: Mapping[str, Any] = scene["input"]
        return speaker
    # A film without playback settings must not be taken for a picture.
    return {"playback": {}, **scene, "type": "avatar"} if scene["type"] == "video" else {**scene, "type": "avatar"}
