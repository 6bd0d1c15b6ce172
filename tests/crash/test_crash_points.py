"""``kill -9`` at every crash point, then a plain run: nothing is paid twice, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.crash_points import CRASH_POINTS, LEGACY, WRITE_BACK, CrashPoint, table
from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.passing_points import Act
from tests.crash.people_sheet import Person
from tests.crash.world import BY_LEGACY_ROUTE, HURRIED, OUR_SPEED, JobText, World

DOCUMENT = Path(__file__).parents[2] / "docs" / "crash-points.md"
ONE_ROW = (Person("r1", "Anna", "Hello Anna, how are you?"),)


@pytest.mark.parametrize("point", CRASH_POINTS, ids=lambda point: point.id)
def test_killed_at(point: CrashPoint, tmp_path: Path) -> None:
    _kill_and_resume(point, _world_of(point, tmp_path))


@pytest.mark.parametrize("point", WRITE_BACK, ids=lambda point: point.id)
def test_killed_while_a_workbook_is_written_at(point: CrashPoint, tmp_path: Path) -> None:
    _kill_and_resume(point, World(folder=tmp_path, people=ONE_ROW, kind="xlsx"))


def _world_of(point: CrashPoint, folder: Path) -> World:
    job = JobText(media=point.media)
    return World(folder=folder, people=ONE_ROW, job=job, speed=HURRIED if point.slow else OUR_SPEED)


@pytest.mark.parametrize("point", LEGACY, ids=lambda point: point.id)
def test_killed_on_the_legacy_route_at(point: CrashPoint, tmp_path: Path) -> None:
    """Nothing goes out there a second time, but for what surely was not processed and what a person orders."""
    _kill_and_resume(point, World(folder=tmp_path, people=ONE_ROW, job=BY_LEGACY_ROUTE))


def _kill_and_resume(point: CrashPoint, world: World) -> None:
    with world:
        if point.before is not None:
            world.set_faults([point.before])
            assert world.run(killable=True).killed
        if point.later_s:
            world.pass_time(point.later_s)
        world.set_faults(point.faults)
        crashed = world.run(acts=point.acts, killable=True)
        assert crashed.killed, crashed.stderr
        assert world.statuses() == ([point.status] if point.status else [])
        assert len(world.provider_rows("SELECT id FROM video")) == point.creates
        world.settle()
        assert world.statuses() == [point.ends]
        assert_nothing_is_lost_or_paid_twice(world)


def test_killed_between_two_reports_still_takes_its_own_words_for_its_own(tmp_path: Path) -> None:
    """The sheet has ``rendered`` from a run that died right after writing it: that is no word of the user."""
    with World(folder=tmp_path, people=ONE_ROW) as world:
        for moment in ("commit:submission_accepted", "commit:render_finished"):
            interrupt = Act(point=moment, when="after", do="interrupt")
            world.run(acts=[interrupt, Act(point="rename:sheet", when="after")] if "render" in moment else [interrupt])
        world.settle()
        assert_nothing_is_lost_or_paid_twice(world)


@pytest.mark.parametrize("action", ["empty", "wrong_container", "truncate"])
def test_killed_right_after_naming_a_video_it_is_not_spoilt_by_a_bad_answer(action: str, tmp_path: Path) -> None:
    """The part and the video are one file at that moment: two names, one content."""
    with World(folder=tmp_path, people=ONE_ROW) as world:
        assert world.run(acts=[Act(point="rename:video", when="after")]).killed
        world.set_faults([{"on": "download", "action": action, "nth": 1}])
        assert world.run().code == 0
        assert_nothing_is_lost_or_paid_twice(world)


def test_the_document_shows_the_table_that_is_tested() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8")
