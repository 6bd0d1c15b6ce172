"""Links asked for as the provider would: what is broken, what is doubtful, and nothing inside of a private network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from batchgen.video_api import LinkState, LinkTrouble, check_links
from batchgen.video_api.links import is_private


class _Host(BaseHTTPRequestHandler):
    """``/404`` answers 404; ``/head`` knows no HEAD; ``/to/...`` leads on, ``/circle`` to itself."""

    asked: list[tuple[str, str]]
    headers_seen: list[str]

    def _answer(self) -> None:
        self.asked.append((self.command, self.path))
        self.headers_seen.extend(self.headers.keys())
        place = self.path.strip("/")
        if place == "head" and self.command == "HEAD":
            self.send_response(405)
        elif place == "circle":
            self.send_response(302)
            self.send_header("Location", "/circle")
        elif place.startswith("to/"):
            self.send_response(301)
            self.send_header("Location", place.removeprefix("to/"))
        else:
            self.send_response(int(place) if place.isdecimal() else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing is printed."""


@pytest.fixture
def host() -> Iterator[str]:
    _Host.asked, _Host.headers_seen = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Host)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def looked(*links: str, private_allowed: bool = True) -> dict[str, LinkTrouble]:
    return asyncio.run(check_links(links, private_allowed=private_allowed))


@pytest.mark.parametrize("place", ["ok", "head", "to//ok", "416"])
def test_a_link_that_can_be_fetched_is_fine(host: str, place: str) -> None:
    assert looked(f"{host}/{place}") == {}


@pytest.mark.parametrize(
    ("place", "state", "reason"),
    [
        ("404", LinkState.BROKEN, "leads to nothing (HTTP 404)"),
        ("410", LinkState.BROKEN, "leads to nothing (HTTP 410)"),
        ("403", LinkState.DOUBTFUL, "is not public (HTTP 403)"),
        ("503", LinkState.DOUBTFUL, "could not be fetched (HTTP 503)"),
        ("circle", LinkState.DOUBTFUL, "redirects without end"),
        ("to/ftp://example.com/a", LinkState.DOUBTFUL, "no web address"),
    ],
)
def test_what_is_wrong_with_a_link_is_told(host: str, place: str, state: LinkState, reason: str) -> None:
    (trouble,) = looked(f"{host}/{place}").values()
    assert trouble.state is state
    assert reason in trouble.reason


def test_a_host_that_nobody_answers_at_is_doubtful() -> None:
    (trouble,) = looked("http://127.0.0.1:9/a.jpg").values()
    assert trouble.state is LinkState.DOUBTFUL


def test_each_link_is_asked_for_once_and_without_a_key(host: str) -> None:
    looked(*[f"{host}/ok"] * 50, f"{host}/other")
    assert sorted(_Host.asked) == [("HEAD", "/ok"), ("HEAD", "/other")]
    assert "X-Api-Key" not in _Host.headers_seen


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_nothing_on_this_computer_is_asked(host: str, name: str) -> None:
    link = host.replace("127.0.0.1", name) + "/ok"
    assert looked(link, private_allowed=False).keys() == {link}
    assert _Host.asked == []


def test_a_private_address_is_told_as_what_it_is(host: str) -> None:
    (trouble,) = looked(f"{host}/ok", private_allowed=False).values()
    assert trouble == LinkTrouble(
        state=LinkState.BROKEN, reason="cannot be reached by the provider: 127.0.0.1 is not of the public internet"
    )
    (named,) = looked(host.replace("127.0.0.1", "localhost"), private_allowed=False).values()
    assert named.state is LinkState.BROKEN


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",
                "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_internet(address: str) -> None:
    assert not is_private(address)
