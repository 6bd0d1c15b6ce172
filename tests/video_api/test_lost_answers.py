"""What the network does to a create. A request that may have arrived is in doubt; deferred needs proof that it did not.

httpx's own names are no proof on this transport: it calls a connection that died after sending a ``ConnectTimeout``.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import time
import traceback
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from batchgen.video_api import BATCHES, Accepted, Cause, Deferred, InDoubt, VideoApi
from tests.video_api.calls import BODY, KEY, create, created
from tests.video_api.wire import Request, Wire, always, answer, full_queue, reset

OK = {"data": {"video_id": "v1", "status": "waiting", "output_format": "mp4"}}


def cut(*pieces: bytes, end: Callable[[socket.socket], None] = socket.socket.close) -> Callable[..., None]:
    """Answer with these bytes and end the connection."""

    def behave(_: Request, connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
        end(connection)

    return behave


LOST = {
    "closed after the request was read": cut(),
    "reset after the request was read": cut(end=reset),
    "closed in the middle of the status line": cut(b"HTTP/1.1 20"),
    "closed in the middle of the headers": cut(b"HTTP/1.1 200 OK\r\nContent-Type: application/js"),
    "closed in the middle of the body": cut(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"data": {"video_id"'),
    "reset in the middle of the body": cut(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", end=reset),
    "closed in the middle of a chunk": cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{"),
    "a status line that is garbage": cut(b"220 mail.example.com ESMTP\r\n\r\n"),
    "a chunk size that is garbage": cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n"),
    "a body that is not what its header says": cut(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n{}{}"
    ),
    "headers without end": cut(b"HTTP/1.1 200 OK\r\n" + b"X-More: yes\r\n" * 20_000),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_answer_is_in_doubt(name: str) -> None:
    with Wire(LOST[name]) as provider:
        result = created(provider.url)
    assert isinstance(result, InDoubt), result
    assert len(provider.requests) == 1


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"])
def test_an_answer_that_does_not_come_in_time_is_in_doubt(first: bytes) -> None:
    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(first)
        provider.hold()

    with Wire(behave) as provider:
        result = created(provider.url, timeout_s=0.2)
    assert isinstance(result, InDoubt)
    assert len(provider.requests) == 1


def test_an_answer_that_drips_for_ever_is_given_up_in_time() -> None:
    """Each byte arrives within the timeout; the whole answer does not."""

    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not provider.released.wait(0.05):
            connection.sendall(b" ")

    with Wire(behave) as provider:
        began = time.monotonic()
        result = created(provider.url, timeout_s=0.3)
        assert time.monotonic() - began < 3
    assert isinstance(result, InDoubt)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # it still holds what was not taken
def test_a_provider_that_stops_reading_is_given_up_in_time() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        began = time.monotonic()
        result = created(f"http://127.0.0.1:{listener.getsockname()[1]}", body=b"x" * 30_000_000, timeout_s=0.3)
        assert time.monotonic() - began < 3
    assert isinstance(result, InDoubt)
    gc.collect()


# --- surely never sent ----------------------------------------------------------------------------------------


def no_connection(url: str, *, timeout_s: float = 5.0) -> Deferred:
    result = created(url, timeout_s=timeout_s)
    assert isinstance(result, Deferred), result
    assert result.cause is Cause.NO_CONNECTION
    return result


def test_a_port_on_which_nobody_listens_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "no connection to the provider" in no_connection(f"http://127.0.0.1:{port}").reason


def test_a_host_whose_name_leads_nowhere_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    no_connection("http://there-is-no-such-host.invalid")


def test_a_host_that_does_not_take_the_connection_in_time_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batchgen.video_api.wire.CONNECT_TIMEOUT_S", 0.2)
    with full_queue() as url:
        no_connection(url)


def test_a_connection_that_is_not_encrypted_as_promised_is_no_connection() -> None:
    with Wire(always()) as provider:
        no_connection(provider.url.replace("http:", "https:"), timeout_s=0.5)
    assert provider.requests == []


# --- exactly once ---------------------------------------------------------------------------------------------


def test_a_create_is_sent_once_with_its_key_and_exactly_its_bytes() -> None:
    with Wire(always(200, OK)) as provider:
        assert created(provider.url) == Accepted(video_id="v1")
    (request,) = provider.requests
    assert (request.method, request.path, request.body) == ("POST", "/v3/videos", BODY)
    assert request.headers["idempotency-key"] == "batchgen-k1-1"
    assert request.headers["x-api-key"] == KEY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("batchgen/")


def test_a_create_carries_no_cookie_of_an_earlier_answer() -> None:
    def behave(request: Request, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nSet-Cookie: proxy=1; Path=/\r\nContent-Length: 0\r\n\r\n")

    async def run(url: str) -> None:
        async with VideoApi(base_url=url, key=SecretStr(KEY), connections=1) as api:
            await api.create(create())
            await api.create(create(route=BATCHES))

    with Wire(behave) as provider:
        asyncio.run(run(provider.url))
    assert [request.headers.get("cookie") for request in provider.requests] == [None, None]


@pytest.mark.parametrize("end", [socket.socket.close, reset])
def test_a_kept_connection_that_died_never_makes_two_creates_of_one(end: Callable[[socket.socket], None]) -> None:
    """The server answers one call, waits for the next on the same connection, and dies after reading it."""

    def behave(request: Request, connection: socket.socket) -> None:
        if request.headers["idempotency-key"] == "k-1":
            answer(connection, 200, OK)
        else:
            end(connection)

    async def run(url: str) -> list[object]:
        async with VideoApi(base_url=url, key=SecretStr(KEY), connections=1) as api:
            return [await api.create(create("k-1")), await api.create(create("k-2"))]

    with Wire(behave) as provider:
        first, second = asyncio.run(run(provider.url))
    assert first == Accepted(video_id="v1")
    assert isinstance(second, InDoubt)
    assert [request.headers["idempotency-key"] for request in provider.requests] == ["k-1", "k-2"]
    assert provider.connections == 1


@pytest.mark.parametrize("end", [socket.socket.close, reset])
def test_a_connection_closed_while_idle_never_makes_two_creates_of_one(end: Callable[[socket.socket], None]) -> None:
    def behave(_: Request, connection: socket.socket) -> None:
        answer(connection, 200, OK)
        end(connection)

    async def run(url: str) -> list[object]:
        async with VideoApi(base_url=url, key=SecretStr(KEY), connections=1) as api:
            return [await api.create(create(f"k-{number}")) for number in range(20)]

    with Wire(behave) as provider:
        results = asyncio.run(run(provider.url))
    arrived = [request.headers["idempotency-key"] for request in provider.requests]
    assert len(arrived) == len(set(arrived))
    for number, result in enumerate(results):
        assert isinstance(result, Accepted | InDoubt)
        if isinstance(result, Accepted):
            assert f"k-{number}" in arrived


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_create_is_never_redirected(status: int) -> None:
    with Wire(always(200, OK)) as elsewhere, Wire(always(status, b"", {"Location": elsewhere.url})) as provider:
        result = created(provider.url)
    assert isinstance(result, InDoubt)
    assert elsewhere.requests == []
    assert len(provider.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_create_is_never_repeated_by_itself(status: int) -> None:
    with Wire(always(status, b"", {"Retry-After": "0"})) as provider:
        created(provider.url)
    assert len(provider.requests) == 1


def test_the_api_key_is_in_no_log_line_error_or_representation(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def run(url: str) -> str:
        async with VideoApi(base_url=url, key=SecretStr(KEY), connections=1, read_tries=1) as api:
            said = [repr(api), repr(vars(api)), repr(await api.create(create("k-1")))]
            for call in (api.video("v1"), api.statuses(["v1"]), api.videos_titled("x")):
                with pytest.raises(Exception, match=r".") as failure:
                    await call
                said += [repr(failure.value), *traceback.format_exception(failure.value)]
            return " ".join(said)

    for behave in (cut(), cut(b"garbage\r\n\r\n"), always(401, {"error": {"code": "unauthorized", "message": "No."}})):
        with Wire(behave) as provider:
            assert KEY not in asyncio.run(run(provider.url))
    assert provider.requests[0].headers["x-api-key"] == KEY
    assert KEY not in caplog.text
