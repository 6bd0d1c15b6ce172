"""Ctrl-C and SIGTERM: once drains, twice stops now."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from batchgen.cli.output import Output
from batchgen.runner import Stop, StopLevel


@contextmanager
def drain_on_signals(stop: Stop, output: Output) -> Iterator[None]:
    """While inside, a signal asks the run to stop instead of breaking into it. Call it on the event loop."""
    loop = asyncio.get_running_loop()

    def asked(number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(_ask, stop, output, signal.Signals(number))

    before: dict[int, Any] = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ask(stop: Stop, output: Output, number: signal.Signals) -> None:
    name = "Ctrl-C" if number is signal.SIGINT else "SIGTERM"
    if stop.level is StopLevel.NO:
        output.say(f"{name}: no new videos are begun; waiting for answers under way. Once more stops now.")
        stop.ask(StopLevel.DRAIN, name)
    else:
        stop.ask(StopLevel.NOW, name)


LOOK_EVERY_S = 1.0


def until_signalled(check: Callable[[], None]) -> None:
    """Wait for Ctrl-C or SIGTERM; ``check`` is called now and then, and what it raises ends the waiting."""
    asked = threading.Event()
    caught = (signal.SIGINT, signal.SIGTERM)
    before: dict[int, Any] = {number: signal.signal(number, lambda *_: asked.set()) for number in caught}
    try:
        while not asked.wait(LOOK_EVERY_S):
            check()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
