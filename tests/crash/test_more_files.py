"""``kill -9`` while rows that have succeeded get files of a kind that was added to the job later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.passing_points import Act, When
from tests.crash.people_sheet import Person
from tests.crash.world import World

PEOPLE = (Person("r1", "Anna", "Hello Anna, how are you?"), Person("r2", "Ben", "Hello Ben, how are you?"))
MOMENTS: list[tuple[str, When]] = [
    ("commit:files_wanted", "before"),
    ("commit:files_wanted", "after"),
    ("write:video", "before"),
    ("fsync:video", "before"),
    ("rename:video", "before"),
    ("rename:video", "after"),
    ("commit:files_added", "before"),
    ("commit:files_added", "after"),
]


@pytest.mark.parametrize(("point", "when"), MOMENTS)
def test_the_next_run_has_all_of_them_and_no_video_twice(point: str, when: When, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE) as world:
        assert world.run().code == 0
        world.change_job(replace(world.job, download=("video", "gif", "thumbnail")))
        assert world.run(acts=[Act(point=point, when=when)]).killed
        world.settle()
        files = world.ledger("SELECT path FROM artifacts WHERE stored_at IS NOT NULL ORDER BY path")
        assert [file["path"] for file in files] == ["r1.gif", "r1.jpg", "r1.mp4", "r2.gif", "r2.jpg", "r2.mp4"]
        assert sorted(path.name for path in world.videos.iterdir()) == [file["path"] for file in files]
        assert len(world.provider_rows("SELECT id FROM video")) == len(PEOPLE)
        assert_nothing_is_lost_or_paid_twice(world)
