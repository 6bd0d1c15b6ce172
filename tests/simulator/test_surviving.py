"""What is left after kill -9: of the simulator itself, and of the client that it kills."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from batchgen.simulator import control
from tests.simulator.calls import SimulatorProcess, client_of, create, created_id, download, read

OPTIONS = ("--clock-speed", "1e-6", "--render", "static", "--concurrency", "1000")


class TestAKilledSimulator:
    def test_it_replays_what_it_had_answered(self, tmp_path: Path) -> None:
        with SimulatorProcess(tmp_path, *OPTIONS) as before, client_of(before.url) as api:
            answers = [create(api, key=f"k{number}").content for number in range(20)]
            before.kill()
        with SimulatorProcess(tmp_path, *OPTIONS) as after, client_of(after.url) as api:
            assert [create(api, key=f"k{number}", script="other").content for number in range(20)] == answers
            assert sum(call["accepted"] for call in after.log()["creates"]) == 20
            assert sum(call["replayed"] for call in after.log()["creates"]) == 20

    def test_its_videos_links_and_money_are_as_they_were(self, tmp_path: Path) -> None:
        with SimulatorProcess(tmp_path, *OPTIONS) as before, client_of(before.url) as api:
            video_id = created_id(api)
            control(before.url, before.token, "PUT", "clock", {"advance_s": 600})
            video, account = read(api, video_id), api.get("/v3/users/me").json()
            port = before.url.rpartition(":")[2]
            before.kill()
        with SimulatorProcess(tmp_path, *OPTIONS, "--port", port) as after, client_of(after.url) as api:
            again = read(api, video_id)
            assert (again["status"], again["duration"]) == (video["status"], video["duration"])
            assert download(video["video_url"]).status_code == 200
            assert api.get("/v3/users/me").json() == account

    def test_a_slot_that_was_taken_stays_taken(self, tmp_path: Path) -> None:
        options = (*OPTIONS[:-1], "1")
        with SimulatorProcess(tmp_path, *options) as before, client_of(before.url) as api:
            assert create(api).status_code == 200
            before.kill()
        with SimulatorProcess(tmp_path, *options) as after, client_of(after.url) as api:
            assert create(api).status_code == 429

    def test_sigterm_ends_it_in_order(self, tmp_path: Path) -> None:
        with SimulatorProcess(tmp_path, *OPTIONS) as simulator:
            simulator.process.send_signal(signal.SIGTERM)
            assert simulator.process.wait(10) == 0


class TestAClientThatGoesAwayInTheMiddleOfARequest:
    @pytest.mark.parametrize("path", ["/v3/assets", "/v3/videos", "/v3/assets/direct-uploads"])
    def test_nothing_is_said_about_it(self, path: str, tmp_path: Path) -> None:
        self.goes_away(tmp_path, lambda _: ("POST", path, {"X-Api-Key": "any"}), counted_as=f"POST {path}")

    def test_nothing_is_said_about_it_when_it_put_a_large_file(self, tmp_path: Path) -> None:
        def put(api: httpx.Client) -> Request:
            asked = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": SIZE}
            session = api.post("/v3/assets/direct-uploads", json=asked).json()["data"]
            return "PUT", session["upload_url"].removeprefix(str(api.base_url).rstrip("/")), session["upload_headers"]

        self.goes_away(tmp_path, put, counted_as="PUT /uploads/{asset_id}")

    def goes_away(self, folder: Path, request: Callable[[httpx.Client], Request], *, counted_as: str) -> None:
        """Send half of a request, go away, and look at what the simulator says."""
        with (folder / "stderr").open("w+", encoding="utf-8") as said:
            with SimulatorProcess(folder / "state", *OPTIONS, stderr=said) as simulator:
                with client_of(simulator.url) as api:
                    send_half(simulator.url, *request(api))
                while counted_as not in simulator.log()["routes"]:
                    pass
                simulator.process.send_signal(signal.SIGTERM)
                simulator.process.wait(10)
            assert (folder / "stderr").read_text(encoding="utf-8") == ""


Request = tuple[str, str, Mapping[str, str]]
"""Method, path, headers."""
SIZE = 1_000_000


def send_half(url: str, method: str, path: str, headers: Mapping[str, str]) -> None:
    """The head of a request that promises so many bytes, and some of them; then the connection is closed."""
    host, _, port = url.removeprefix("http://").partition(":")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {SIZE}"]
    head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""])
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b"x" * 1_000)


CLIENT = """
import sys, urllib.request
url, key = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
body = b'{"type": "avatar", "avatar_id": "a", "script": "Hello there"}'
headers = {"X-Api-Key": "any", "Idempotency-Key": key, "Content-Type": "application/json"}
request = urllib.request.Request(url, body if "/v3/" in url else None, headers if "/v3/" in url else {})
print(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read(), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path / "state", *OPTIONS) as simulator:
        yield simulator


