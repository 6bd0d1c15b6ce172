"""Every commit, write, fsync, rename and HTTP call of a small run fails once, at every position; the next run heals it.

The idea is the SQLite suite's: fail at the n-th call, for n = 1, 2, 3, … until a run passes without reaching the n-th.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.crash.fork_server import Ended
from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.passing_points import Act, When
from tests.crash.people_sheet import Kind, Person
from tests.crash.world import World

PEOPLE = tuple(Person(f"r{number}", f"Name {number}", f"Hello number {number}, how are you?") for number in (1, 2, 3))

LEDGER_FAILURES: list[tuple[str, When]] = [("full", "before"), ("io", "before"), ("io", "after"), ("locked", "before")]
FILE_FAILURES = [("write", "ENOSPC"), ("write", "EIO"), ("fsync", "EIO"), ("rename", "ENOSPC")]
SHARES = 5
MORE_THAN_THERE_ARE = 1_000
REQUESTS = ["create", "status", "statuses", "list", "download"]


@pytest.mark.parametrize(("error", "when"), LEDGER_FAILURES, ids=lambda word: word)
def test_every_commit_may_fail_once(error: str, when: When, tmp_path: Path) -> None:
    """``io after``: the commit took place, but said that it had failed."""

    def failing(world: World, nth: int) -> bool:
        act = Act(point="commit", when=when, nth=nth, do="fail", error=error)
        return _did_fail(world.run(acts=[act]), act)

    assert _fail_everywhere(tmp_path, failing) > 10


@pytest.mark.parametrize("first", range(SHARES))
def test_every_transaction_may_find_the_ledger_locked(first: int, tmp_path: Path) -> None:
    """Shared out: there are many."""

    def failing(world: World, nth: int) -> bool:
        act = Act(point="begin", nth=SHARES * (nth - 1) + first + 1, do="fail", error="locked")
        return _did_fail(world.run(acts=[act]), act)

    assert _fail_everywhere(tmp_path, failing) > 50 // SHARES


@pytest.mark.parametrize(("call", "error"), FILE_FAILURES)
def test_every_file_call_may_fail_once(call: str, error: str, tmp_path: Path) -> None:
    """Videos, their folder, the sheet, its backup."""

    def failing(world: World, nth: int) -> bool:
        act = Act(point=call, nth=nth, do="fail", error=error)
        return _did_fail(world.run(acts=[act]), act)

    assert _fail_everywhere(tmp_path, failing) >= 4


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_every_file_call_for_a_workbook_may_fail_once(call: str, tmp_path: Path) -> None:
    def failing(world: World, nth: int) -> bool:
        act = Act(point=f"{call}:sheet", nth=nth, do="fail")
        return _did_fail(world.run(acts=[act]), act)

    assert _fail_everywhere(tmp_path, failing, kind="xlsx") >= 1


@pytest.mark.parametrize("action", ["drop", "headers_then_drop", "bad_gateway"])
def test_every_http_call_may_fail_once(action: str, tmp_path: Path) -> None:
    """``drop``: nothing was done; ``headers_then_drop``: it was done, the answer was cut off."""

    def failing(world: World, nth: int) -> bool:
        fault: dict[str, Any] = {"on": REQUESTS, "action": action, "nth": nth}
        world.set_faults([fault])
        world.run()
        return bool(world.provider_rows("SELECT 1 FROM fault_count WHERE fired > 0"))

    assert _fail_everywhere(tmp_path, failing) >= 9


def _did_fail(ended: Ended, act: Act) -> bool:
    return f"= {act}" in ended.trace


def _fail_everywhere(folder: Path, failing: Callable[[World, int], bool], *, kind: Kind = "csv") -> int:
    """Run a new world for each n until the n-th call is not reached any more; the number of calls that failed."""
    for nth in range(1, MORE_THAN_THERE_ARE):
        with World(folder=folder / str(nth), people=PEOPLE, kind=kind) as world:
            failed = failing(world, nth)
            _assert_told_in_words(world.runs[-1])
            world.settle()
            assert_nothing_is_lost_or_paid_twice(world)
        if not failed:
            return nth - 1
    raise AssertionError("the calls have no end")


def _assert_told_in_words(ended: Ended) -> None:
    """A disk that is full is no reason for a traceback."""
    assert "Traceback" not in ended.stderr, ended.stderr
