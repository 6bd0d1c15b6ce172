"""The receiver as a server: a port on this machine, a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

import uvicorn

from batchgen.errors import UsageError
from batchgen.listen.addresses import prefixes
from batchgen.listen.app import Receiving
from batchgen.listen.inbox import Ear, Inbox
from batchgen.listen.secrets_in_use import SecretsInUse

BACKLOG = 2_048  # a burst of connections waits here
ANSWERS_UNDER_WAY_S = 5


class Receiver:
    """Takes the provider's messages at a port while inside, and closes the port.

    The ledgers of ``ears`` are used from this receiver's threads only. ``public_url`` is where it is called.
    """

    def __init__(
        self, port: socket.socket, ears: Sequence[Ear], secrets: SecretsInUse, public_url: str | None = None
    ) -> None:
        self._ears = ears
        self._secrets = secrets
        self._prefixes = prefixes(public_url)
        self._socket = port
        self._server: _Server | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="listen", daemon=True)

    @property
    def url(self) -> str:
        """Where it is reached on this machine."""
        return url_of(self._socket)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        self.check()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def check(self) -> None:
        """Raise what broke the server, if something did."""
        if self._failure is not None:
            raise self._failure

    def _serve(self) -> None:
        try:
            asyncio.run(self._receive())
        except BaseException as error:  # noqa: BLE001  # told to whoever waits in another thread
            self._failure = error
        finally:
            self._ready.set()

    async def _receive(self) -> None:
        inbox = Inbox(self._ears)
        app = Receiving(inbox, self._secrets).app(self._prefixes)
        self._server = _Server(_config(app), self._ready)
        writing = asyncio.create_task(inbox.work())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await inbox.close()


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to others and tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,  # addresses hold secrets
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=ANSWERS_UNDER_WAY_S,
    )


def url_of(port: socket.socket) -> str:
    """The address of an open port."""
    host, number = port.getsockname()[:2]
    return f"http://[{host}]:{number}" if ":" in host else f"http://{host}:{number}"


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket; ``port`` 0 takes a free one. Raises ``UsageError`` when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    except OSError as error:
        raise UsageError(f"Nobody can listen at {host}: {error.strerror}.") from error
    try:
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        why = error.strerror
        raise UsageError(f"Port {port} of {host} cannot be had: {why}. Name another one with --port.") from error
    return listening
