"""Short ways to make calls from a test that is no coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from pydantic import SecretStr

from batchgen.video_api import VIDEOS, Create, CreateOutcome, FileHost, Route, VideoApi

KEY = "sk-do-not-tell-anybody"
BODY = b'{"type":"avatar","avatar_id":"Anna_public","script":"Hello"}'

T = TypeVar("T")


class File(NamedTuple):
    """A fetched file, or the rest of one; ``total`` is the length of the whole."""

    start: int
    total: int | None
    content: bytes


def calling(
    url: str, call: Callable[[VideoApi], Awaitable[T]], *, key: str = KEY, read_tries: int = 1, timeout_s: float = 5.0
) -> T:
    """What ``call`` returns, made with an API client of its own."""

    async def run() -> T:
        async with VideoApi(
            base_url=url,
            key=SecretStr(key),
            connections=4,
            create_timeout_s=timeout_s,
            read_timeout_s=timeout_s,
            read_tries=read_tries,
        ) as api:
            return await call(api)

    return asyncio.run(run())


def create(key: str = "batchgen-k1-1", *, body: bytes = BODY, route: Route = VIDEOS) -> Create:
    """A create as a run would send it."""
    return Create(route=route, body=body, key=key)


def created(url: str, *, body: bytes = BODY, timeout_s: float = 5.0) -> CreateOutcome:
    return calling(url, lambda api: api.create(create(body=body)), timeout_s=timeout_s)


def fetched(link: str, *, start: int = 0, base_url: str = "http://127.0.0.1:1", stall_s: float = 5.0) -> File:
    """The bytes behind a link, from ``start`` on, and what was said of them."""

    async def run() -> File:
        async with (
            FileHost(base_url=base_url, connections=2, stall_timeout_s=stall_s) as host,
            host.open(link, start=start) as body,
        ):
            content = b"".join([piece async for piece in body.pieces])
            return File(body.start, body.total, content)

    return asyncio.run(run())
