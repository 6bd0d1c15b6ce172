"""The file host: signed links that expire, ranges, and files that arrive broken when a fault says so."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from batchgen.simulator.answers import error_body, json_answer
from batchgen.simulator.faults import Fault
from batchgen.simulator.interference import HTML_ERROR, Interference, cut
from batchgen.simulator.links import Signer
from batchgen.simulator.provider import Provider
from batchgen.simulator.store import Download, Video
from batchgen.simulator.timeline import Outcome, status_of

FileOf = Callable[[Video, str], Awaitable[Path]]

MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".srt": "application/x-subrip",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
}
LINK_FIELDS = ("video_url", "captioned_video_url", "subtitle_url", "thumbnail_url", "gif_url", "video_page_url")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Links:
    """The links of a video, minted anew at every reading."""

    def __init__(self, signer: Signer, provider: Provider) -> None:
        self._signer = signer
        self._provider = provider

    def of(self, video: Video, request: Request, *, completed: bool) -> dict[str, str | None]:
        """All link fields of GET /v3/videos/{id}; null until the video is completed."""
        links: dict[str, str | None] = dict.fromkeys(LINK_FIELDS)
        if not completed:
            return links
        payload = video.payload
        files = file_names(payload)
        if video.outcome == Outcome.NO_LINK:
            del files["video_url"]
        base_url = f"http://{request.headers['host']}"
        now = self._provider.clock.now()
        for field, file in files.items():
            links[field] = self._signer.link(base_url, video.id, file, now)
        return links | {"video_page_url": f"{base_url}/videos/{video.id}"}


def file_names(payload: dict[str, Any]) -> dict[str, str]:
    """The files that a request leads to, by the field that links to them."""
    suffix = payload.get("output_format", "mp4")
    names = {
        "video_url": f"video.{suffix}",
        "thumbnail_url": "thumbnail.jpg",
        "gif_url": "preview.gif",
    }
    if payload["type"] != "cinematic_avatar":
        names["subtitle_url"] = "subtitles.srt"
    caption = payload.get("caption")
    if caption is True or (isinstance(caption, dict) and caption.get("style")):
        names["captioned_video_url"] = f"captioned.{suffix}"
    return names


class FileRoutes:
    """GET /files/{video_id}/{file}."""

    def __init__(self, provider: Provider, interference: Interference, signer: Signer, file_of: FileOf) -> None:
        self._provider = provider
        self._interference = interference
        self._signer = signer
        self._file_of = file_of

    async def download(self, request: Request) -> Response:
        """One file, or the part of it that ``Range`` asks for."""
        video_id, file = request.path_params["video_id"], request.path_params["file"]
        video = self._provider.store.video(video_id)
        fault = self._provider.rules.pick("download", title=video.title if video else None, scope=video_id)
        answer = await self._interference.before(fault)
        if answer is None:
            answer = await self._answer(request, video, file, fault)
            answer = await self._interference.after(fault, answer, request)
        self._log(request, video_id, file, answer, fault)
        return answer

    async def _answer(self, request: Request, video: Video | None, file: str, fault: Fault | None) -> Response:
        refusal = self._refusal(request, video, file, fault)
        if refusal is not None:
            return refusal
        assert video is not None
        path = await self._file_of(video, file)
        content = await run_in_threadpool(path.read_bytes)
        media_type = MEDIA_TYPES[path.suffix]
        if fault is not None and fault.action == "wrong_container":
            return Response(HTML_ERROR, 200, media_type=media_type)
        if fault is not None and fault.action == "empty":
            return Response(b"", 200, media_type=media_type)
        whole = _ranged(content, request.headers.get("range"), media_type)
        if fault is not None and fault.action in ("truncate", "stall"):
            return CutFile(whole, self._interference, fault)
        return whole

    def _refusal(self, request: Request, video: Video | None, file: str, fault: Fault | None) -> Response | None:
        query = request.query_params
        now = self._provider.clock.now()
        if "x-api-key" in request.headers:
            return json_answer(error_body("invalid_parameter", "Signed links take no API key."), 400)
        valid = self._signer.is_valid(
            request.path_params["video_id"], file, query.get("expires", ""), query.get("signature", ""), now
        )
        if not valid or (fault is not None and fault.action == "expired"):
            return Response(b"<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        if video is None or status_of(video, now) != "completed" or file not in file_names(video.payload).values():
            return Response(b"<Error><Code>NoSuchKey</Code></Error>", 404, media_type="application/xml")
        return None

    def _log(self, request: Request, video_id: str, file: str, answer: Response, fault: Fault | None) -> None:
        download = Download(
            wall_time=time.time(),
            video_id=video_id,
            file=file,
            api_key_sent="x-api-key" in request.headers,
            range=request.headers.get("range"),
            status=answer.status_code,
            fault=fault.name if fault else None,
        )
        self._provider.store.log_download(download)


class CutFile(Response):
    """A file of which only the first bytes arrive: then the connection is cut, or nothing more comes."""

    def __init__(self, whole: Response, interference: Interference, fault: Fault) -> None:
        super().__init__(status_code=whole.status_code)
        self._whole = whole
        self._interference = interference
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers of the whole and a part of its body."""
        whole = self._whole
        part = len(whole.body) // 2 if self._fault.bytes is None else self._fault.bytes
        await send({"type": "http.response.start", "status": whole.status_code, "headers": whole.raw_headers})
        await send({"type": "http.response.body", "body": bytes(whole.body[:part]), "more_body": True})
        self._interference.strike(self._fault)
        if self._fault.action == "stall":
            await self._interference.hold(self._fault.seconds, receive)
        await cut(scope, receive)


def _ranged(content: bytes, asked: str | None, media_type: str) -> Response:
    """The content, or the one range of it that was asked for (RFC 9110 §14)."""
    headers = {"Accept-Ranges": "bytes"}
    span = _span(asked, len(content))
    if span is None:
        return Response(content, 200, headers, media_type=media_type)
    first, last = span
    if first > last:
        return Response(b"", 416, headers | {"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, media_type=media_type)


def _span(asked: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a range; the first beyond the last when there is nothing to send."""
    match = _RANGE.fullmatch(asked or "")
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
