"""How long a run takes: renders, as many at once as the account allows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

MINUTE_S = 60.0
LEAST_TO_LEARN_FROM = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderPace:
    """How long one render takes from its order to the finished file: usually between these. Seconds."""

    low_s: float
    high_s: float
    learnt_from: int = 0
    """Videos of this job that it was learnt from; 0: the provider's own words."""

    def time_for(self, videos: int, *, at_once: int) -> tuple[float, float]:
        """Seconds for so many videos, from and to."""
        rounds = math.ceil(videos / at_once)
        return rounds * self.low_s, rounds * self.high_s


# HeyGen's guide for coding agents (skill "heygen", video-status): "typically 5-15 min; up to 20+ min at peak load".
TYPICAL = RenderPace(low_s=5 * MINUTE_S, high_s=15 * MINUTE_S)


def learnt(waits_s: Sequence[float]) -> RenderPace | None:
    """The pace of the job's own videos; None while they are too few. The middle half counts: a video that was
    collected by a run of the next day tells nothing about its render."""
    if len(waits_s) < LEAST_TO_LEARN_FROM:
        return None
    low, _, high = quantiles(waits_s, n=4)
    return RenderPace(low_s=low, high_s=high, learnt_from=len(waits_s))
