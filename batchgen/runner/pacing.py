"""How fast the run may go: renders at once, creates per second, and holding back when the provider says so."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from batchgen.job import Pacing

SLOWER = 0.7  # what a 429 leaves of the concurrency
# So many poll intervals, and so many times the last Retry-After, without a 429 before one more render is tried.
PROBE_AFTER_POLLS = 6
PROBE_AFTER_HOLDS = 10
FIRST_HOLD_S = 1.0
LONGEST_CREDIT_S = 1.0  # a rest earns no more than this much of the creates per second
LONGEST_HOLD_S = 60.0
POLL_GROWTH = 1.25
LONGEST_LOOK_S = 3600.0  # what waits longer is taken for something that was written under a wrong clock
WITHOUT_A_WORD = 3  # finished renders in a row that no message told of, after which messages are not relied on


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Waits that double, with jitter: between half and all of ``first × 2ⁿ``, at most ``longest`` seconds."""

    first: float
    longest: float

    def after(self, failures: int, rng: random.Random) -> float:
        """Seconds to wait after the n-th failure in a row (n from 1)."""
        whole = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return whole * rng.uniform(0.5, 1.0)


def next_look(pacing: Pacing, snoozes: int) -> float:
    """Seconds until the next look at a render that was looked at ``snoozes`` times: steady at first, then slower."""
    growth: float = POLL_GROWTH ** max(0, min(snoozes - 10, 40))
    return min(pacing.poll_slowest_s, pacing.poll_every_s * growth, LONGEST_LOOK_S)


class Messages:
    """Whether the provider's own messages may be relied on: while they come, looking is only the safety net.

    ``is_listened_to`` says that somebody listens. That is not enough: a tunnel may lead nowhere. So when several
    renders in a row were found finished without a word, looking goes on as usual until a message comes again.
    """

    def __init__(self) -> None:
        self.is_listened_to = False
        self._finished_without_a_word = 0

    @property
    def come(self) -> bool:
        """Whether looks may be rare."""
        return self.is_listened_to and self._finished_without_a_word < WITHOUT_A_WORD

    def came(self) -> None:
        """A message about one of the run's renders came."""
        self._finished_without_a_word = 0

    def missed(self) -> None:
        """A look found a render finished, and no message had said so."""
        self._finished_without_a_word += 1


class Throttle:
    """Finds the account's real concurrency by itself and keeps the whole run within it.

    ``clock`` gives monotonic seconds. A 429 lowers the limit once per hold, never below what is rendering; a quiet
    time raises it again, one render at a time, up to the job's ``concurrency``.
    """

    def __init__(self, pacing: Pacing, *, clock: Callable[[], float], rng: random.Random) -> None:
        self._pacing = pacing
        self._clock = clock
        self._rng = rng
        self._limit = float(pacing.concurrency)
        self._held_until = 0.0
        self._changed_at = clock()
        self._next_create = 0.0
        self._last_hold_s = 0.0
        self._failures = 0
        self._unreachable_since: float | None = None
        self._backoff = Backoff(first=FIRST_HOLD_S, longest=LONGEST_HOLD_S)

    @property
    def limit(self) -> int:
        """Renders that may be under way at once, as far as the run knows now."""
        return max(1, int(self._limit))

    def allowed(self, under_way: int, *, rows_per_create: int = 1) -> int:
        """How many rows may go out right now, so many at most in one create."""
        now = self._clock()
        if now < self._held_until:
            return 0
        self._probe(now)
        if now < self._next_create:
            return 0
        rested_s = min(LONGEST_CREDIT_S, now - self._next_create)
        creates = 1 + int(rested_s * self._pacing.requests_per_s)
        return max(0, min(self.limit - under_way, creates * rows_per_create))

    def began(self, creates: int) -> None:
        """So many creates went out: the next may follow at the job's requests per second."""
        now = self._clock()
        burst_from = max(self._next_create, now - LONGEST_CREDIT_S)
        self._next_create = burst_from + creates / self._pacing.requests_per_s

    def wait_s(self) -> float:
        """Seconds until a create may begin, as far as pacing goes (0: now)."""
        return max(0.0, max(self._held_until, self._next_create) - self._clock())

    def held_s(self) -> float:
        """Seconds for which the whole run is held back (0: it is not)."""
        return max(0.0, self._held_until - self._clock())

    def answered(self) -> None:
        """The provider answered: it can be reached."""
        self._failures = 0
        self._unreachable_since = None

    def slow_down(self, after_s: float | None, *, rendering: int) -> float:
        """The provider said 429. Returns the seconds that everything is held back."""
        self.answered()
        now = self._clock()
        if now >= self._held_until:
            self._limit = max(1.0, float(rendering), self._limit * SLOWER)
            self._changed_at = now
        self._last_hold_s = after_s or FIRST_HOLD_S
        return self._hold(after_s if after_s is not None else FIRST_HOLD_S * self._rng.uniform(1, 2))

    def unreachable(self) -> float:
        """No connection could be made. Returns the seconds that everything is held back, growing."""
        now = self._clock()
        if self._unreachable_since is None:
            self._unreachable_since = now
        if now >= self._held_until:
            self._failures += 1
        return self._hold(self._backoff.after(max(1, self._failures), self._rng))

    def unreachable_for(self) -> float:
        """Seconds for which no connection could be made (0: it can)."""
        return 0.0 if self._unreachable_since is None else self._clock() - self._unreachable_since

    def _hold(self, seconds: float) -> float:
        self._held_until = max(self._held_until, self._clock() + seconds)
        return seconds

    def _probe(self, now: float) -> None:
        quiet_s = max(PROBE_AFTER_POLLS * self._pacing.poll_every_s, PROBE_AFTER_HOLDS * self._last_hold_s)
        if now - self._changed_at >= quiet_s and self._limit < self._pacing.concurrency:
            self._limit = min(float(self._pacing.concurrency), self._limit + 1)
            self._changed_at = now
