"""Carrying messages to the addresses that want them: signed, again and again until taken, with faults on the way."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from urllib.parse import urlsplit

from batchgen.simulator.clock import ProviderClock
from batchgen.simulator.faults import Fault
from batchgen.simulator.outbox import Delivery, Outbox, Target, contradiction, loopback_url, signature
from batchgen.simulator.provider import Provider
from batchgen.simulator.store import Video

ANSWER_WITHIN_S = 10.0  # of our time
LOOK_EVERY_S = 0.05
CALLS_AT_ONCE = 50
REORDERED_WITHIN_S = 60.0
OLD_FORM = "signature"
WRONG_SECRET = "nobody told me"  # noqa: S105


class Courier:
    """Looks for videos that ended, and delivers what there is to tell of them. Runs on the server's loop."""

    def __init__(self, provider: Provider, outbox: Outbox) -> None:
        self._provider = provider
        self._outbox = outbox
        self._clock: ProviderClock = provider.clock
        self._calls = asyncio.Semaphore(CALLS_AT_ONCE)

    async def work(self) -> None:
        """Until cancelled. Nobody is called while nobody wants to know."""
        while True:
            self._write_messages()
            due = self._outbox.due(self._clock.now())
            await asyncio.gather(*(self._deliver(delivery) for delivery in due))
            await asyncio.sleep(0 if due else LOOK_EVERY_S)

    # -- what is to be told ------------------------------------------------------------------------------------

    def _write_messages(self) -> None:
        now = self._clock.now()
        if not (ended := self._outbox.untold(now)):
            return
        with self._provider.store.transaction():
            for video in ended:
                for target in self._outbox.targets(video):
                    self._queue(video, target, now)
            self._outbox.told(now)

    def _queue(self, video: Video, target: Target, now: float) -> None:
        event_id, body = self._outbox.tell(video, now)
        fault = self._provider.rules.pick("webhook", title=video.title, scope=video.id)
        name = fault.name if fault else None
        if fault is not None and fault.action == "forge":
            self._outbox.send(event_id + "f", target, contradiction(video), now, forged=True, fault=name)
        for due_at in _times(fault, event_id, now):
            self._outbox.send(event_id, target, body, due_at, fault=name)

    # -- on the wire -------------------------------------------------------------------------------------------

    async def _deliver(self, delivery: Delivery) -> None:
        endpoint = None if delivery.endpoint_id is None else self._outbox.endpoint(delivery.endpoint_id)
        secret = WRONG_SECRET if delivery.forged else endpoint.secret if endpoint else None
        headers = {} if secret is None else self._signed(delivery, secret)
        status = None
        if loopback_url(delivery.url):
            async with self._calls:
                with contextlib.suppress(OSError, TimeoutError, ValueError, IndexError):
                    async with asyncio.timeout(ANSWER_WITHIN_S):
                        status = await _post(delivery.url, delivery.body, headers)
        self._outbox.delivered(delivery, status, self._clock.now())

    def _signed(self, delivery: Delivery, secret: str) -> dict[str, str]:
        """Both forms that the provider's pages show: each message has one, which one depends on its id."""
        signed = signature(delivery.body, secret)
        if _draw(delivery.event_id) < 0.5:
            return {OLD_FORM: signed}
        return {
            "Heygen-Signature": signed,
            "Heygen-Timestamp": str(int(time.time())),
            "Heygen-Event-Id": delivery.event_id,
        }


def _times(fault: Fault | None, event_id: str, now: float) -> list[float | None]:
    """When a message is delivered; None: never."""
    match fault.action if fault else "":
        case "lose":
            return [None]
        case "duplicate":
            return [now, now, now + (fault.seconds if fault and fault.seconds else 0.0)]
        case "delay":
            return [now + (fault.seconds if fault and fault.seconds is not None else REORDERED_WITHIN_S)]
        case "reorder":
            within_s = fault.seconds if fault and fault.seconds is not None else REORDERED_WITHIN_S
            return [now + within_s * _draw(event_id + "order")]
        case _:
            return [now]


def _draw(text: str) -> float:
    """A number in [0, 1) that belongs to the text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


async def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status that the address answers with. The simulator is no client of anybody else, so this is all it needs."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    try:
        lines = {"Host": parts.netloc, "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, "Connection": "close"}.items())
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        writer.write(f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await writer.drain()
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
