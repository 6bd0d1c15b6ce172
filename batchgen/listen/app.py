"""The receiver on the wire: two kinds of address, small bodies, quick answers, and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from batchgen.errors import LedgerError
from batchgen.listen.addresses import CALLBACK_PATH, ENDPOINT_PATH
from batchgen.listen.inbox import Inbox, InboxFull
from batchgen.listen.message import NoMessage, read_message
from batchgen.listen.secrets_in_use import SecretsInUse
from batchgen.listen.signature import is_one_of, is_signed

LARGEST_BODY = 256 * 1024
"""Bytes. A message is about one kilobyte."""

READ_WITHIN_S = 4.0
KEEP_WITHIN_S = 4.0
"""Together less than the 10 s that the provider waits."""


class TooLarge(Exception):
    """The body is over the limit; the rest of it was not read."""


class Receiving:
    """Answers the provider's calls. ``clock`` is unix seconds."""

    def __init__(self, inbox: Inbox, secrets: SecretsInUse, *, clock: Callable[[], float] = time.time) -> None:
        self._inbox = inbox
        self._secrets = secrets
        self._clock = clock

    def app(self, prefixes: Sequence[str]) -> Starlette:
        """The ASGI application; its addresses exist below each of the prefixes."""
        routes = [
            route
            for prefix in prefixes
            for route in (
                Route(prefix + ENDPOINT_PATH, self._signed, methods=["POST"]),
                Route(f"{prefix}{CALLBACK_PATH}/{{secret}}", self._called_back, methods=["POST"]),
            )
        ]
        return Starlette(routes=routes)

    async def _signed(self, request: Request) -> Response:
        try:
            body = await _body(request)
        except TooLarge:
            return _refused(413)
        except (TimeoutError, ClientDisconnect):
            return _refused(408)
        if not is_signed(request.headers, body, self._secrets.of_endpoint(), now=self._clock()):
            return Response(status_code=401)
        return await self._kept(request, body)

    async def _called_back(self, request: Request) -> Response:
        if not is_one_of(request.path_params["secret"], self._secrets.of_callbacks):
            return _refused(404)  # such an address does not exist
        try:
            body = await _body(request)
        except TooLarge:
            return _refused(413)
        except (TimeoutError, ClientDisconnect):
            return _refused(408)
        return await self._kept(request, body)

    async def _kept(self, request: Request, body: bytes) -> Response:
        try:
            arrival = read_message(request.headers, body)
        except NoMessage:
            return Response(status_code=400)
        if arrival is None:  # of another kind; a refusal would only make the provider repeat it
            return Response(status_code=204)
        try:
            async with asyncio.timeout(KEEP_WITHIN_S):
                await self._inbox.keep(arrival)
        except (InboxFull, LedgerError, TimeoutError):
            return Response(status_code=503, headers={"Retry-After": "30"})
        return Response(status_code=204)


def _refused(status: int) -> Response:
    """An answer after which the connection is closed: there may be more of the body on its way."""
    return Response(status_code=status, headers={"Connection": "close"})


async def _body(request: Request) -> bytes:
    """The body, within limits of size and time. Raises ``TooLarge``, ``TimeoutError``, ``ClientDisconnect``."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > LARGEST_BODY:
        raise TooLarge
    pieces: list[bytes] = []
    size = 0
    async with asyncio.timeout(READ_WITHIN_S):
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST_BODY:
                raise TooLarge
            pieces.append(piece)
    return b"".join(pieces)
