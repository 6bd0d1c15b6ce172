"""A web server that receives webhooks, answers as it is told, and remembers everything."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import orjson

PATIENCE_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One delivery as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads(self.body)
        return message

    @property
    def video_id(self) -> str:
        return str(self.message["event_data"]["video_id"])


@dataclass
class Mailbox:
    """Enter it to open it. ``answers`` are the statuses of the first deliveries; then it answers 200."""

    answers: list[int] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def wait_for(self, count: int) -> list[Letter]:
        """So many letters, or a failure when they do not come in time."""
        until = time.monotonic() + PATIENCE_S
        with self._arrived:
            while len(self.letters) < count:
                left = until - time.monotonic()
                assert left > 0, f"{len(self.letters)} of {count} letters came"
                self._arrived.wait(left)
        return self.letters[:count]

    def __enter__(self) -> Self:
        self._arrived = threading.Condition()
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with mailbox._arrived:
                    self.send_response(mailbox.answers.pop(0) if mailbox.answers else 200)
                    mailbox.letters.append(Letter(path=self.path, headers=headers, body=body))
                    mailbox._arrived.notify_all()
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