def killed(simulator: SimulatorProcess, url: str, rule: dict[str, Any]) -> str:
    """What a client printed until the simulator killed it."""
    command = [sys.executable, "-c", CLIENT, url, "the-key"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdin is not None
        assert client.stdout.readline() == "ready\n"
        control(simulator.url, simulator.token, "PUT", "client", {"pid": client.pid})
        control(simulator.url, simulator.token, "PUT", "faults", {"fault": [rule | {"then": "kill_client"}]})
        client.stdin.write("go\n")
        client.stdin.flush()
        assert client.wait(20) == -signal.SIGKILL
        return client.stdout.read()


class TestAKilledClient:
    @pytest.mark.parametrize("action", ["drop", "server_error", "delay"])
    def test_it_dies_before_its_create_is_accepted(self, running: SimulatorProcess, action: str) -> None:
        rule = {"on": "create", "action": action, "nth": 1} | ({"seconds": 0} if action == "delay" else {})
        assert killed(running, f"{running.url}/v3/videos", rule) == ""
        assert [call["accepted"] for call in running.log()["creates"]] == [False]

    @pytest.mark.parametrize("action", ["accept_then_drop", "accept_then_hold", "headers_then_drop"])
    def test_it_dies_after_its_create_is_accepted_and_before_it_knows(
        self, running: SimulatorProcess, action: str
    ) -> None:
        assert killed(running, f"{running.url}/v3/videos", {"on": "create", "action": action, "nth": 1}) == ""
        with client_of(running.url) as api:
            assert create(api, key="the-key").status_code == 200
        calls = running.log()["creates"]
        assert [(call["accepted"], call["replayed"]) for call in calls] == [(True, False), (False, True)]

    def test_it_dies_after_it_has_the_whole_answer(self, running: SimulatorProcess) -> None:
        rule = {"on": "create", "action": "answer", "nth": 1, "seconds": 3e-7}  # 0.3 s of ours on the slow clock
        assert "video_id" in killed(running, f"{running.url}/v3/videos", rule)

    def test_it_dies_in_the_middle_of_a_file(self, running: SimulatorProcess) -> None:
        with client_of(running.url) as api:
            video_id = created_id(api)
            control(running.url, running.token, "PUT", "clock", {"advance_s": 600})
            url = read(api, video_id)["video_url"]
        assert killed(running, url, {"on": "download", "action": "truncate", "nth": 1}) == ""

    def test_only_a_registered_process_is_killed_and_only_once(self, running: SimulatorProcess) -> None:
        rule = {"on": "create", "action": "drop", "nth": 1}
        killed(running, f"{running.url}/v3/videos", rule)
        with client_of(running.url) as api, pytest.raises(httpx.TransportError):
            rules = {"fault": [rule | {"then": "kill_client", "name": "again"}]}
            control(running.url, running.token, "PUT", "faults", rules)
            create(api)  # this very process lives on
