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


PLACES: list[tuple[str, When]] = [
    ("commit:lease", "after"),
    ("commit:recorded", "after"),
    ("commit:claim", "after"),
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
        assert codes[-1] == 0
        assert HELD in codes or point == "rename:sheet"  # by then it has given the job back
        sleeper.signal(signal.SIGCONT)
        world.ended(sleeper)
        world.settle()
        assert len(world.provider_rows("SELECT id FROM video")) == len(PEOPLE)
        assert_nothing_is_lost_or_paid_twice(world)
        assert "Traceback" not in "".join(ended.stderr for ended in world.runs)
