"""How the provider is read: patiently, page by page, foreign errors translated, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import tenacity
from pydantic import SecretStr

from batchgen.errors import ApiRefused, ApiThrottled, ApiUnavailable
from batchgen.video_api.answers import Answer, next_page, read_answer, read_items
from batchgen.video_api.wire import WIRE_ERRORS, Posting, in_short, open_client, wire_timeout

SHORTEST_KEY = 8
LIST_LIMIT = 50  # the greatest page of looks and of templates is not published
PASSING = frozenset({408, 425})
PATIENCE_S = 20.0
"""A provider that wants to be left alone for longer is asked again later, not waited for."""

T = TypeVar("T")


def patiently(tries: int) -> tenacity.AsyncRetrying:
    """What the provider cannot answer just now is asked for again a few times; never sooner than it says."""
    usual = tenacity.wait_exponential(multiplier=0.2, max=5) + tenacity.wait_random(0, 0.5)

    def wait(state: tenacity.RetryCallState) -> float:
        return max(usual(state), _left_alone_s(state))

    return tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(_may_come_soon),
        stop=tenacity.stop_after_attempt(tries),
        wait=wait,
        sleep=asyncio.sleep,
        reraise=True,
    )


def _may_come_soon(error: BaseException) -> bool:
    if isinstance(error, ApiUnavailable):
        return error.after_s <= PATIENCE_S
    return isinstance(error, TimeoutError)


def _left_alone_s(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.after_s if isinstance(error, ApiUnavailable) else 0.0


class Reading:
    """Reads retry a few times and then raise ``ApiUnavailable`` or ``ApiRefused``. Times are in seconds."""

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
        self._creates = Posting(self._http, limit_s=create_timeout_s)
        self._read_timeout_s = read_timeout_s
        self._read_tries = read_tries
        self._clock = clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def _existing(self, path: str, read: Callable[[Any], T], missing_code: str) -> T | None:
        try:
            return read(await self._get(path))
        except ApiRefused as refusal:
            if refusal.code != missing_code:
                raise
            return None

    async def _listed(self, path: str, read: Callable[[Any], T], wanted: dict[str, str], most: int | None) -> list[T]:
        """The items of a list, with ``most`` only as many pages as hold so many."""
        found: list[T] = []
        async with aclosing(self._pages(path, wanted, limit=LIST_LIMIT)) as pages:
            async for page in pages:
                found.extend(read(item) for item in read_items(page))
                if most is not None and len(found) >= most:
                    break
        return found

    async def _pages(self, path: str, wanted: dict[str, str], *, limit: int) -> AsyncGenerator[Any, None]:
        """The data of every page of a list. Raises ``ApiUnavailable`` for a list that has no end."""
        tokens: set[str] = set()
        token: str | None = None
        while True:
            page = await self._read(path, wanted | {"limit": str(limit)} | ({"token": token} if token else {}))
            yield page.data
            token = next_page(page.next_token, has_more=page.has_more)
            if token is None:
                return
            if token in tokens:
                raise ApiUnavailable("the provider's list leads back to a page that was read already")
            tokens.add(token)

    async def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        return (await self._read(path, params or {})).data

    async def _read(self, path: str, params: dict[str, str]) -> Answer:
        return await patiently(self._read_tries)(self._read_once, path, params)

    async def _read_once(self, path: str, params: dict[str, str]) -> Answer:
        limit_s = self._read_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                response = await self._http.get(path, params=params, timeout=wire_timeout(limit_s))
        except WIRE_ERRORS as error:
            raise ApiUnavailable(f"no answer from the provider ({in_short(error)})") from error
        return self._usable(self._answer(response))

    def _usable(self, answer: Answer) -> Answer:
        """An answer with data. Raises ``ApiUnavailable`` or ``ApiRefused`` for any other."""
        status = answer.meant_status
        if status == 429 and answer.code != "quota_exceeded":
            raise ApiThrottled(answer.message, answer.retry_after_s or 0.0)
        if status in PASSING or status >= 500:
            raise ApiUnavailable(answer.message)
        if not 200 <= status < 300:
            raise ApiRefused(status or answer.status, answer.code, answer.message)
        if answer.data is None:
            raise ApiUnavailable(f"HTTP {answer.status} without data")
        return answer

    def _answer(self, response: httpx.Response) -> Answer:
        # An answer that quotes the key must not carry it into a ledger, a sheet or a log. What is shorter than any
        # key is no secret, and may stand in titles.
        key = self._key.get_secret_value().encode()
        body = response.content.replace(key, b"[key]") if len(key) >= SHORTEST_KEY else response.content
        return read_answer(response.status_code, response.headers, body, now=self._clock())
