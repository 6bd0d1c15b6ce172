"""Seeded trials: a few on every machine, many with ``-m soak`` or ``python -m tests.crash``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.drawing import draw
from tests.crash.script import Ordering
from tests.crash.trial import carry_out

SEED = 20261122
GROUPS = 6
IN_A_GROUP = 10
SOAK = 2_000


def _assert_all_hold(numbers: range, folder: Path) -> None:
    for number in numbers:
        trial = carry_out(draw(SEED, number), folder / str(number))
        again = f"python -m tests.crash --seed {SEED} --only {number}"
        assert not trial.failure, f"{again}\n{trial.failure}\n{trial.story}"


@pytest.mark.parametrize("group", range(GROUPS))
def test_ten_seeded_trials_lose_nothing_and_pay_nothing_twice(group: int, tmp_path: Path) -> None:
    _assert_all_hold(range(group * IN_A_GROUP, (group + 1) * IN_A_GROUP), tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(4 * 3600)
def test_two_thousand_seeded_trials_lose_nothing_and_pay_nothing_twice(tmp_path: Path) -> None:
    _assert_all_hold(range(SOAK), tmp_path)


def test_a_seed_makes_the_same_script_again() -> None:
    assert [draw(7, number) for number in range(50)] == [draw(7, number) for number in range(50)]


def test_three_trials_in_ten_hold_a_kill_and_three_in_ten_a_lost_answer() -> None:
    scripts = [draw(SEED, number) for number in range(1_000)]
    assert sum(script.kills for script in scripts) > 300
    assert sum(script.loses_an_answer for script in scripts) > 300


def test_one_trial_in_ten_is_told_by_webhooks_that_go_wrong() -> None:
    steps = [step for number in range(1_000) for step in draw(SEED, number).steps]
    listening = [step for step in steps if step.listens]
    assert len(listening) > 100
    assert {fault["action"] for step in listening for fault in step.faults if fault["on"] == "webhook"} == {
        "lose", "duplicate", "delay", "reorder", "forge"
    }  # fmt: skip


def test_one_trial_in_ten_orders_in_batches_and_one_in_ten_by_the_legacy_route() -> None:
    drawn = [draw(SEED, number) for number in range(1_000)]
    for ordering in (Ordering.BATCHES, Ordering.LEGACY):
        scripts = [script for script in drawn if script.ordering is ordering]
        assert len(scripts) > 100
        assert sum(script.kills and script.loses_an_answer for script in scripts) > 30
        assert sum(step.ordering not in (None, ordering) for script in scripts for step in script.steps) > 10
