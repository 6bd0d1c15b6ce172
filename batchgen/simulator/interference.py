"""Carrying out faults on the wire: waits, cut connections, distorted answers, killed clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio import Transport
from collections.abc import Awaitable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from batchgen.simulator.answers import error_body, json_answer
from batchgen.simulator.clock import ProviderClock
from batchgen.simulator.faults import AFTER_ACCEPT, Fault
from batchgen.simulator.store import Store

HTML_ERROR = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


class Dropped(Response):
    """No answer at all: the connection is cut."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut, and wait until the server knows."""
        await cut(scope, receive)


class HeadersOnly(Response):
    """The headers of an answer; then the connection is cut."""

    def __init__(self, whole: Response, interference: Interference, fault: Fault) -> None:
        super().__init__(status_code=whole.status_code)
        self._whole = whole
        self._interference = interference
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the headers promise, and nothing of it."""
        headers = self._whole.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        self._interference.strike(self._fault)
        await cut(scope, receive)


class AnsweredThenKilled(Response):
    """A whole answer; a while later the client is killed."""

    def __init__(self, whole: Response, interference: Interference, fault: Fault) -> None:
        super().__init__(status_code=whole.status_code)
        self._whole = whole
        self._interference = interference
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, wait, strike."""
        await self._whole(scope, receive, send)
        await self._interference.sleep(self._fault.seconds or 0.0)
        self._interference.strike(self._fault)


async def cut(scope: Scope, receive: Receive) -> None:
    """Close the connection under a request without another byte."""
    transport: Transport = scope["state"]["connection"]
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Interference:
    """What faults need from the running server: its clock, its waits, the registered client."""

    def __init__(self, store: Store, clock: ProviderClock) -> None:
        self._store = store
        self._clock = clock
        self._released = asyncio.Event()

    def release(self) -> None:
        """Let everything go on that is held until released."""
        self._released.set()
        self._released = asyncio.Event()

    async def sleep(self, provider_seconds: float) -> None:
        """Let provider time pass."""
        await asyncio.sleep(self._clock.wall_seconds(provider_seconds))

    async def hold(self, provider_seconds: float | None, receive: Receive | None = None) -> None:
        """Wait: for the time, or without one until released; with ``receive`` no longer than the client does."""
        timeout = None if provider_seconds is None else self._clock.wall_seconds(provider_seconds)
        ends: list[Awaitable[Any]] = [self._released.wait()]
        if receive is not None:
            ends.append(_gone(receive))
        waits = [asyncio.ensure_future(end) for end in ends]
        try:
            await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def strike(self, fault: Fault) -> bool:
        """Kill the registered client if the fault says so; at most one registered client dies once."""
        pid = self._store.setting("client_pid") if fault.kills_client else None
        if pid is None:
            return False
        self._store.set("client_pid", None)
        with contextlib.suppress(ProcessLookupError):  # it may have died of something else meanwhile
            os.kill(int(pid), signal.SIGKILL)
        return True

    async def before(self, fault: Fault | None) -> Response | None:
        """What is answered instead of doing what was asked, if anything."""
        if fault is None:
            return None
        if fault.action == "delay":
            await self.hold(fault.seconds)
            return Dropped() if self.strike(fault) else None
        if fault.action == "drop":
            self.strike(fault)
            return Dropped()
        if fault.is_response:
            return Dropped() if self.strike(fault) else _respond(fault)
        return None

    async def after(self, fault: Fault | None, answer: Response, request: Request) -> Response:
        """What is sent in place of the answer to a request that was carried out."""
        if fault is None:
            return answer
        if fault.action == "headers_then_drop":
            return HeadersOnly(answer, self, fault)
        if fault.action == "answer" and fault.kills_client:
            return AnsweredThenKilled(answer, self, fault)
        if fault.action in AFTER_ACCEPT:
            return await self._after_accept(fault, answer, request)
        return answer

    async def _after_accept(self, fault: Fault, answer: Response, request: Request) -> Response:
        if self.strike(fault):
            return Dropped()
        match fault.action:
            case "accept_then_hold":
                await self.hold(fault.seconds, request.receive)
                return answer
            case "accept_then_502":
                return Response(HTML_ERROR, 502, media_type="text/html")
            case "accept_then_empty_200":
                return Response(b"", 200)
            case _:
                return Dropped()


def sent_status(fault: Fault | None, accepted: int) -> int | None:
    """The status that a client gets to see of an answer ``accepted``; None when it gets none."""
    if fault is None or fault.action not in (*AFTER_ACCEPT, "headers_then_drop"):
        return accepted
    if fault.kills_client or fault.action in ("accept_then_drop", "headers_then_drop"):
        return None
    return 502 if fault.action == "accept_then_502" else accepted


def _respond(fault: Fault) -> Response:
    status = fault.status or 200
    headers = {} if fault.retry_after_s is None else {"Retry-After": f"{fault.retry_after_s:g}"}
    match fault.body:
        case "html":
            return Response(HTML_ERROR, status, headers, media_type="text/html")
        case "empty":
            return Response(b"", status, headers)
        case _:
            code = fault.code or "internal_error"
            return json_answer(error_body(code, fault.message or f"Simulated: {code}."), status, headers)
