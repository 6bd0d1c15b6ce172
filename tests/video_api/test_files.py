"""Fetching finished files from a host that never sees the API key, and resuming what broke off."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from batchgen.errors import DownloadFailed, LinkExpired
from batchgen.video_api import FileHost
from tests.video_api.calls import KEY, File, fetched
from tests.video_api.wire import Behaviour, Request, Wire, always, answer, reset

VIDEO = bytes(range(256)) * 400


def with_ranges(request: Request, connection: socket.socket) -> None:
    """A file host as it should be."""
    start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    if start >= len(VIDEO):
        answer(connection, 416, b"", {"Content-Range": f"bytes */{len(VIDEO)}"})
    elif start:
        said = {"Content-Range": f"bytes {start}-{len(VIDEO) - 1}/{len(VIDEO)}"}
        answer(connection, 206, VIDEO[start:], said)
    else:
        answer(connection, 200, VIDEO)


def got(behave: Behaviour, *, start: int = 0, stall_s: float = 5.0, path: str = "/v1.mp4?sig=1") -> File:
    with Wire(behave) as host:
        return fetched(f"{host.url}{path}", start=start, stall_s=stall_s)


def test_a_file_arrives_whole() -> None:
    assert got(with_ranges) == File(0, len(VIDEO), VIDEO)


def test_a_download_goes_on_where_it_broke_off() -> None:
    with Wire(with_ranges) as host:
        assert fetched(f"{host.url}/v1.mp4", start=1000) == File(1000, len(VIDEO), VIDEO[1000:])
    assert host.requests[0].headers["range"] == "bytes=1000-"


def test_a_host_that_ignores_the_range_sends_the_file_from_its_beginning() -> None:
    assert got(always(200, VIDEO), start=1000) == File(0, len(VIDEO), VIDEO)


@pytest.mark.parametrize("start", [len(VIDEO), len(VIDEO) + 5])
def test_a_part_that_is_as_long_as_the_file_or_longer_is_fetched_anew(start: int) -> None:
    assert got(with_ranges, start=start) == File(0, len(VIDEO), VIDEO)


@pytest.mark.parametrize(
    "said",
    [
        {"Content-Range": f"bytes 0-{len(VIDEO) - 1}/{len(VIDEO)}"},
        {"Content-Range": f"bytes 999-{len(VIDEO) - 1}/{len(VIDEO)}"},
        {"Content-Range": "bytes */5"},
        {"Content-Range": "complete nonsense"},
        {},
    ],
)
def test_a_piece_that_is_not_the_one_asked_for_never_ends_up_in_the_file(said: Mapping[str, str]) -> None:
    """Joined to what is there, it would make a broken video of the right length."""

    def behave(request: Request, connection: socket.socket) -> None:
        if "range" in request.headers:
            answer(connection, 206, VIDEO[1000:], said)
        else:
            answer(connection, 200, VIDEO)

    assert got(behave, start=1000) == File(0, len(VIDEO), VIDEO)


def test_the_whole_length_is_known_also_when_only_a_piece_comes() -> None:
    def behave(_: Request, connection: socket.socket) -> None:
        answer(connection, 206, VIDEO[1000:2000], {"Content-Range": f"bytes 1000-1999/{len(VIDEO)}"})

    assert got(behave, start=1000) == File(1000, len(VIDEO), VIDEO[1000:2000])


def test_a_length_that_the_host_does_not_say_is_not_made_up() -> None:
    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")

    assert got(behave) == File(0, None, b"hello")


def test_an_empty_file_is_told_as_one() -> None:
    assert got(always(200, b"")) == File(0, 0, b"")


@pytest.mark.parametrize("status", [401, 403, 404, 410])
@pytest.mark.parametrize("start", [0, 1000])
def test_a_link_that_no_longer_works_has_expired(status: int, start: int) -> None:
    with pytest.raises(LinkExpired, match=f"HTTP {status}"):
        got(always(status, b"<Error>Request has expired</Error>"), start=start)


@pytest.mark.parametrize("status", [204, 304, 400, 429, 500, 502, 503])
def test_any_other_answer_is_a_failed_download(status: int) -> None:
    with pytest.raises(DownloadFailed, match=f"HTTP {status}"):
        got(always(status))


def broken_after(count: int, end: str) -> Behaviour:
    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(VIDEO)}\r\n\r\n".encode() + VIDEO[:count])
        reset(connection) if end == "reset" else connection.close()

    return behave


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("count", [0, 1, 70_000])
def test_a_file_that_breaks_off_is_a_failed_download(count: int, end: str) -> None:
    with pytest.raises(DownloadFailed, match="broke off"):
        got(broken_after(count, end))


def test_what_arrived_before_a_break_is_handed_over_first() -> None:
    """So that the next try can go on from there."""
    received = bytearray()

    async def run(link: str) -> None:
        async with FileHost(base_url="http://127.0.0.1", connections=1) as host, host.open(link) as body:
            async for piece in body.pieces:
                received.extend(piece)

    with Wire(broken_after(70_000, "close")) as wire, pytest.raises(DownloadFailed):
        asyncio.run(run(f"{wire.url}/v1.mp4"))
    assert received == VIDEO[: len(received)]
    assert len(received) > 50_000


def test_a_download_that_stalls_is_given_up_in_time() -> None:
    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello")
        host.hold()

    with Wire(behave) as host, pytest.raises(DownloadFailed):
        fetched(f"{host.url}/v1.mp4", stall_s=0.2)


def test_a_host_that_cannot_be_reached_is_a_failed_download() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DownloadFailed):
        fetched(f"http://127.0.0.1:{port}/v1.mp4")


def test_a_full_disk_is_not_blamed_on_the_host() -> None:
    """What goes wrong while the pieces are written down is the writer's own error."""

    async def run(link: str) -> None:
        async with FileHost(base_url="http://127.0.0.1", connections=1) as host, host.open(link):
            raise OSError(28, "No space left on device")

    with Wire(always(200, VIDEO)) as wire, pytest.raises(OSError, match="No space left"):
        asyncio.run(run(f"{wire.url}/v1.mp4"))


