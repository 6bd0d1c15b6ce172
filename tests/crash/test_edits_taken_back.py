"""A row with a video is edited, the edit comes to nothing, and the person puts the row back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.passing_points import Act, When
from tests.crash.people_sheet import Person
from tests.crash.world import World

FIRST = Person("A-1", "Name 1", "Hello number 1, how are you?")
EDITED = Person("A-1", "Name 1", "Hello number 1, what a day!")
REFUSED = {"on": "create", "action": "respond", "status": 400, "code": "content_policy_violation"}
TOLD_TO_WAIT = {"on": "create", "action": "rate_limit", "retry_after_s": 3000}


def edited_in_vain(world: World, fault: dict[str, object]) -> None:
    world.settle()
    world.edit((EDITED,))
    world.set_faults([fault])
    world.run("--rerender", "changed", "--time-limit", "5s")
    world.set_faults([])
    world.edit((FIRST,))


@pytest.mark.parametrize("fault", [REFUSED, TOLD_TO_WAIT], ids=["refused", "told to wait"])
def test_the_video_that_is_there_is_not_paid_again(fault: dict[str, object], tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(FIRST,)) as world:
        edited_in_vain(world, fault)
        assert world.run().code == 0, world.runs[-1].stderr
        (row,) = world.sheet.rows()[1:]
        assert "succeeded" in row
        assert len(world.provider_rows("SELECT id FROM video")) == 1
        assert_nothing_is_lost_or_paid_twice(world)


@pytest.mark.parametrize("when", ["before", "after"])
def test_nor_by_a_run_that_is_killed_while_it_takes_the_edit_back(when: When, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(FIRST,)) as world:
        edited_in_vain(world, TOLD_TO_WAIT)
        assert world.run(acts=[Act(point="commit:reinstated", when=when)]).killed
        assert world.settle().code == 0
        assert len(world.provider_rows("SELECT id FROM video")) == 1
        assert_nothing_is_lost_or_paid_twice(world)
