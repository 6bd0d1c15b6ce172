"""The clock was hours ahead when a row went out, and was set right: its key replays no more, though it seems to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.people_sheet import Person
from tests.crash.world import IN_BATCHES, JobText, World

PEOPLE = tuple(Person(f"r{number}", f"Name {number}", f"Hello number {number}, how are you?") for number in (1, 2, 3))
HOUR_S = 3600.0
AHEAD_S = 3 * HOUR_S
A_DAY_LATER_S = 24.5 * HOUR_S


@pytest.mark.parametrize(
    ("job", "on"), [(JobText(), "create"), (IN_BATCHES, "batch")], ids=["one by one", "in a batch"]
)
def test_the_video_is_looked_for_before_its_row_goes_out_again(job: JobText, on: str, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, job=job) as world:
        world.jump_s += AHEAD_S
        world.set_faults([{"on": on, "action": "accept_then_drop"}])
        world.run("--time-limit", "8s")
        assert "in_doubt" in world.statuses()
        world.set_faults([])
        world.jump_s -= AHEAD_S
        world.pass_time(A_DAY_LATER_S)
        world.settle()
        assert len(world.provider_rows("SELECT id FROM video")) == len(PEOPLE)
        assert_nothing_is_lost_or_paid_twice(world)