# --- where links may lead -------------------------------------------------------------------------------------


def test_redirects_are_followed_without_the_key_and_with_the_range() -> None:
    with Wire(with_ranges) as elsewhere:
        moved = always(302, b"", {"Location": f"{elsewhere.url}/v1.mp4"})
        with Wire(moved) as host:
            assert fetched(f"{host.url}/v1.mp4", start=7).content == VIDEO[7:]
    for request in (*host.requests, *elsewhere.requests):
        assert "x-api-key" not in request.headers
        assert "authorization" not in request.headers
        assert KEY not in str(request)
        assert request.headers["range"] == "bytes=7-"


def test_a_redirect_may_be_relative() -> None:
    def behave(request: Request, connection: socket.socket) -> None:
        if request.path == "/old/v1.mp4":
            answer(connection, 307, b"", {"Location": "../new/v1.mp4"})
        else:
            answer(connection, 200, request.path.encode())

    assert got(behave, path="/old/v1.mp4").content == b"/new/v1.mp4"


def test_redirects_in_a_circle_end() -> None:
    with Wire(always(302, b"", {"Location": "/again"})) as host, pytest.raises(DownloadFailed, match="without end"):
        fetched(f"{host.url}/v1.mp4")
    assert len(host.requests) < 10


@pytest.mark.parametrize(
    "link", ["http://files.example.com/v1.mp4", "ftp://files.example.com/v1", "file:///etc/passwd", "v1.mp4", ""]
)
def test_a_link_that_is_not_https_is_refused(link: str) -> None:
    with pytest.raises(DownloadFailed, match="not https"):
        fetched(link, base_url="https://api.example.com")


@pytest.mark.parametrize("link", ["ftp://127.0.0.1/v1", "file:///etc/passwd", "data:,hello"])
def test_a_link_of_another_kind_is_refused_also_beside_a_local_provider(link: str) -> None:
    with pytest.raises(DownloadFailed):
        fetched(link)


@pytest.mark.parametrize("link", ["https://[::1", "https://host:99999/x", "https://", "https://a b/\x00", "http://:80"])
def test_a_link_that_makes_no_sense_is_a_failed_download(link: str) -> None:
    with pytest.raises(DownloadFailed):
        fetched(link)


def test_a_redirect_cannot_lead_to_plain_http_when_the_provider_is_https(tmp_path: Path) -> None:
    async def run(host: FileHost) -> None:
        with contextlib.suppress(LinkExpired):
            async with host.open("http://127.0.0.1:1/x"):
                pass

    with pytest.raises(DownloadFailed, match="not https"):
        asyncio.run(run(FileHost(base_url="https://api.example.com", connections=1)))
