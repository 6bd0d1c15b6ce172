"""The cap holds while runs are killed, answers get lost, renders fail, and videos turn out longer or shorter."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.people_sheet import Person
from tests.crash.world import JobText, World

BUDGET_STOP, UNDER_WAY = 5, 4
USD = 1_000_000
FAULTS = [
    {"on": "create", "action": "accept_then_drop", "probability": 0.05},
    {"on": "create", "action": "accept_then_502", "probability": 0.05, "seed": 1},
    {"on": "create", "action": "rate_limit", "probability": 0.03, "seed": 2},
    {"on": "render", "action": "fail", "failure_code": "internal_error", "probability": 0.05, "seed": 3},
]
COMMITTED = "SELECT coalesce(sum(coalesce(settled_microusd, reserved_microusd)), 0) AS usd FROM attempts"
CHARGED = "SELECT coalesce(sum(price_microusd), 0) AS usd FROM video WHERE outcome != 'failed'"


def people_with_scripts(rows: int, chance: random.Random) -> tuple[Person, ...]:
    """Scripts of 1 to 60 words, so that true lengths lie between one and half a minute."""
    words = ("hello", "welcome", "a", "wonderful", "new", "offer", "for", "you", "unbelievably", "today")
    scripts = (" ".join(chance.choices(words, k=chance.randint(1, 60))) for _ in range(rows))
    return tuple(Person(f"r{number}", f"Name {number}", f"{number} {text}") for number, text in enumerate(scripts, 1))


def committed_and_charged(world: World) -> tuple[float, float]:
    """What our ledger counts, and what the provider's own log says was charged or will be. USD."""
    ours = world.ledger(COMMITTED)[0]["usd"] if world.statuses() else 0
    return ours / USD, world.provider_rows(CHARGED)[0]["usd"] / USD


def _spend_under_a_cap(folder: Path, *, rows: int, cap_usd: float, kills: int, longest_s: float, seed: int) -> None:
    chance = random.Random(seed)
    job = JobText(concurrency=20, extra=f"[budget]\nmax_usd = {cap_usd}\n")
    people = people_with_scripts(rows, chance)
    with World(folder=folder, people=people, job=job, provider_concurrency=20) as world:
        world.set_faults(FAULTS)
        killed = 0
        while killed < kills:
            run = world.start()
            time.sleep(chance.uniform(0.1, longest_s))  # no wait for anything: the moment of the kill is left to chance
            run.signal(signal.SIGKILL)
            killed += world.ended(run).code == -signal.SIGKILL
            ours, theirs = committed_and_charged(world)
            assert theirs <= ours <= cap_usd
            if world.runs[-1].code == BUDGET_STOP:
                break
        world.set_faults([])
        ended = world.run()
        while ended.code == UNDER_WAY:
            ended = world.run()
        assert ended.code == BUDGET_STOP, ended.stderr
        ours, theirs = committed_and_charged(world)
        assert theirs <= ours <= cap_usd
        assert ours > cap_usd * 0.8, "the cap was hardly used"
        waiting = world.statuses().count("pending")
        assert 0 < waiting < rows
        world.settle("--max-usd", "10000")
        assert_nothing_is_lost_or_paid_twice(world)


def test_killed_runs_never_spend_more_than_the_cap(tmp_path: Path) -> None:
    _spend_under_a_cap(tmp_path, rows=60, cap_usd=25, kills=6, longest_s=1.2, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_thousand_rows_of_random_lengths_never_spend_more_than_the_cap(tmp_path: Path, seed: int) -> None:
    _spend_under_a_cap(tmp_path, rows=1_000, cap_usd=400, kills=20, longest_s=3.0, seed=seed)
