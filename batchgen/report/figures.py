"""Lengths and sums of money as people read them; an estimate is an interval, from probably not below to at most."""

from __future__ import annotations

from typing import Protocol

from batchgen.price import MICRO


class Interval(Protocol):
    """An estimate of one video, or the sum of several. Seconds and micro-USD."""

    @property
    def seconds_low(self) -> float: ...
    @property
    def seconds_high(self) -> float: ...
    @property
    def microusd_low(self) -> int: ...
    @property
    def microusd_high(self) -> int: ...


def dollars(microusd: int) -> str:
    """``$1,234.50``"""
    return f"${microusd / MICRO:,.2f}"


def clock(seconds: float) -> str:
    """``9 s``, ``1:05 min``, ``2:03:04 h``"""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02} h"


def span(estimate: Interval | None) -> str:
    """The interval of a length: ``9–12 s``."""
    if estimate is None:
        return ""
    return spread(clock(estimate.seconds_low), clock(estimate.seconds_high))


def cost(estimate: Interval | None) -> str:
    """The interval of a cost: ``$0.44–0.61``."""
    if estimate is None:
        return "no known price"
    return spread(dollars(estimate.microusd_low), dollars(estimate.microusd_high))


def spread(low: str, high: str) -> str:
    """Two ends of an interval, with the unit once: ``9–12 s``."""
    if low == high:
        return low
    number, _, unit = low.partition(" ")
    if unit and high.endswith(f" {unit}"):
        return f"{number}–{high}"
    return f"{low}–{high.removeprefix('$')}" if low.startswith("$") else f"{low} – {high}"
