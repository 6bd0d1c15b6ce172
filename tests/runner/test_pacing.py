"""How fast a run may go, on a clock that the tests move."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.job import Pacing
from batchgen.runner.pacing import PROBE_AFTER_POLLS, Backoff, Throttle, next_look


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def throttle(clock: Clock, **settings: float) -> Throttle:
    pacing = Pacing(**{"concurrency": 10, "requests_per_s": 100.0, "poll_every_s": 10.0, **settings})  # type: ignore[arg-type]
    return Throttle(pacing, clock=clock, rng=random.Random(7))


def test_waits_double_with_jitter_and_end_at_the_longest() -> None:
    backoff = Backoff(first=2.0, longest=60.0)
    for failures, whole in [(1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (500, 60)]:
        waits = [backoff.after(failures, random.Random(seed)) for seed in range(100)]
        assert whole / 2 <= min(waits) < max(waits) <= whole


def test_looks_are_steady_at_first_and_then_ever_rarer() -> None:
    pacing = Pacing(poll_every_s=10, poll_slowest_s=60)
    waits = [next_look(pacing, snoozes) for snoozes in range(100)]
    assert waits[:11] == [10.0] * 11
    assert waits == sorted(waits)
    assert waits[20] == waits[99] == 60.0


def test_no_look_is_so_far_off_that_it_would_be_taken_for_a_wrong_clock() -> None:
    assert next_look(Pacing(poll_every_s=10_000, poll_slowest_s=20_000), 50) == 3_600.0


def test_creates_begin_up_to_the_jobs_concurrency() -> None:
    run = throttle(Clock())
    assert run.allowed(0) == 10
    assert run.allowed(7) == 3
    assert run.allowed(10) == run.allowed(50) == 0


def test_a_create_of_several_rows_counts_once_for_the_rate_and_whole_for_the_concurrency() -> None:
    run = throttle(Clock(), concurrency=50, requests_per_s=2.0)
    creates = run.allowed(0)
    assert creates == 3
    assert run.allowed(0, rows_per_create=10) == creates * 10
    assert run.allowed(45, rows_per_create=10) == 5


def test_creates_keep_to_the_jobs_rate() -> None:
    clock = Clock()
    run = throttle(clock, concurrency=1000, requests_per_s=5.0)
    begun = 0
    for _ in range(600):
        if count := min(run.allowed(begun), 1000):
            run.began(count)
            begun += count
        clock.now += 0.1
    assert 295 <= begun <= 310  # 60 s at 5 per second, and what a second's rest earns


def test_a_429_holds_the_whole_run_back_as_long_as_the_provider_says() -> None:
    clock = Clock()
    run = throttle(clock)
    assert run.slow_down(30.0, rendering=0) == 30.0
    assert (run.allowed(0), run.wait_s()) == (0, 30.0)
    clock.now += 29.9
    assert run.allowed(0) == 0
    clock.now += 0.2
    assert run.allowed(0) > 0


def test_a_429_without_a_time_holds_back_for_a_moment() -> None:
    assert 1.0 <= throttle(Clock()).slow_down(None, rendering=0) <= 2.0


def test_many_429s_at_once_lower_the_limit_once() -> None:
    run = throttle(Clock())
    for _ in range(10):
        run.slow_down(30.0, rendering=2)
    assert run.limit == 7


def test_the_limit_is_never_lower_than_what_renders_nor_than_one() -> None:
    clock = Clock()
    run = throttle(clock)
    for _ in range(50):
        run.slow_down(1.0, rendering=0)
        clock.now += 2
    assert run.limit == 1
    run.slow_down(1.0, rendering=4)
    assert run.limit == 4


def test_the_limit_rises_one_by_one_in_quiet_times_and_not_beyond_the_jobs_own() -> None:
    clock = Clock()
    run = throttle(clock)
    run.slow_down(1.0, rendering=0)
    limits = []
    for _ in range(6):
        clock.now += PROBE_AFTER_POLLS * 10.0
        run.allowed(0)
        limits.append(run.limit)
    assert limits == [8, 9, 10, 10, 10, 10]


def test_after_a_long_hold_the_limit_rises_no_sooner_than_ten_holds_later() -> None:
    clock = Clock()
    run = throttle(clock)
    run.slow_down(60.0, rendering=0)
    clock.now += 599
    run.allowed(0)
    assert run.limit == 7
    clock.now += 2
    run.allowed(0)
    assert run.limit == 8


def test_a_provider_that_cannot_be_reached_is_asked_ever_less_often() -> None:
    clock = Clock()
    run = throttle(clock)
    waits = []
    for _ in range(12):
        waits.append(run.unreachable())
        assert run.allowed(0) == 0
        clock.now += waits[-1]
    assert waits[0] <= 1.0
    assert 30.0 <= waits[-1] <= 60.0
    assert run.unreachable_for() == pytest.approx(sum(waits))
    run.answered()
    assert run.unreachable_for() == 0.0
    assert run.unreachable() <= 1.0


def test_creates_that_fail_together_count_as_one_failure() -> None:
    run = throttle(Clock())
    assert max(run.unreachable() for _ in range(20)) <= 1.0


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["429", "down", "up", "began"]), st.floats(0, 100), st.integers(0, 20)), max_size=40
    )
)
def test_whatever_happens_no_more_is_allowed_than_the_job_says(steps: list[tuple[str, float, int]]) -> None:
    clock = Clock()
    run = throttle(clock)
    for what, seconds, under_way in steps:
        match what:
            case "429":
                run.slow_down(seconds, rendering=min(under_way, 10))
            case "down":
                run.unreachable()
            case "up":
                run.answered()
            case "began":
                run.began(under_way)
        assert 0 <= run.allowed(under_way) <= max(0, 10 - under_way)
        assert run.wait_s() >= 0
        clock.now += seconds
