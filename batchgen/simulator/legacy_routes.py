"""The legacy routes: POST /v2/video/generate, which knows no keys, and GET /v1/video_status.get."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from batchgen.simulator.answers import ApiError, json_answer
from batchgen.simulator.files import Links
from batchgen.simulator.provider import CreateRequest, Provider
from batchgen.simulator.timeline import failure_of, status_of
from batchgen.simulator.video_routes import VideoRoutes

ALL_IS_WELL = 100


class LegacyRoutes:
    """Every create that arrives makes a video, whatever key it carries and whatever it repeats."""

    def __init__(self, provider: Provider, videos: VideoRoutes, links: Links) -> None:
        self._provider = provider
        self._videos = videos
        self._links = links

    async def create(self, request: Request) -> Response:
        """POST /v2/video/generate."""
        arrived = CreateRequest.arrived(None, await request.body(), is_legacy=True)
        return await self._videos.carry_out(arrived, request)

    async def status(self, request: Request) -> Response:
        """GET /v1/video_status.get?video_id=…"""
        video_id = request.query_params.get("video_id", "")
        now = self._provider.clock.now()
        video = self._provider.store.video(video_id)
        if video is None or (status := status_of(video, now)) == "not_found":
            raise ApiError(404, "video_not_found", f"Video {video_id} was not found.")
        links = self._links.of(video, request, completed=status == "completed")
        data = {
            "id": video.id,
            "status": status,
            "video_url": links["video_url"],
            "thumbnail_url": links["thumbnail_url"],
            "duration": video.duration_s if status == "completed" else None,
            "error": failure_of(video, now),
        }
        return json_answer({"code": ALL_IS_WELL, "data": data, "message": "Success"})
