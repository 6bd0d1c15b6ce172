"""``VideoApi``: the calls that batchgen makes, with every foreign error translated here, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import aiohttp
import httpx
import tenacity
from httpx_aiohttp import HttpxAiohttpClient
from pydantic import SecretStr

from batchgen.errors import ApiError, ApiRefused, ApiUnavailable
from batchgen.video_api.answers import Answer, create_outcome, read_answer, read_states, read_video, read_videos
from batchgen.video_api.outcomes import Cause, CreateOutcome, Deferred, InDoubt, RenderState, Video

STATUSES_AT_ONCE = 100  # the provider's bound for one GET /v3/videos/statuses
PAGE_LIMIT = 100
CONNECT_TIMEOUT_S = 15.0
READ_RETRY_WORDS = frozenset({408, 425, 429, 500, 502, 503, 504})

# What can come out of a call besides an answer. The aiohttp transport lets some of its own errors through.
WIRE_ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, TimeoutError)

# Only these prove that no byte was sent. The names that httpx gives are no proof on this transport: it also calls
# a connection that died *after* the request was sent a ``ConnectTimeout`` (httpx-aiohttp 0.2, AIOHTTP_EXC_MAP).
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def never_sent(error: BaseException) -> bool:
    """Whether a failed call surely did not reach the provider (DNS, refused, connect or pool timeout)."""
    return isinstance(error, NEVER_SENT) or isinstance(error.__cause__, NEVER_SENT)


def open_client(base_url: str, *, connections: int, headers: dict[str, str]) -> HttpxAiohttpClient:
    """An httpx client on the aiohttp transport (15 times the throughput of httpx's own pool at 50 connections)."""
    loopback = urlsplit(base_url).hostname in {"127.0.0.1", "::1", "localhost"}
    return HttpxAiohttpClient(
        base_url=base_url,
        headers={"User-Agent": f"batchgen/{version('batchgen')}", **headers},
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=15),
        follow_redirects=False,
        trust_env=not loopback,
    )


def wire_timeout(limit_s: float) -> httpx.Timeout:
    """For a call that may take ``limit_s`` as a whole: a connection is had in half of that, or known not to be.

    The whole needs a limit of its own beside this: the transport has none for sending, and none for an answer
    that comes byte by byte.
    """
    connect_s = min(CONNECT_TIMEOUT_S, limit_s / 2)
    return httpx.Timeout(limit_s, connect=connect_s, pool=connect_s)


class VideoApi:
    """The provider's video API. One instance per run, used from one event loop; ``async with`` closes it.

    ``create`` never raises for anything the network or the provider does: it returns an outcome. Reads retry
    a few times and then raise ``ApiUnavailable`` or ``ApiRefused``. Times are in seconds.
    """

    def __init__(
        self,
        *,
        base_url: str,
        key: SecretStr,
        connections: int,
        create_timeout_s: float = 120.0,
        read_timeout_s: float = 30.0,
        read_tries: int = 4,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = open_client(base_url, connections=connections, headers={"X-Api-Key": key.get_secret_value()})
        self._key = key
        self._create_timeout_s = create_timeout_s
        self._read_timeout_s = read_timeout_s
        self._read_tries = read_tries
        self._clock = clock
        self._has_statuses_route = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def create(self, body: bytes, *, key: str) -> CreateOutcome:
        """``POST /v3/videos`` with exactly these bytes, once. ``key`` is the attempt's idempotency key."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        limit_s = self._create_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                response = await self._http.post(
                    "/v3/videos", content=body, headers=headers, timeout=wire_timeout(limit_s)
                )
        except WIRE_ERRORS as error:
            if never_sent(error):
                return Deferred(reason=f"no connection to the provider ({_short(error)})", cause=Cause.NO_CONNECTION)
            return InDoubt(reason=f"the answer was lost ({_short(error)})")
        return create_outcome(self._answer(response))

    async def statuses(self, video_ids: Sequence[str]) -> dict[str, RenderState]:
        """The state of up to 100 videos, in one call where the provider has that route, else one by one.

        A video that the answer leaves out is asked for by itself; what cannot be read now is left out here too.
        """
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
        return states | {video.id: video.state for video in self._answered(found)}

    @staticmethod
    def _answered(found: Iterable[Video | BaseException]) -> Iterable[Video]:
        """The videos that were answered. One that cannot be read is left out, unless the account is the reason."""
        for result in found:
            if isinstance(result, Video):
                yield result
            elif not isinstance(result, ApiError) or (isinstance(result, ApiRefused) and result.of_account):
                raise result

    async def video(self, video_id: str) -> Video:
        """``GET /v3/videos/{id}``; a video that the provider does not know has the state ``NOT_FOUND``."""
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
        found: list[Video] = []
        tokens: set[str] = set()
        token: str | None = None
        while True:
            params = wanted | {"limit": str(PAGE_LIMIT)} | ({"token": token} if token else {})
            page = await self._read("/v3/videos", params)
            found.extend(read_videos(page.data))
            token = page.next_token
            if not token:
                return found
            if token in tokens:
                raise ApiUnavailable("the provider's list leads back to a page that was read already")
            tokens.add(token)

    async def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        return (await self._read(path, params or {})).data

    async def _read(self, path: str, params: dict[str, str]) -> Answer:
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(ApiUnavailable),
            stop=tenacity.stop_after_attempt(self._read_tries),
            wait=tenacity.wait_exponential(multiplier=0.2, max=5) + tenacity.wait_random(0, 0.5),
            sleep=asyncio.sleep,
            reraise=True,
        )
        return await retrying(self._read_once, path, params)

    async def _read_once(self, path: str, params: dict[str, str]) -> Answer:
        limit_s = self._read_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                response = await self._http.get(path, params=params, timeout=wire_timeout(limit_s))
        except WIRE_ERRORS as error:
            raise ApiUnavailable(f"no answer from the provider ({_short(error)})") from error
        answer = self._answer(response)
        if answer.meant_status in READ_RETRY_WORDS and answer.code != "quota_exceeded":
            raise ApiUnavailable(answer.message)
        if not 200 <= answer.meant_status < 300:
            raise ApiRefused(answer.status, answer.code, answer.message)
        if answer.data is None:
            raise ApiUnavailable(f"HTTP {answer.status} without data")
        return answer

    def _answer(self, response: httpx.Response) -> Answer:
        # An answer that quotes the key must not carry it into a ledger, a sheet or a log.
        key = self._key.get_secret_value().encode()
        body = response.content.replace(key, b"[key]") if key else response.content
        return read_answer(response.status_code, response.headers, body, now=self._clock())


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


def _short(error: BaseException) -> str:
    return type(error.__cause__ or error).__name__ + (f": {str(error)[:200]}" if str(error) else "")
