"""What the receiver takes, what it refuses, and what is durable when it has answered."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from batchgen.errors import UsageError
from batchgen.listen import open_port
from batchgen.listen.app import LARGEST_BODY
from tests.listen.listening import (
    HOOK,
    PATH_SECRET,
    arrivals,
    message,
    newer_form,
    older_form,
    receiving,
    signature,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def client(file: Path) -> Iterator[httpx.Client]:
    with receiving(file) as client:
        yield client


# --- signed messages --------------------------------------------------------------------------------------------


def test_both_forms_of_a_signed_message_are_taken_and_durable_when_answered(client: httpx.Client, file: Path) -> None:
    body = message("v1")
    assert client.post(HOOK, content=body, headers=newer_form(body)).status_code == 204
    body = message("v2")
    assert client.post(HOOK, content=body, headers=older_form(body)).status_code == 204
    assert arrivals(file) == [("avatar_video.success v2", "v2"), ("e1", "v1")]


def test_a_message_that_comes_again_is_taken_and_written_once(client: httpx.Client, file: Path) -> None:
    body = message()
    for headers in (newer_form(body), newer_form(body), older_form(body), older_form(body)):
        assert client.post(HOOK, content=body, headers=headers).status_code == 204
    assert len(arrivals(file)) == 2  # one for each form: the older one names no event


def test_a_message_that_came_before_a_restart_is_known_after_it(file: Path) -> None:
    body = message()
    for _ in range(2):
        with receiving(file) as client:
            assert client.post(HOOK, content=body, headers=newer_form(body)).status_code == 204
    assert arrivals(file) == [("e1", "v1")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        newer_form(message(), secret="guessed"),
        older_form(message(), secret="guessed"),
        newer_form(message("another")),
        older_form(message("another")),
        {"signature": ""},
        {"signature": "é".encode("latin-1").decode("latin-1")},
        {"Heygen-Signature": signature(message())},
        newer_form(message()) | {"Heygen-Timestamp": "yesterday"},
        newer_form(message()) | {"Heygen-Timestamp": "nan"},
        newer_form(message(), at=time.time() - 3_600),
        newer_form(message(), at=time.time() + 3_600),
        newer_form(message(), secret="guessed") | older_form(message()),
    ],
)
def test_a_message_that_is_not_signed_as_it_should_be_is_refused(
    client: httpx.Client, file: Path, headers: dict[str, str]
) -> None:
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    assert client.post(HOOK, content=message(), headers=raw).status_code == 401
    assert arrivals(file) == []


def test_a_timestamp_in_milliseconds_is_understood(client: httpx.Client) -> None:
    body = message()
    headers = newer_form(body, at=time.time() * 1000)
    assert client.post(HOOK, content=body, headers=headers).status_code == 204


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"text"'])
def test_a_signed_body_that_is_no_message_is_refused(client: httpx.Client, body: bytes) -> None:
    assert client.post(HOOK, content=body, headers=older_form(body)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b'{"event_type": "video_translate.success", "event_data": {"id": "t1"}}',
        b'{"event_type": "avatar_video.success"}',
        b'{"event_data": {"video_id": 5}}',
        b'{"event_data": {"video_id": ""}}',
        b'{"event_data": {"video_id": "' + b"v" * 10_000 + b'"}}',
    ],
)
def test_a_message_about_no_video_is_taken_and_forgotten(client: httpx.Client, file: Path, body: bytes) -> None:
    assert client.post(HOOK, content=body, headers=older_form(body)).status_code == 204
    assert arrivals(file) == []


# --- callbacks --------------------------------------------------------------------------------------------------


def test_a_callback_is_known_by_the_secret_in_its_path(client: httpx.Client, file: Path) -> None:
    assert client.post(f"/callbacks/{PATH_SECRET}", content=message()).status_code == 204
    assert arrivals(file) == [("avatar_video.success v1", "v1")]


@pytest.mark.parametrize("secret", ["", "x", PATH_SECRET[:-1], f"{PATH_SECRET}x", "%C3%A9", "..%2Fx"])
def test_an_address_with_another_secret_does_not_exist(client: httpx.Client, file: Path, secret: str) -> None:
    assert client.post(f"/callbacks/{secret}", content=message()).status_code == 404
    assert arrivals(file) == []


# --- what is not for us -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/webhooks", "/webhooks/heygen/more", "/favicon.ico", "/callbacks", "/docs"])
def test_other_paths_do_not_exist(client: httpx.Client, path: str) -> None:
    body = message()
    assert client.post(path, content=body, headers=older_form(body)).status_code == 404
    assert client.get(path).status_code in (404, 405)


def test_only_post_is_answered(client: httpx.Client) -> None:
    assert client.get(HOOK).status_code == 405
    assert client.put(HOOK, content=b"x").status_code == 405


def test_the_path_of_the_public_address_may_arrive_or_not(file: Path) -> None:
    body = message()
    with receiving(file, public_url="https://example.com/hooks/batch") as client:
        for path in (HOOK, f"/hooks/batch{HOOK}"):
            assert client.post(path, content=body, headers=older_form(body)).status_code == 204
        assert client.post(f"/hooks{HOOK}", content=body, headers=older_form(body)).status_code == 404


# --- large, slow, many ------------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(client: httpx.Client) -> None:
    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    with socket.create_connection((host, port), timeout=20) as connection:
        head = f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_read_no_further_than_the_limit(client: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b"x" * 65_536

    with contextlib.suppress(httpx.WriteError):  # it hung up while more was on its way
        assert client.post(HOOK, content=endless()).status_code == 413
    assert sent < 200 * LARGEST_BODY


def test_a_large_body_that_fits_is_taken(client: httpx.Client) -> None:
    body = message()[:-1] + b', "more": "' + b"x" * (LARGEST_BODY - 1_000) + b'"}'
    assert client.post(HOOK, content=body, headers=older_form(body)).status_code == 204


def test_a_body_that_dribbles_is_given_up_within_ten_seconds(client: httpx.Client) -> None:
    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    began = time.monotonic()
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < 10


def test_a_burst_is_taken_whole_while_the_ledger_is_written_by_others(client: httpx.Client, file: Path) -> None:
    bodies = [message(f"v{number}") for number in range(300)]

    def post(body: bytes) -> int:
        return client.post(HOOK, content=body, headers=older_form(body)).status_code

    with ThreadPoolExecutor(20) as many:
        assert set(many.map(post, bodies)) == {204}
    assert len(arrivals(file)) == 300


def test_a_locked_ledger_is_answered_in_time_and_the_message_may_come_again(file: Path) -> None:
    body = message()
    with receiving(file) as client:
        holder = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert client.post(HOOK, content=body, headers=older_form(body)).status_code == 503
        assert time.monotonic() - began < 10
        holder.execute("ROLLBACK")
        holder.close()
        assert client.post(HOOK, content=body, headers=older_form(body)).status_code == 204
    assert len(arrivals(file)) == 1


# --- the port ---------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_told_in_a_sentence() -> None:
    with open_port("127.0.0.1", 0) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {number} of 127.0.0.1 cannot be had"):
            open_port("127.0.0.1", number)


def test_a_host_that_does_not_exist_is_told_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="Nobody can listen at"):
        open_port("no such host", 0)


def test_the_receiver_leaves_no_thread_behind(file: Path) -> None:
    before = threading.active_count()
    with receiving(file):
        assert threading.active_count() > before
    assert threading.active_count() == before
