"""The simulator as users of this package hold it: start, stop, ask for the log, script faults."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from batchgen.simulator.settings import Account, RenderMode

if TYPE_CHECKING:
    from batchgen.simulator.serving import OpenSimulator

CONTROL_TIMEOUT_S = 30.0


class Simulator:
    """The simulated provider on a loopback port.

    ``state``: folder that holds all it remembers; started on it again, it goes on where it was.
    ``clock_speed``: provider seconds in one second of ours.
    ``faults``: a fault file (see ``batchgen.simulator.faults``); without one, the rules put in last still hold.
    ``render``: a storyboard of each video, or one tiny clip for all.
    ``port``: 0 takes a free one.

    Use it as a context manager, or ``start()`` and ``stop()``. Only one simulator may use a state folder at a time.
    """

    def __init__(
        self,
        *,
        state: Path,
        clock_speed: float = 1.0,
        faults: Path | None = None,
        render: RenderMode = "storyboard",
        port: int = 0,
        account: Account | None = None,
    ) -> None:
        if clock_speed <= 0:
            raise ValueError("clock_speed must be greater than 0")
        self.state = state
        self._clock_speed = clock_speed
        self._faults = faults
        self._render: RenderMode = render
        self._port = port
        self._account = account or Account()
        self._opened: OpenSimulator | None = None

    # -- life ------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Serve in a background thread; the server answers when this returns.

        Raises ``OSError`` (the port is taken, the folder cannot be written), ``sqlite3.Error`` or ``FaultsInvalid``.
        """
        self._opened = self._open()
        self._opened.serve_in_thread()
        return self

    def stop(self) -> None:
        """Stop serving and close the state; held answers are let go. Stopping twice is fine."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.stop()

    def run_forever(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve in the main thread until SIGINT or SIGTERM; ``ready`` is called when the server answers.

        Raises as ``start`` does.
        """
        self._opened = self._open()
        try:
            self._opened.serve_here(ready)
        finally:
            self._opened.close()
            self._opened = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _open(self) -> OpenSimulator:
        from batchgen.simulator.serving import OpenSimulator  # the server's libraries load in 0.1 s

        return OpenSimulator(
            state=self.state,
            clock_speed=self._clock_speed,
            faults=self._faults,
            render=self._render,
            port=self._port,
            account=self._account,
        )

    # -- what a test or an operator asks -----------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Base URL, for example ``http://127.0.0.1:40123``."""
        return self._running.url

    @property
    def token(self) -> str:
        """What control endpoints want in ``X-Simulator-Token``; also in the file ``token`` of the state folder."""
        return self._running.token

    @property
    def _running(self) -> OpenSimulator:
        if self._opened is None:
            raise RuntimeError("The simulator is not running.")
        return self._opened

    def log(self) -> dict[str, Any]:
        """What arrived, from the beginning of the state folder on.

        ``creates``: every create call in order {seq, wall_time, provider_time, key, body_sha256, title, replayed,
        accepted, video_id, status, fault}; ``downloads``: {seq, wall_time, video_id, file, api_key_sent, range,
        status, fault}; ``uploads``: every call of an upload {seq, wall_time, kind, key, asset_id, sha256, size_bytes,
        replayed, api_key_sent, status}; ``routes``: calls by route; ``faults``: how often each rule fired;
        ``max_concurrent_renders``. ``status`` is None where the client got no answer.
        """
        log: dict[str, Any] = self._control("GET", "log")
        return log

    def set_faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the fault rules."""
        self._control("PUT", "faults", {"fault": list(rules)})

    def advance(self, seconds: float) -> None:
        """Jump ahead by provider seconds."""
        self._control("PUT", "clock", {"advance_s": seconds})

    def release(self) -> None:
        """Let go what is held until released."""
        self._control("PUT", "release", {})

    def register_client(self, pid: int | None) -> None:
        """Name the process that ``then = "kill_client"`` ends."""
        self._control("PUT", "client", {"pid": pid})

    def _control(self, method: str, endpoint: str, body: Any = None) -> Any:
        return control(self.url, self.token, method, endpoint, body)


def control(url: str, token: str, method: str, endpoint: str, body: Any = None) -> Any:
    """Call a control endpoint of a simulator, which may run in another process; the ``data`` of its answer.

    Raises ``urllib.error.HTTPError`` when it refuses.
    """
    request = urllib.request.Request(  # noqa: S310 - a loopback URL of ours
        f"{url}/simulator/{endpoint}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Simulator-Token": token},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=CONTROL_TIMEOUT_S) as answer:
        return json.load(answer)["data"]
