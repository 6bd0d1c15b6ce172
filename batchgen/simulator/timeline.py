"""A video's life as a function of the provider's time: waiting, pending, processing, then its outcome."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from batchgen.simulator.store import Video

PENDING_S = 5.0  # accepted until the render starts
RENDER_BASE_S = 10.0
RENDER_S_PER_S = 1.5  # of output
SPREAD = 0.2  # renders differ by so much, in either direction, by their id
LINK_LIFETIME_S = 7 * 24 * 3600.0


class Outcome(StrEnum):
    """What a video becomes in the end."""

    COMPLETED = "completed"
    NO_LINK = "no_link"  # completed, but without a video_url
    FAILED = "failed"
    VANISHED = "vanished"  # from its end on, the provider does not know it


def schedule(video_id: str, created_at: float, duration_s: float) -> tuple[float, float]:
    """When a video starts to render and when it is finished."""
    share = int(video_id[:8], 16) / 0xFFFFFFFF
    spread = 1 + SPREAD * (2 * share - 1)
    processing_at = created_at + PENDING_S * spread
    return processing_at, processing_at + (RENDER_BASE_S + RENDER_S_PER_S * duration_s) * spread


def status_of(video: Video, now: float) -> str:
    """The word that GET /v3/videos/{id} has for a video, or ``not_found``."""
    if now < video.finishes_at:
        return video.running_word or ("pending" if now < video.processing_at else "processing")
    match Outcome(video.outcome):
        case Outcome.COMPLETED | Outcome.NO_LINK:
            return "completed"
        case Outcome.FAILED:
            return "failed"
        case Outcome.VANISHED:
            return "not_found"


def bulk_status_of(video: Video, now: float) -> str:
    """The word that GET /v3/videos/statuses has: ``queued`` where the single GET says ``pending``."""
    status = status_of(video, now)
    return "queued" if status == "pending" else status


def failure_of(video: Video, now: float) -> dict[str, Any] | None:
    """``{code, message}`` of a video that has failed."""
    if status_of(video, now) != "failed":
        return None
    return {"code": video.failure_code, "message": video.failure_message}
