"""The provider's clock: unix seconds that may run faster than ours and go on while the simulator is down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

WallTime = Callable[[], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """At wall time ``wall_s`` the provider's clock showed ``provider_s`` and ran at ``speed``."""

    wall_s: float
    provider_s: float
    speed: float

    def provider_time(self, wall_s: float) -> float:
        """Provider time at a wall time; a wall clock that was set back does not turn it back."""
        return self.provider_s + max(0.0, wall_s - self.wall_s) * self.speed


class ProviderClock:
    """Reads the provider's time from an anchor; jumping or another speed makes a new anchor."""

    def __init__(self, anchor: Anchor, wall_time: WallTime) -> None:
        self.anchor = anchor
        self._wall_time = wall_time

    @property
    def speed(self) -> float:
        """Provider seconds in one second of ours."""
        return self.anchor.speed

    def now(self) -> float:
        """Provider time, unix seconds."""
        return self.anchor.provider_time(self._wall_time())

    def wall_seconds(self, provider_seconds: float) -> float:
        """How long a client waits for so many provider seconds."""
        return provider_seconds / self.anchor.speed

    def advance(self, seconds: float) -> Anchor:
        """Jump ahead by provider ``seconds``."""
        return self._move(self.now() + seconds, self.anchor.speed)

    def run_at(self, speed: float) -> Anchor:
        """Go on from now at another speed."""
        return self._move(self.now(), speed)

    def _move(self, provider_s: float, speed: float) -> Anchor:
        self.anchor = Anchor(wall_s=self._wall_time(), provider_s=provider_s, speed=speed)
        return self.anchor
