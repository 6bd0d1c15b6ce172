"""One opened simulator: its state, its application, its port, and the server thread."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sqlite3
import threading
import time
from asyncio import BaseTransport
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from batchgen.simulator.app import SimulatorApp
from batchgen.simulator.clock import Anchor, ProviderClock
from batchgen.simulator.faults import FaultRules, parse_faults, read_faults
from batchgen.simulator.provider import Provider
from batchgen.simulator.settings import Account, RenderMode
from batchgen.simulator.shelf import Shelf
from batchgen.simulator.store import Store

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as HttpProtocol
else:
    HttpProtocol = AutoHTTPProtocol  # httptools where it is installed, h11 elsewhere

LOOPBACK = "127.0.0.1"
BACKLOG = 1024
STOP_TIMEOUT_S = 1  # for answers under way; held ones are let go first
KEEP_ALIVE_S = 120
SIGNAL_CHECK_S = 0.2


class _Protocol(HttpProtocol):
    """HTTP/1.1 whose requests can reach the connection they came on: faults cut it."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self.app_state = {**self.app_state, "connection": transport}


class _Server(uvicorn.Server):
    """uvicorn that stops at once when told, and leaves signals to others."""

    def __init__(self, config: uvicorn.Config, app: SimulatorApp, started: threading.Event) -> None:
        super().__init__(config)
        self._app = app
        self._started_event = started
        self._stopping = asyncio.Event()
        self._asked_to_stop = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        courier = asyncio.create_task(self._app.courier.work())
        self._started_event.set()
        while not self._asked_to_stop:
            # A signal that arrives just before the loop goes to sleep is only noticed when it wakes up.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), SIGNAL_CHECK_S)
        courier.cancel()
        self._app.release_held()
        await asyncio.wait([courier])
        if not courier.cancelled():
            courier.result()  # what broke it is no secret

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's own, without its fixed waits: answers under way get a moment, then connections are cut."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=STOP_TIMEOUT_S)

    def ask_to_stop(self) -> None:
        """Stop soon; from any thread, or from a signal handler."""
        self._asked_to_stop = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)


class OpenSimulator:
    """Everything that one running simulator owns. ``close`` it after serving."""

    def __init__(
        self, *, state: Path, clock_speed: float, faults: Path | None, render: RenderMode, port: int, account: Account
    ) -> None:
        rules = None if faults is None else read_faults(faults)
        self.socket = _listen(port)
        try:
            self._store = Store(state)
        except (OSError, sqlite3.Error):
            self.socket.close()
            raise
        self.token = self._store.secret("token")
        _write_token(state / "token", self.token)
        if rules is None:
            rules = parse_faults(orjson.loads(self._store.setting("faults") or "{}"))
        clock = _clock(self._store, clock_speed)
        provider = Provider(self._store, clock, account, FaultRules(rules, self._store))
        self._shelf = Shelf(state / "files", render, self._store.recordings_in)
        self._app = SimulatorApp(provider, self._shelf.file_of, self.token)
        self._started = threading.Event()
        self._server = _Server(self._config(), self._app, self._started)
        self._thread = threading.Thread(target=self._serve, name="simulator", daemon=True)

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            backlog=BACKLOG,
        )

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://{LOOPBACK}:{self.socket.getsockname()[1]}"

    def _serve(self) -> None:
        self._server.run(sockets=[self.socket])

    def serve_in_thread(self) -> None:
        """Return when the server answers."""
        self._thread.start()
        self._started.wait()

    def serve_here(self, ready: Callable[[], None]) -> None:
        """Serve in the main thread until SIGINT or SIGTERM."""
        threading.Thread(target=self._announce, args=(ready,), daemon=True).start()
        with _stopping_at_signals(self._server.ask_to_stop):
            self._serve()

    def _announce(self, ready: Callable[[], None]) -> None:
        self._started.wait()
        ready()

    def stop(self) -> None:
        """Stop the server thread and close the state."""
        self._server.ask_to_stop()
        self._thread.join()
        self.close()

    def close(self) -> None:
        """Close the port, the renderer and the state."""
        self.socket.close()
        self._shelf.close()
        self._store.close()


@contextmanager
def _stopping_at_signals(stop: Callable[[], None]) -> Iterator[None]:
    caught = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop()) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle off only where the protocol is named; with it every answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError:
        listening.close()
        raise
    listening.listen(BACKLOG)
    return listening


def _write_token(path: Path, token: str) -> None:
    path.touch(mode=0o600)
    path.write_text(token, encoding="ascii")


def _clock(store: Store, speed: float) -> ProviderClock:
    """The clock of the state folder, gone on while nobody looked; a new one starts at our time."""
    wall_s = time.time()
    stored = store.anchor()
    provider_s = wall_s if stored is None else stored.provider_time(wall_s)
    anchor = Anchor(wall_s=wall_s, provider_s=provider_s, speed=speed)
    store.set_anchor(anchor)
    return ProviderClock(anchor, time.time)
