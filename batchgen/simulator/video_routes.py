"""The routes under /v3/videos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from batchgen.simulator.answers import ApiError, data_answer, encoded_answer, page_answer
from batchgen.simulator.faults import PER_VIDEO_ANSWERS, Fault
from batchgen.simulator.files import Links
from batchgen.simulator.interference import Interference, sent_status
from batchgen.simulator.paging import limit_of, position_of, token_of
from batchgen.simulator.provider import CreateRequest, Provider
from batchgen.simulator.store import Video
from batchgen.simulator.timeline import bulk_status_of, failure_of, status_of

MOST_IDS = 100
PAGE = 10


class VideoRoutes:
    """Create, read, list and delete videos."""

    def __init__(self, provider: Provider, interference: Interference, links: Links) -> None:
        self._provider = provider
        self._interference = interference
        self._links = links
        self._in_flight: set[str] = set()

    # -- create ----------------------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        """POST /v3/videos, and POST /v3/templates/{template_id}."""
        arrived = CreateRequest.arrived(
            request.headers.get("idempotency-key"),
            await request.body(),
            template_id=request.path_params.get("template_id"),
        )
        key = arrived.scoped_key
        if key in self._in_flight:
            error = ApiError(409, "request_in_progress", "A request with this Idempotency-Key is in progress.")
            self._provider.store.log_call(self._provider.call(arrived, None, error.status))
            return error.response()
        if key is None:
            return await self.carry_out(arrived, request)
        self._in_flight.add(key)
        try:
            return await self.carry_out(arrived, request)
        finally:
            self._in_flight.remove(key)

    async def carry_out(self, arrived: CreateRequest, request: Request) -> Response:
        """Do what a create asks for, or what the fault rules want instead."""
        provider = self._provider
        scope = arrived.key or arrived.body_sha256
        fault = provider.rules.pick("create", title=arrived.title, scope=scope, spent_usd=provider.committed_usd)
        instead = await self._interference.before(fault)
        if instead is not None:
            status = None if fault is None or not fault.is_response or fault.kills_client else instead.status_code
            provider.store.log_call(provider.call(arrived, fault, status))
            return instead
        if fault is not None and fault.action == "expire_assets":
            provider.expire_assets(arrived.body)
        try:
            body = provider.create(arrived, provider.call(arrived, fault, sent_status(fault, 200)))
        except ApiError as error:
            provider.store.log_call(provider.call(arrived, None, error.status))
            return error.response()
        return await self._interference.after(fault, encoded_answer(body), request)

    # -- read ------------------------------------------------------------------------------------------------

    async def read(self, request: Request) -> Response:
        """GET /v3/videos/{id}."""
        video = self._existing(request.path_params["video_id"])
        view = self._view(video, request)
        fault = self._answer_fault("status", video)
        if fault is not None:
            if fault.action == "unknown_video":
                raise _not_found(video.id)
            view |= {"status": fault.word}
        return data_answer(view)

    def _existing(self, video_id: str) -> Video:
        video = self._provider.store.video(video_id)
        if video is None or status_of(video, self._provider.clock.now()) == "not_found":
            raise _not_found(video_id)
        return video

    def _view(self, video: Video, request: Request) -> dict[str, Any]:
        now = self._provider.clock.now()
        status = status_of(video, now)
        ended = status in ("completed", "failed")
        failure = failure_of(video, now) or {}
        return {
            "id": video.id,
            "status": status,
            "title": video.title,
            "folder_id": video.folder_id,
            "created_at": int(video.created_at),
            "completed_at": int(video.finishes_at) if ended else None,
            "duration": video.duration_s if status == "completed" else None,
            "failure_code": failure.get("code"),
            "failure_message": failure.get("message"),
            "output_language": None,
            **self._links.of(video, request, completed=status == "completed"),
        }

    async def statuses(self, request: Request) -> Response:
        """GET /v3/videos/statuses?video_ids=a,b,…"""
        wanted = [one for part in request.query_params.getlist("video_ids") for one in part.split(",") if one]
        if not 1 <= len(wanted) <= MOST_IDS:
            raise ApiError(400, "invalid_parameter", f"1 to {MOST_IDS} video_ids are needed.", param="video_ids")
        videos = self._provider.store.videos(wanted)
        return page_answer([self._bulk_item(video_id, videos) for video_id in wanted], None)

    def _bulk_item(self, video_id: str, videos: Mapping[str, Video]) -> dict[str, Any]:
        video = videos.get(video_id)
        item = {"video_id": video_id, "batch_id": None, "item_index": None, "status": "not_found", "error": None}
        if video is None:
            return item
        fault = self._answer_fault("statuses", video)
        if fault is not None:
            return item | {"status": fault.word if fault.action == "unknown_status" else "not_found"}
        now = self._provider.clock.now()
        return item | {"status": bulk_status_of(video, now), "error": failure_of(video, now)}

    def _answer_fault(self, kind: str, video: Video) -> Fault | None:
        return self._provider.rules.pick(kind, title=video.title, scope=video.id, actions=PER_VIDEO_ANSWERS)

    async def list(self, request: Request) -> Response:
        """GET /v3/videos, newest first."""
        query = request.query_params
        limit = limit_of(query.get("limit"), usual=PAGE)
        found = self._provider.store.page(
            before=position_of(query.get("token")),
            limit=limit + 1,
            title=query.get("title"),
            folder_id=query.get("folder_id"),
            created_before=self._provider.clock.now() - self._list_lag_s(),
        )
        now = self._provider.clock.now()
        shown = [self._view(video, request) for _, video in found[:limit] if status_of(video, now) != "not_found"]
        return page_answer(shown, token_of(found[limit - 1][0]) if len(found) > limit else None)

    def _list_lag_s(self) -> float:
        fault = self._provider.rules.pick("list", actions=("lag",))
        return 0.0 if fault is None else fault.seconds or 0.0

    async def delete(self, request: Request) -> Response:
        """DELETE /v3/videos/{id}."""
        video_id = request.path_params["video_id"]
        if not self._provider.store.delete(video_id):
            raise _not_found(video_id)
        return data_answer({"id": video_id, "deleted": True})


def _not_found(video_id: str) -> ApiError:
    return ApiError(404, "video_not_found", f"Video {video_id} was not found.")
