"""Fetching finished files from the provider's file host. That host never sees the API key."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from batchgen.errors import ApiUnavailable, DownloadFailed, LinkExpired, UploadExpired
from batchgen.video_api.file_body import FileBody, Sent, UploadFile
from batchgen.video_api.uploading import STALL_S, tried
from batchgen.video_api.wire import CONNECT_TIMEOUT_S, WIRE_ERRORS, in_short, open_client, wire_timeout

REDIRECTS_FOLLOWED = 3
RANGE_NOT_SATISFIABLE = 416
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15}|\*)")
LINK_IS_DEAD = frozenset({401, 403, 404, 410})


@dataclass(frozen=True, kw_only=True)
class Body:
    """A file on its way. ``start`` is the offset of its first byte (0 when the host ignored the range);
    ``total`` the length of the whole file in bytes, when the host said it."""

    start: int
    total: int | None
    pieces: AsyncIterator[bytes]


class FileHost:
    """Streams files from signed links. One instance per run; ``async with`` closes it."""

    def __init__(self, *, base_url: str, connections: int, stall_timeout_s: float = 30.0) -> None:
        self._http = open_client(base_url, connections=connections, headers={})
        self._plain_http_allowed = urlsplit(base_url).scheme == "http"
        self._timeout = httpx.Timeout(stall_timeout_s, connect=CONNECT_TIMEOUT_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @asynccontextmanager
    async def open(self, link: str, *, start: int = 0) -> AsyncIterator[Body]:
        """Open ``link`` from byte ``start``. Raises ``LinkExpired`` or ``DownloadFailed``, also while reading."""
        response = await self._sent(link, start)
        if not _begins_at(response, start):
            await response.aclose()
            start = 0
            response = await self._sent(link, start)
        try:
            yield _body(response, start)
        finally:
            with contextlib.suppress(*WIRE_ERRORS):
                await response.aclose()

    async def put(self, file: UploadFile, link: str, headers: Mapping[str, str], *, sent: Sent) -> None:
        """``PUT`` the file where a direct upload wants it, with exactly these headers.

        Putting it again puts the same. Raises ``UploadExpired``, ``ApiUnavailable`` or ``FileChanged``.
        """
        if not self._is_safe(link):
            raise UploadExpired("the provider gave an upload link that is not https")
        await tried(partial(self._put_once, file, link, headers, sent))

    async def _put_once(self, file: UploadFile, link: str, headers: Mapping[str, str], sent: Sent) -> None:
        async with asyncio.timeout(STALL_S) as stall:
            body = FileBody(file, stall=stall, stall_s=STALL_S, sent=sent, around=(b"", b""))
            length = {"Content-Length": str(body.length)}
            try:
                response = await self._http.put(
                    link, content=aiter(body), headers={**headers, **length}, timeout=wire_timeout(STALL_S)
                )
            except (*WIRE_ERRORS, ValueError) as error:
                if body.changed is not None:
                    raise body.changed from error
                raise ApiUnavailable(f"the upload broke off ({in_short(error)})") from error
        if response.status_code in LINK_IS_DEAD | {400, 409, 412}:
            raise UploadExpired(f"HTTP {response.status_code} from the upload's host")
        if not response.is_success:
            raise ApiUnavailable(f"HTTP {response.status_code} from the upload's host")

    async def _sent(self, link: str, start: int) -> httpx.Response:
        try:
            return await self._send(link, start)
        except (*WIRE_ERRORS, ValueError) as error:  # ValueError: an address that makes no sense
            raise _broken_off(error) from error

    async def _send(self, link: str, start: int) -> httpx.Response:
        for _ in range(REDIRECTS_FOLLOWED + 1):
            self._check(link)
            headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
            request = self._http.build_request("GET", link, headers=headers, timeout=self._timeout)
            response = await self._http.send(request, stream=True)
            if not response.has_redirect_location:
                return response
            link = str(response.url.join(response.headers["location"]))
            await response.aclose()
        raise DownloadFailed("the file host redirects without end")

    def _check(self, link: str) -> None:
        if not self._is_safe(link):
            parts = urlsplit(link)
            raise DownloadFailed(f"the provider gave a link that is not https ({parts.scheme}://{parts.hostname})")

    def _is_safe(self, link: str) -> bool:
        """https, or http where the provider itself is on this computer."""
        scheme = urlsplit(link).scheme
        return scheme == "https" or (scheme == "http" and self._plain_http_allowed)


def _body(response: httpx.Response, start: int) -> Body:
    status = response.status_code
    if status in LINK_IS_DEAD:
        raise LinkExpired(f"HTTP {status} from the file host")
    if status not in (200, 206) or not _begins_at(response, start):
        raise DownloadFailed(f"HTTP {status} from the file host")
    if status == 200:
        start = 0
    said = _content_range(response)
    length = response.headers.get("content-length", "")
    if status == 206 and said is not None and said[1].isdecimal():
        total: int | None = int(said[1])
    else:
        total = start + int(length) if length.isdecimal() else None
    return Body(start=start, total=total, pieces=_pieces(response))


def _begins_at(response: httpx.Response, start: int) -> bool:
    """Whether what comes can be joined to ``start`` bytes: the whole file can, a piece only when it begins there."""
    if response.status_code == RANGE_NOT_SATISFIABLE:
        return False
    if response.status_code != 206:
        return True
    said = _content_range(response)
    return said is not None and int(said[0]) == start


def _content_range(response: httpx.Response) -> tuple[str, str] | None:
    """The first byte and the whole length (``*``: unknown) that the host names."""
    said = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    return None if said is None else (said[1], said[2])


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_raw():
            yield piece
    except WIRE_ERRORS as error:
        raise _broken_off(error) from error


def _broken_off(error: Exception) -> DownloadFailed:
    return DownloadFailed(f"the file host broke off ({type(error).__name__})")
