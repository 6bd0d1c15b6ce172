"""What is sent to order a video: where it goes, the exact bytes, and the key that makes sending again harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where a create goes, and which field of the answer names the video."""

    path: str
    id_field: str


VIDEOS = Route(path="/v3/videos", id_field="video_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Create:
    """One create as it is sent, and sent again: within an attempt nothing in it changes."""

    route: Route
    body: bytes
    key: str
    """The attempt's idempotency key. It holds per route: the same key elsewhere would be a second video."""


def route_of(request: Mapping[str, Any]) -> Route:
    """Where a stored request goes: it names a template of the provider, or none.

    Source: the pages of POST /v3/videos and POST /v3/templates/{template_id}; both take the Idempotency-Key.
    """
    template_id = request.get("template_id")
    if template_id is None:
        return VIDEOS
    return Route(path=f"/v3/templates/{quote(template_id, safe='')}", id_field="id")
