"""Endpoints for tests and operators under /simulator; all need the header ``X-Simulator-Token``."""

from __future__ import annotations

import hmac
import os
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from batchgen.simulator.answers import ApiError, data_answer
from batchgen.simulator.faults import FaultRules, FaultsInvalid, parse_faults
from batchgen.simulator.interference import Interference
from batchgen.simulator.outbox import Outbox
from batchgen.simulator.provider import Provider

TOKEN_HEADER = "X-Simulator-Token"  # noqa: S105 - the header's name


class ControlRoutes:
    """Fault rules, the clock, the client to kill, held answers, the log."""

    def __init__(self, provider: Provider, interference: Interference, outbox: Outbox, token: str) -> None:
        self._provider = provider
        self._outbox = outbox
        self._interference = interference
        self._token = token

    def routes(self) -> list[Route]:
        """All control routes."""
        return [
            Route("/simulator/log", self._guarded(self._log), methods=["GET"]),
            Route("/simulator/faults", self._guarded(self._faults), methods=["PUT"]),
            Route("/simulator/client", self._guarded(self._client), methods=["PUT"]),
            Route("/simulator/clock", self._guarded(self._clock), methods=["GET", "PUT"]),
            Route("/simulator/release", self._guarded(self._release), methods=["PUT"]),
        ]

    def _guarded(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            given = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return ApiError(403, "forbidden", f"{TOKEN_HEADER} is missing or wrong.").response()
            try:
                return await endpoint(request)
            except ApiError as error:
                return error.response()

        return guarded

    async def _log(self, request: Request) -> Response:
        return data_answer(self._provider.store.log() | {"deliveries": self._outbox.log()})

    async def _faults(self, request: Request) -> Response:
        document = await _json(request)
        try:
            rules = parse_faults(document)
        except FaultsInvalid as exc:
            raise ApiError(400, "invalid_parameter", str(exc)) from exc
        self._provider.store.set("faults", orjson.dumps(document).decode())
        self._provider.rules = FaultRules(rules, self._provider.store)
        return data_answer({"rules": [rule.name for rule in rules]})

    async def _client(self, request: Request) -> Response:
        document = await _json(request)
        pid = document.get("pid") if isinstance(document, dict) else None
        if pid is not None and (type(pid) is not int or not _is_process(pid)):
            raise ApiError(400, "invalid_parameter", "pid must be a process of this machine, or null.", param="pid")
        self._provider.store.set("client_pid", None if pid is None else str(pid))
        return data_answer({"pid": pid})

    async def _clock(self, request: Request) -> Response:
        clock = self._provider.clock
        if request.method == "PUT":
            advance, speed = _clock_change(await _json(request))
            if advance is not None:
                self._provider.store.set_anchor(clock.advance(advance))
            if speed is not None:
                self._provider.store.set_anchor(clock.run_at(speed))
        return data_answer({"now": clock.now(), "speed": clock.speed})

    async def _release(self, request: Request) -> Response:
        self._interference.release()
        return data_answer({"released": True})


async def _json(request: Request) -> Any:
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as exc:
        raise ApiError(400, "invalid_parameter", f"The body is not JSON: {exc}") from exc


def _clock_change(document: Any) -> tuple[float | None, float | None]:
    if not isinstance(document, dict) or set(document) - {"advance_s", "speed"}:
        raise ApiError(400, "invalid_parameter", "The clock takes advance_s and speed.")
    advance, speed = document.get("advance_s"), document.get("speed")
    for value in (advance, speed):
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0):
            raise ApiError(400, "invalid_parameter", "advance_s and speed must be numbers greater than 0.")
    return advance, speed


def _is_process(pid: int) -> bool:
    if pid <= 1:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError, OverflowError):
        return False
    return True
