"""What is wrong with a whole sheet, in the order in which a person mends it, and what deserves a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import IntEnum, auto
from typing import Any

from batchgen.errors import Doubt, Problem
from batchgen.request.never_made import never_made
from batchgen.request.video_request import warnings

MOST_PROBLEMS = 10_000
"""Problems that are kept; the others are only counted."""


class Stage(IntEnum):
    """What a person mends first, second, …: whatever comes later may vanish with what comes before."""

    JOB_FILE = auto()
    COLUMNS = auto()
    CELLS = auto()
    DUPLICATES = auto()


class Found:
    """Collects problems: what many rows share is told once, and no more are kept than anyone reads."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: dict[Stage, list[Problem]] = {stage: [] for stage in Stage}
        self._told: set[Problem] = set()
        self._shared: Counter[tuple[str, str]] = Counter()

    def add(self, stage: Stage, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if self._is_new(problem):
                self.count += 1
                if len(self._kept[stage]) < MOST_PROBLEMS:
                    self._kept[stage].append(problem)

    def add_of_row(self, problems: Iterable[Problem]) -> None:
        """Problems that came up in a row, whatever is at fault."""
        for problem in problems:
            self.add(_stage(problem), (problem,))

    def told(self) -> tuple[Problem, ...]:
        in_order = [problem for problems in self._kept.values() for problem in problems]
        return tuple(self._with_count(problem) for problem in in_order[:MOST_PROBLEMS])

    def _is_new(self, problem: Problem) -> bool:
        if problem.row is None:
            is_new = problem not in self._told
            self._told.add(problem)
            return is_new
        if not is_of_no_cell(problem):
            return True
        self._shared[problem.message, problem.hint] += 1
        return self._shared[problem.message, problem.hint] == 1

    def _with_count(self, problem: Problem) -> Problem:
        more = self._shared[problem.message, problem.hint] - 1 if is_of_no_cell(problem) else 0
        if more < 1:
            return problem
        return replace(problem, message=f"{problem.message} (The same in {more:,} more row{'s' * (more > 1)}.)")


def is_of_no_cell(problem: Problem) -> bool:
    """Whether nothing in the row or the job file gave rise to it: something is missing, likely in every row."""
    return problem.row is not None and problem.column is None and problem.value is None


def first_to_mend(problems: Iterable[Problem]) -> str:
    """What to say where there is room for one problem of a row, and what to do."""
    first = min(problems, key=_stage)
    return f"{first.message} {first.hint}".strip()


def _stage(problem: Problem) -> Stage:
    if problem.row is None:
        return Stage.JOB_FILE
    return Stage.COLUMNS if is_of_no_cell(problem) else Stage.CELLS


class Doubts:
    """What the provider accepts but will probably disappoint, each with the rows that it concerns."""

    def __init__(self, download: Collection[str]) -> None:
        self._download = download
        self._rows: dict[tuple[str, str], list[int]] = {}

    def look_at(self, number: int, payload: Mapping[str, Any]) -> None:
        for doubt in (*warnings(payload), *never_made(self._download, payload)):
            self._rows.setdefault((doubt.message, doubt.hint), []).append(number)

    def told(self) -> Iterator[Doubt]:
        for (message, hint), numbers in self._rows.items():
            yield Doubt(kind="request", message=message, hint=hint, rows=tuple(numbers))
