"""Reading back what the legacy route made: one video at a time, in the words of its own status page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from batchgen.errors import ApiError, ApiRefused
from batchgen.video_api.answers import read_legacy_video
from batchgen.video_api.create import LEGACY, Reads
from batchgen.video_api.outcomes import AccountProblem, CreateOutcome, InDoubt, RenderState, Video
from batchgen.video_api.reading import Reading

AT_ONCE = 4
GONE = 410
ROUTE_GONE = "route_gone"


def of_ending_route(outcome: CreateOutcome, status: int, ends: date) -> CreateOutcome:
    """The outcome of a create, with the announced end where that explains it.

    Only 410 says for sure that the route is gone. A page that is not found may come from a gateway, and proves nothing.
    """
    if status == GONE:
        return AccountProblem(code=ROUTE_GONE, message=_route_gone(ends))
    if isinstance(outcome, InDoubt) and status in (404, 405):
        return InDoubt(reason=f"{outcome.reason}; the legacy route was announced to end on {ends}")
    return outcome


def _route_gone(ends: date | None) -> str:
    return f"the legacy route was announced to end on {ends}, and the provider says that it is gone"


class LegacyReading(Reading):
    """Raises as `Reading` says."""

    async def _legacy_statuses(self, video_ids: Sequence[str]) -> dict[str, RenderState]:
        """The states of videos, a few calls at once; what cannot be read now is left out, unless that is everything."""
        at_once = asyncio.Semaphore(AT_ONCE)

        async def one(video_id: str) -> Video:
            async with at_once:
                return await self._legacy_video(video_id)

        found = await asyncio.gather(*map(one, video_ids), return_exceptions=True)
        videos = list(answered(found))
        if not videos and isinstance(found[0], ApiError):
            raise found[0]
        return {video.id: video.state for video in videos}

    async def _legacy_video(self, video_id: str) -> Video:
        """``GET /v1/video_status.get``; a video that the provider does not know has the state ``NOT_FOUND``."""
        try:
            data: Any = await self._get(Reads.LEGACY_STATUS, {"video_id": video_id})
        except ApiRefused as refusal:
            if refusal.status == GONE:
                raise ApiRefused(GONE, ROUTE_GONE, _route_gone(LEGACY.ends)) from refusal
            # Without a code it may be the route that is missing, not the video.
            if refusal.status != 404 or refusal.code is None:
                raise
            return Video(id=video_id, state=RenderState.NOT_FOUND)
        return read_legacy_video(video_id, data)


def answered(found: Iterable[Video | BaseException]) -> Iterable[Video]:
    """The videos that were answered. One that cannot be read is left out, unless the account is the reason."""
    for result in found:
        if isinstance(result, Video):
            yield result
        elif not isinstance(result, ApiError) or (isinstance(result, ApiRefused) and result.of_account):
            raise result
