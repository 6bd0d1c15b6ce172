"""Children by fork from one process that has imported everything: a real process, ready within milliseconds."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.process
import os
import queue
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil

from batchgen.simulator.server import control
from tests.crash.child import Command, ProviderAt, ProviderSettings, be_batchgen, be_providers

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.002

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no threads in the process that is forked from
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.crash.preloaded"])


_starting = threading.Lock()


def _start(process: ForkServerProcess) -> None:
    """Start a child that only its owner asks for its end.

    Every start polls all children that ``multiprocessing`` knows; two threads that read one child's exit code at the
    same time get 255 for it.
    """
    with _starting:
        process.start()
        if not process.daemon:
            multiprocessing.process._children.discard(process)  # type: ignore[attr-defined]


class StillRunning(AssertionError):
    """A child did not end in time."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a batchgen child ended. ``code`` is negative when a signal killed it."""

    command: Command
    code: int
    stdout: str
    stderr: str
    trace: tuple[str, ...]

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class BatchgenChild:
    """A batchgen command that is running in a child process."""

    def __init__(self, command: Command) -> None:
        command.out.mkdir(parents=True, exist_ok=True)
        self._command = command
        self._process: ForkServerProcess = _forks.Process(target=be_batchgen, args=(command,))
        _start(self._process)

    def wait(self, timeout_s: float = PATIENCE_S) -> Ended:
        """Its end. Raises ``StillRunning``, and kills it, when that takes too long."""
        self._process.join(timeout_s)
        code = self._process.exitcode
        if code is None:
            self.kill()
            self._process.join()
            raise StillRunning(f"batchgen {' '.join(self._command.arguments)} in {self._command.folder}")
        self._process.close()
        return self._ended(code)

    def wait_for_points(self, count: int) -> None:
        """Wait until it has passed so many points, or ended."""
        while self._process.is_alive() and len(self.trace) < count:
            time.sleep(LOOK_EVERY_S)

    def wait_for_stop(self) -> None:
        """Wait until it sleeps (an act stopped it), or ended."""
        while self._process.is_alive() and psutil.Process(self._process.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(LOOK_EVERY_S)

    def kill(self) -> None:
        """``kill -9``."""
        self._process.kill()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        pid = self._process.pid
        with contextlib.suppress(ProcessLookupError):
            if pid is not None and self._process.is_alive():
                os.kill(pid, number)

    def _ended(self, code: int) -> Ended:
        out = self._command.out
        return Ended(
            command=self._command,
            code=code,
            stdout=_text(out / "stdout"),
            stderr=_text(out / "stderr"),
            trace=self.trace,
        )

    @property
    def trace(self) -> tuple[str, ...]:
        """The points that it has passed so far, and what befell it there."""
        return tuple(_text(self._command.out / "trace").splitlines())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


class _Host:
    """A child process that is one provider after the other: starting a process takes longer than a simulator."""

    def __init__(self) -> None:
        self._orders, theirs = _forks.Pipe()
        self._process: ForkServerProcess = _forks.Process(target=be_providers, args=(theirs,), daemon=True)
        _start(self._process)
        theirs.close()

    def order(self, settings: ProviderSettings | None) -> ProviderAt | None:
        self._orders.send(settings)
        if not self._orders.poll(PATIENCE_S):
            raise StillRunning("the simulated provider does not answer")
        at: ProviderAt | None = self._orders.recv()
        return at

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._orders.close()


_idle_hosts: queue.LifoQueue[_Host] = queue.LifoQueue()


class ProviderChild:
    """The simulated provider in another process. ``stop`` or ``crash`` it; its state folder keeps everything."""

    def __init__(self, settings: ProviderSettings) -> None:
        try:
            self._host = _idle_hosts.get_nowait()
        except queue.Empty:
            self._host = _Host()
        at = self._host.order(settings)
        assert at is not None
        self.url, self.token = at.url, at.token

    def control(self, method: str, endpoint: str, body: object = None) -> object:
        """A control endpoint of the simulator."""
        return control(self.url, self.token, method, endpoint, body)

    def stop(self) -> None:
        """End it in good order."""
        self._host.order(None)
        _idle_hosts.put(self._host)

    def crash(self) -> None:
        """End it with ``kill -9``."""
        self._host.kill()
