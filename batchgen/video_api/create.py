"""What is sent to order a video: where it goes, the exact bytes, and the key that makes sending again harmless."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import quote


class Reads(StrEnum):
    """Where the videos of a route are read back."""

    VIDEOS = "/v3/videos"
    LEGACY_STATUS = "/v1/video_status.get"


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where a create goes, and which field of the answer names the video.

    ``replays``: the same key again is answered with the first answer. Where it is not, the same body again is a
    second paid video: nothing that may have arrived is ever sent again. ``ends`` is the day for which the provider
    announced the route's end.
    """

    path: str
    id_field: str
    replays: bool = True
    reads: Reads = Reads.VIDEOS
    ends: date | None = None


VIDEOS = Route(path="/v3/videos", id_field="video_id")
BATCHES = Route(path="/v3/videos/batches", id_field="batch_id")
"""Several creates in one; what is accepted there is named by the id of the batch."""
LEGACY = Route(
    path="/v2/video/generate",
    id_field="video_id",
    replays=False,
    reads=Reads.LEGACY_STATUS,
    ends=date(2026, 10, 31),
)
_TEMPLATES = "/v3/templates/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Create:
    """One create as it is sent, and sent again: within an attempt nothing in it changes."""

    route: Route
    body: bytes
    key: str | None
    """The attempt's idempotency key. It holds per route: the same key elsewhere would be a second video. None on a
    route that knows no keys."""


def route_of(template_id: str | None) -> Route:
    """Where a request goes that names a template of the provider, or none.

    Source: the pages of POST /v3/videos and POST /v3/templates/{template_id}; both take the Idempotency-Key.
    """
    if template_id is None:
        return VIDEOS
    return Route(path=f"{_TEMPLATES}{quote(template_id, safe='')}", id_field="id")


def route_at(path: str) -> Route:
    """The route that was written down as its path."""
    if path == LEGACY.path:
        return LEGACY
    return Route(path=path, id_field="id") if path.startswith(_TEMPLATES) else VIDEOS


def reads_of(path: str | None) -> Reads:
    """Where the video of an attempt is read back that went to ``path``; None: to some route of v3."""
    return Reads.VIDEOS if path is None else route_at(path).reads
