"""batchgen and the simulated provider as processes of their own, for tests that kill, interrupt and count.

Nothing here knows the insides of batchgen: it starts ``python -m batchgen`` as a person would, waits, signals, and
reads what a person can read. What really was created comes from the simulator's own log, never from our ledger.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from batchgen.simulator import control
from batchgen.simulator.store import Store

KEY = "sk_live_0123456789abcdef-secret"
"""What the tests use as an API key; it must never show up anywhere."""

NO_CONFIG = "/nowhere"
"""In place of the folder where people keep their own settings."""

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.03


def environment(**changes: str) -> dict[str, str]:
    """A clean environment: no key, address, ledger or settings of the person who runs the tests."""
    ours = ("HEYGEN_", "BATCHGEN_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    for name in ("FORCE_COLOR", "COLUMNS", "TERM"):
        kept.pop(name, None)
    return kept | {"PYTHONIOENCODING": "utf-8", "XDG_CONFIG_HOME": NO_CONFIG} | changes


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A process that ended: its exit code (negative: the signal that killed it) and every byte that it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout; fails when there is anything else."""
        facts: dict[str, Any] = json.loads(self.stdout)
        return facts


class Batchgen:
    """One running ``batchgen`` process. Left alone, it is killed at the end of the ``with`` block."""

    def __init__(self, *arguments: object, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - read while the process runs, closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-m", "batchgen", *map(str, arguments)],
            cwd=folder,
            env=environment(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout_s: float = PATIENCE_S) -> Ended:
        """Wait for its end."""
        stdout, _ = self._process.communicate(timeout=timeout_s)
        return Ended(code=self._process.returncode, stdout=stdout.decode(), stderr=self.said)

    @property
    def said(self) -> str:
        """What it printed on stderr so far."""
        return os.pread(self._stderr.fileno(), 1 << 24, 0).decode()

    def wait_until(self, happened: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
        """Wait for something that is observable outside; fails when the process ends before."""
        until = time.monotonic() + timeout_s
        while not happened():
            assert self.is_running, f"batchgen ended first: {self.wait()}"
            assert time.monotonic() < until, "it did not happen in time"
            time.sleep(LOOK_EVERY_S)

    def kill(self) -> Ended:
        """``kill -9``."""
        return self._signalled(signal.SIGKILL)

    def interrupt(self) -> None:
        """Ctrl-C, once."""
        self._process.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        """What cron, systemd and containers send."""
        self._process.send_signal(signal.SIGTERM)

    def _signalled(self, number: signal.Signals) -> Ended:
        self._process.send_signal(number)
        return self.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_running:
            self.kill()
        self._stderr.close()


def batchgen(
    *arguments: object, folder: Path, env: Mapping[str, str] | None = None, timeout_s: float = PATIENCE_S
) -> Ended:
    """Run ``batchgen`` with these arguments in ``folder`` to its end."""
    with Batchgen(*arguments, folder=folder, env=env) as process:
        return process.wait(timeout_s)


@dataclass(frozen=True, kw_only=True)
class ProviderLog:
    """What arrived at the simulated provider, in its own words (``GET /simulator/log``)."""

    facts: Mapping[str, Any]

    @property
    def sends(self) -> list[Mapping[str, Any]]:
        """Every create call that arrived."""
        calls: list[Mapping[str, Any]] = self.facts["creates"]
        return calls

    @property
    def created(self) -> list[Mapping[str, Any]]:
        """The create calls that cost money: accepted, and no replay of an earlier answer."""
        return [call for call in self.sends if call["accepted"] and not call["replayed"]]

    @property
    def replays(self) -> list[Mapping[str, Any]]:
        """Create calls that were answered with an earlier answer; they cost nothing."""
        return [call for call in self.sends if call["replayed"]]

    @property
    def downloads(self) -> list[Mapping[str, Any]]:
        """Every request for a file."""
        calls: list[Mapping[str, Any]] = self.facts["downloads"]
        return calls

    @property
    def titles(self) -> Counter[str]:
        """Paid creates by title, without the marker that batchgen appends."""
        return Counter(without_marker(call["title"] or "") for call in self.created)

    @property
    def routes(self) -> Mapping[str, int]:
        """How often each route was called."""
        calls: Mapping[str, int] = self.facts["routes"]
        return calls


def without_marker(title: str) -> str:
    """``Welcome Anna [b7f3]`` → ``Welcome Anna``."""
    text, bracket, _ = title.rpartition(" [")
    return text if bracket else title


def log_of(state: Path) -> ProviderLog:
    """The log in a simulator's state folder, once its process is gone (``run --simulate``)."""
    store = Store(state)
    try:
        return ProviderLog(facts=store.log())
    finally:
        store.close()


class ProviderProcess:
    """``python -m batchgen.simulator`` as a process of its own, which outlives any killed ``batchgen``."""

    def __init__(
        self,
        state: Path,
        *,
        clock_speed: float = 200.0,
        render: str = "static",
        options: Sequence[object] = (),
    ) -> None:
        state.mkdir(parents=True, exist_ok=True)
        arguments = ["--state", state, "--clock-speed", clock_speed, "--render", render, *options]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "batchgen.simulator", *map(str, arguments)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        self.url: str = said["url"]
        self._token: str = said["token"]

    @property
    def env(self) -> dict[str, str]:
        """What makes ``batchgen`` talk to this provider."""
        return {"HEYGEN_API_BASE": self.url, "HEYGEN_API_KEY": KEY}

    @property
    def log(self) -> ProviderLog:
        return ProviderLog(facts=self._control("GET", "log"))

    def set_faults(self, *rules: Mapping[str, Any]) -> None:
        """Replace the fault rules (see ``batchgen.simulator.faults``)."""
        self._control("PUT", "faults", {"fault": list(rules)})

    def advance(self, seconds: float) -> None:
        """Jump ahead by provider seconds."""
        self._control("PUT", "clock", {"advance_s": seconds})

    def run_at(self, clock_speed: float) -> None:
        """Change how many provider seconds pass in one of ours."""
        self._control("PUT", "clock", {"speed": clock_speed})

    def release(self) -> None:
        """Let go what is held until released."""
        self._control("PUT", "release", {})

    def will_kill(self, client: Batchgen) -> None:
        """Name the process that a fault with ``then = "kill_client"`` kills."""
        self._control("PUT", "client", {"pid": client.pid})

    def _control(self, method: str, endpoint: str, body: Any = None) -> Any:
        return control(self.url, self._token, method, endpoint, body)

    def stop(self) -> None:
        """End it; its state folder keeps everything."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
