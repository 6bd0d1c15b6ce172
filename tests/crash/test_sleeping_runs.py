"""A run falls asleep in the middle (a closed lid, a frozen container), another takes the job over, the first wakes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.passing_points import Act, When
from tests.crash.people_sheet import Person
from tests.crash.world import HELD, World

PEOPLE = tuple(Person(f"r{number}", f"Name {number}", f"Hello number {number}, how are you?") for number in (1, 2, 3))


def _run_until_the_lease_is_over(world: World) -> Iterator[int]:
    while (code := world.run().code) == HELD:
        yield code
    yield code


LEASE_IS_OVER_S = 61.0

PLACES: list[tuple[str, When]] = [
    ("commit:lease", "after"),
    ("commit:recorded", "after"),
    ("commit:begin_submission", "after"),
    ("commit:submission_accepted", "after"),
    ("commit:render_finished", "after"),
    ("rename:video", "before"),
    ("rename:video", "after"),
    ("commit:artifact_stored", "after"),
    ("rename:sheet", "before"),
]


@pytest.mark.parametrize(("point", "when"), PLACES)
def test_a_run_that_slept_through_a_take_over_does_no_harm(point: str, when: When, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE) as world:
        sleeper = world.start(acts=[Act(point=point, when=when, do="stop")])
        sleeper.wait_for_stop()
        codes = list(_run_until_the_lease_is_over(world))
        assert codes[-1] == 0, world.runs[-1].stderr
        assert HELD in codes or point == "rename:sheet"  # by then it has given the job back
        sleeper.signal(signal.SIGCONT)
        world.ended(sleeper)
        world.settle()
        assert len(world.provider_rows("SELECT id FROM video")) == len(PEOPLE)
        assert_nothing_is_lost_or_paid_twice(world)
        assert "Traceback" not in "".join(ended.stderr for ended in world.runs)


def test_a_run_that_fell_asleep_while_it_wrote_is_told_of_by_name(tmp_path: Path) -> None:
    """The ledger is locked then, and who holds the job can be read all the same."""
    with World(folder=tmp_path, people=PEOPLE, speed=8.0) as world:
        sleeper = world.start(acts=[Act(point="commit:submission_accepted", when="before", do="stop")])
        sleeper.wait_for_stop()
        refused = world.run()
        assert refused.code == HELD
        (job,) = world.ledger("SELECT held_pid FROM jobs")
        assert "Another run holds the job" in refused.stderr
        assert f"pid {job['held_pid']}" in refused.stderr
        sleeper.signal(signal.SIGCONT)
        assert world.ended(sleeper).code == 0, world.runs[-1].stderr
        assert_nothing_is_lost_or_paid_twice(world)


@pytest.mark.parametrize("point", ["commit:begin_submission", "commit:submission_accepted", "commit:render_finished"])
def test_a_sleeper_that_wakes_up_beside_its_successor_leaves_it_alone(point: str, tmp_path: Path) -> None:
    """The successor is in the middle of the same job while the first run learns that it has lost it, and ends."""
    with World(folder=tmp_path, people=PEOPLE) as world:
        sleeper = world.start(acts=[Act(point="commit:recorded", when="after", do="stop")])
        sleeper.wait_for_stop()
        world.pass_time(LEASE_IS_OVER_S)
        successor = world.start(acts=[Act(point=point, when="after", do="stop")])
        successor.wait_for_stop()
        sleeper.signal(signal.SIGCONT)
        world.ended(sleeper)
        successor.signal(signal.SIGCONT)
        assert world.ended(successor).code == 0, world.runs[-1].stderr
        world.settle()
        assert len(world.provider_rows("SELECT id FROM video")) == len(PEOPLE)
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_sleeper_takes_nothing_from_the_job_that_it_has_lost(tmp_path: Path) -> None:
    """It wakes up when its successor holds the job, but none of the job's entries yet."""
    with World(folder=tmp_path, people=PEOPLE[:1]) as world:
        sleeper = world.start(acts=[Act(point="commit:submission_accepted", when="after", do="stop")])
        sleeper.wait_for_stop()
        world.pass_time(LEASE_IS_OVER_S)
        successor = world.start(acts=[Act(point="commit:lease", when="after", do="stop")])
        successor.wait_for_stop()
        sleeper.signal(signal.SIGCONT)
        assert world.ended(sleeper).code == 1
        successor.signal(signal.SIGCONT)
        assert world.ended(successor).code == 0, world.runs[-1].stderr
        assert_nothing_is_lost_or_paid_twice(world)
