"""Time that runs faster, and wall clocks that jump, inside one child process.

``install`` must run before anything of batchgen is imported: defaults like ``clock=time.time`` are bound at import.
Waiting is shortened in the two places where it happens: ``time.sleep``, and an event loop's selector.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any, SupportsIndex

_real_wall: Callable[[], float] = time.time
_real_steady: Callable[[], float] = time.monotonic
_real_sleep: Callable[[float], None] = time.sleep


class MovedTime:
    """Seconds of this process: ``speed`` of them pass in one real second, counted from ``origin`` (unix seconds).

    Processes with the same origin and speed agree about what time it is. ``jump_s`` moves the wall clock alone, as
    an administrator or a time server would.
    """

    def __init__(self) -> None:
        self.speed = 1.0
        self.origin = 0.0
        self.jump_s = 0.0

    def wall(self) -> float:
        """In place of ``time.time``."""
        return self.origin + (_real_wall() - self.origin) * self.speed + self.jump_s

    def steady(self) -> float:
        """In place of ``time.monotonic``."""
        return _real_steady() * self.speed

    def sleep(self, seconds: float | SupportsIndex) -> None:
        """In place of ``time.sleep``."""
        _real_sleep(float(seconds) / self.speed)


MOVED = MovedTime()


def install() -> None:
    """Put this process on moved time, which is real time until ``hurry``."""
    time.time = MOVED.wall
    time.monotonic = MOVED.steady
    time.sleep = MOVED.sleep


def hurry(*, speed: float, origin: float, jump_s: float) -> None:
    """Let time run ``speed`` times as fast from now on."""
    MOVED.speed, MOVED.origin, MOVED.jump_s = speed, origin, jump_s
    asyncio.set_event_loop_policy(_HurriedLoops())


class _HurriedSelector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout / MOVED.speed if timeout is not None and timeout > 0 else timeout)


class _HurriedLoops(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(_HurriedSelector())
