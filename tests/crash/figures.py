"""What many trials add up to."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.crash.crash_points import CRASH_POINTS
from tests.crash.trial import Trial


@dataclass
class Figures:
    """Counts over trials; every create is counted by the simulator's own log."""

    trials: int = 0
    with_kill: int = 0
    with_lost_answer: int = 0
    failed: int = 0
    runs: int = 0
    kills: int = 0
    faults: int = 0
    sends: int = 0
    creates: int = 0
    replays: int = 0
    doubles: int = 0
    lost: int = 0
    orderings: Counter[str] = field(default_factory=Counter)
    batches: Counter[int] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    _began: float = field(default_factory=time.monotonic)

    def add(self, trial: Trial) -> None:
        """Count one more trial."""
        self.trials += 1
        self.with_kill += trial.kills > 0
        self.with_lost_answer += trial.lost_answers > 0
        self.failed += bool(trial.failure)
        self.runs += trial.runs
        self.kills += trial.kills
        self.orderings[trial.script.ordering.value] += 1
        self.batches += trial.batches
        self.places += trial.places
        self.codes += trial.codes
        if trial.verdict is not None:
            self.faults += trial.verdict.faults
            self.sends += trial.verdict.sends
            self.creates += trial.verdict.creates
            self.replays += trial.verdict.replays
            self.doubles += len(trial.verdict.doubles)
            self.lost += len(trial.verdict.lost)

    def line(self) -> str:
        """The figures so far in one line."""
        return (
            f"trials {self.trials} · runs {self.runs} · kills {self.kills} · faults {self.faults} · sends {self.sends} "
            f"· creates {self.creates} · replays {self.replays} · doubles {self.doubles} · lost {self.lost} "
            f"· failed trials {self.failed} · {time.monotonic() - self._began:.0f} s"
        )

    def text(self) -> str:
        """The figures and the histogram of where runs were killed."""
        codes = ", ".join(f"{code}: {count}" for code, count in sorted(self.codes.items()))
        lines = [
            self.line(),
            f"trials with kill -9: {self._share(self.with_kill)}; "
            f"with a lost answer after accept: {self._share(self.with_lost_answer)}",
            f"rows were ordered: {', '.join(f'{way} {count}' for way, count in self.orderings.most_common())}",
            f"batches: {sum(self.batches.values())}, "
            f"rows in them: {sum(size * count for size, count in self.batches.items())}, "
            f"the largest: {max(self.batches, default=0)}",
            f"exit codes of runs: {codes}",
            "killed at (a commit of several events counts for each):",
            *(f"{count:7} {place}" for place, count in self.places.most_common()),
        ]
        points = {point.key for point in CRASH_POINTS}
        missed = sorted(points - self.places.keys())
        lines.append(f"points of the table not hit: {', '.join(missed) or 'none'}")
        return "\n".join(lines)

    def _share(self, count: int) -> str:
        return f"{count} ({100 * count / max(1, self.trials):.0f} %)"
