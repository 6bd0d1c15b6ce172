"""``VideoApi``: the calls that batchgen makes about videos."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from batchgen.errors import ApiRefused
from batchgen.video_api.answers import create_outcome, read_states, read_video, read_videos
from batchgen.video_api.batch_reading import BatchReading
from batchgen.video_api.catalogue_reading import CatalogueReading
from batchgen.video_api.create import Create, Reads
from batchgen.video_api.legacy_reading import LegacyReading, answered, of_ending_route
from batchgen.video_api.outcomes import Cause, CreateOutcome, Deferred, InDoubt, RenderState, Video
from batchgen.video_api.uploading import Uploading
from batchgen.video_api.wire import WIRE_ERRORS, in_short, never_sent

STATUSES_AT_ONCE = 100  # the provider's bound for one GET /v3/videos/statuses
PAGE_LIMIT = 100


class VideoApi(CatalogueReading, LegacyReading, BatchReading, Uploading):
    """The provider's video API. One instance per run, used from one event loop; ``async with`` closes it.

    ``create`` never raises for anything the network or the provider does: it returns an outcome. Reads retry
    a few times and then raise ``ApiUnavailable`` or ``ApiRefused``. Times are in seconds.
    """

    _has_statuses_route = True

    async def create(self, create: Create) -> CreateOutcome:
        """POST exactly these bytes to exactly this route, once."""
        try:
            response = await self._creates.send(create.route.path, create.body, key=create.key)
        except WIRE_ERRORS as error:
            if never_sent(error):
                return Deferred(reason=f"no connection to the provider ({in_short(error)})", cause=Cause.NO_CONNECTION)
            return InDoubt(reason=f"the answer was lost ({in_short(error)})")
        answer = self._answer(response)
        outcome = create_outcome(answer, create.route.id_field)
        return outcome if create.route.ends is None else of_ending_route(outcome, answer.status, create.route.ends)

    async def statuses(self, video_ids: Sequence[str], reads: Reads = Reads.VIDEOS) -> dict[str, RenderState]:
        """The state of up to 100 videos, in one call where the provider has that route, else one by one.

        A video that the answer leaves out is asked for by itself; what cannot be read now is left out here too.
        """
        if reads is Reads.LEGACY_STATUS:
            return await self._legacy_statuses(video_ids)
        states: dict[str, RenderState] = {}
        if self._has_statuses_route:
            try:
                states = read_states(await self._get("/v3/videos/statuses", {"video_ids": ",".join(video_ids)}))
            except ApiRefused as refusal:
                if refusal.status not in (404, 405):
                    raise
                self._has_statuses_route = False
        omitted = [video_id for video_id in video_ids if video_id not in states]
        found = await asyncio.gather(*(self.video(video_id) for video_id in omitted), return_exceptions=True)
        return states | {video.id: video.state for video in answered(found)}

    async def video(self, video_id: str, reads: Reads = Reads.VIDEOS) -> Video:
        """``GET /v3/videos/{id}``; a video that the provider does not know has the state ``NOT_FOUND``."""
        if reads is Reads.LEGACY_STATUS:
            return await self._legacy_video(video_id)
        try:
            return read_video(await self._get(f"/v3/videos/{quote(video_id, safe='')}"))
        except ApiRefused as refusal:
            if refusal.code != "video_not_found":
                raise
            return Video(id=video_id, state=RenderState.NOT_FOUND)

    async def videos_titled(self, part: str) -> list[Video]:
        """Every video whose title contains ``part``. The list may lag: not finding one proves nothing."""
        return await self._videos({"title": part})

    async def all_videos(self) -> list[Video]:
        """Every video of the account, a hundred at a call."""
        return await self._videos({})

    async def _videos(self, wanted: dict[str, str]) -> list[Video]:
        pages = self._pages("/v3/videos", wanted, limit=PAGE_LIMIT)
        return [video async for page in pages for video in read_videos(page)]


def chunks_of(video_ids: Iterable[str], size: int = STATUSES_AT_ONCE) -> Iterable[list[str]]:
    """Lists of at most ``size`` ids, as one status call takes them."""
    chunk: list[str] = []
    for video_id in video_ids:
        chunk.append(video_id)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
