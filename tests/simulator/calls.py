"""Requests that the simulator's tests make again and again, and the simulator as a process that can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, Self

import httpx

from batchgen.simulator import Simulator, control

AVATAR: dict[str, Any] = {
    "type": "avatar",
    "avatar_id": "Anna_public",
    "title": "Welcome Anna",
    "script": "Hi Anna, how are you today?",
}
LONG_ENOUGH_S = 600.0  # every short video is finished after so many provider seconds


def client_of(url: str) -> httpx.Client:
    """A client with an API key, untouched by proxies."""
    return httpx.Client(base_url=url, headers={"X-Api-Key": "any"}, trust_env=False, timeout=30)


def create(api: httpx.Client, *, key: str | None = None, **fields: Any) -> httpx.Response:
    """Ask for a short avatar video."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return api.post("/v3/videos", json=AVATAR | fields, headers=headers)


def created_id(api: httpx.Client, **fields: Any) -> str:
    """The id of a video that was accepted."""
    answer = create(api, **fields)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["video_id"])


def read(api: httpx.Client, video_id: str) -> dict[str, Any]:
    """GET of one video."""
    answer = api.get(f"/v3/videos/{video_id}")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def finished(simulator: Simulator, api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """A video as it reads when it has ended."""
    video_id = created_id(api, **fields)
    simulator.advance(LONG_ENOUGH_S)
    return read(api, video_id)


def bulk_statuses(api: httpx.Client, *video_ids: str) -> dict[str, str]:
    """The words of GET /v3/videos/statuses."""
    answer = api.get("/v3/videos/statuses", params={"video_ids": ",".join(video_ids)})
    assert answer.status_code == 200, answer.text
    return {item["video_id"]: item["status"] for item in answer.json()["data"]}


def download(url: str, **headers: str) -> httpx.Response:
    """A file, asked for as a file host is: without the API key."""
    return httpx.get(url, headers=headers, trust_env=False, timeout=30)


def error_code(answer: httpx.Response) -> str:
    """The code of a refusal."""
    return str(answer.json()["error"]["code"])


class SimulatorProcess:
    """``python -m batchgen.simulator``."""

    def __init__(self, state: Path, *options: str, stderr: IO[str] | None = None) -> None:
        command = [sys.executable, "-m", "batchgen.simulator", "--state", str(state), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self.url: str = ready["url"]
        self.token: str = ready["token"]

    def log(self) -> dict[str, Any]:
        """What arrived."""
        log: dict[str, Any] = control(self.url, self.token, "GET", "log")
        return log

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()
