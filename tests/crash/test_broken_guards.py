"""Break one guard of batchgen on purpose, and the suite notices: what it would say is asserted here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.crash.crash_points import CRASH_POINTS, DAY_AND_AN_HOUR_S, LOST, CrashPoint
from tests.crash.mutations import (
    draw_a_key_per_send,
    drop_the_intent_commit,
    send_doubtful_rows_anew,
    take_every_route_for_one_that_replays,
    trust_every_download,
    write_the_sheet_in_place,
)
from tests.crash.oracle import Verdict, judge
from tests.crash.people_sheet import Person
from tests.crash.world import BY_LEGACY_ROUTE, World

PEOPLE = tuple(Person(f"r{number}", f"Name {number}", f"Hello number {number}, how are you?") for number in (1, 2, 3))


def _crash_point(phase: str, moment: str) -> CrashPoint:
    return next(point for point in CRASH_POINTS if (point.phase, point.moment) == (phase, moment))


def _verdict(folder: Path, guard: Callable[[], None], point: CrashPoint) -> Verdict:
    """What the oracle says of a world whose runs lack a guard, after a crash or fault and plain runs."""
    with World(folder=folder, people=PEOPLE, mutation=guard.__name__) as world:
        world.set_faults(point.faults)
        world.run(acts=point.acts, killable=True)
        world.settle()
        return judge(world)


def test_the_suite_catches_a_missing_intent_commit(tmp_path: Path) -> None:
    """Keys are made of row, request and attempt, so within the key's window even this would be healed; not later."""
    with World(folder=tmp_path, people=PEOPLE, mutation=drop_the_intent_commit.__name__) as world:
        world.set_faults([LOST])
        assert world.run(killable=True).killed
        world.pass_time(DAY_AND_AN_HOUR_S)
        world.settle()
        assert judge(world).doubles


def test_the_suite_catches_a_missing_intent_commit_by_a_video_that_nobody_knows(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, mutation=drop_the_intent_commit.__name__) as world:
        world.set_faults([LOST])
        assert world.run(killable=True).killed
        world.edit([replace(person, text=f"{person.text} Bye.") for person in PEOPLE])
        world.settle()
        assert judge(world).lost


def test_the_suite_catches_a_random_key_per_send(tmp_path: Path) -> None:
    point = _crash_point("submit", "accepted, the answer was not sent")
    verdict = _verdict(tmp_path, draw_a_key_per_send, point)
    assert verdict.doubles
    assert any("the ledger does not know" in problem for problem in verdict.wrong)


def test_the_suite_catches_doubtful_rows_that_are_sent_anew(tmp_path: Path) -> None:
    point = _crash_point("submit", "the answer was lost, written down")
    verdict = _verdict(tmp_path, send_doubtful_rows_anew, point)
    assert verdict.doubles
    assert verdict.lost


def test_the_suite_catches_a_re_send_where_nothing_replays_it(tmp_path: Path) -> None:
    guard = take_every_route_for_one_that_replays.__name__
    with World(folder=tmp_path, people=PEOPLE, job=BY_LEGACY_ROUTE, mutation=guard) as world:
        world.set_faults([LOST])
        assert world.run(killable=True).killed
        world.settle()
        verdict = judge(world)
    assert verdict.doubles
    assert any("was accepted 2 times" in problem for problem in verdict.wrong)


def test_the_suite_catches_a_re_send_without_a_key_also_where_the_first_send_never_arrived(tmp_path: Path) -> None:
    verdict = _verdict_by_the_legacy_route(tmp_path, take_every_route_for_one_that_replays)
    assert not verdict.doubles
    assert any("went out again" in problem for problem in verdict.wrong), verdict


def test_the_suite_catches_a_new_attempt_that_nobody_ordered_where_no_key_is_taken(tmp_path: Path) -> None:
    verdict = _verdict_by_the_legacy_route(tmp_path, send_doubtful_rows_anew)
    assert not verdict.doubles
    assert any("without anybody's decision" in problem for problem in verdict.wrong), verdict


def _verdict_by_the_legacy_route(folder: Path, guard: Callable[[], None]) -> Verdict:
    """What the oracle says when a create never arrived there."""
    with World(folder=folder, people=PEOPLE, job=BY_LEGACY_ROUTE, mutation=guard.__name__) as world:
        world.set_faults([{"on": "create", "action": "drop", "nth": 1}])
        world.run()
        world.settle()
        return judge(world)


def test_the_suite_catches_unchecked_downloads(tmp_path: Path) -> None:
    point = _crash_point("download", "in the middle of the file")
    quiet = CrashPoint(
        phase="", moment="", point="wire:truncate", faults=({"on": "download", "action": "truncate", "times": 1},),
        status=None, creates=1, on_disk="", next_run="",
    )  # fmt: skip
    assert point.point == quiet.point
    verdict = _verdict(tmp_path, trust_every_download, quiet)
    assert any("is not the whole video" in problem for problem in verdict.wrong), verdict


def test_the_suite_catches_a_sheet_that_is_written_in_place(tmp_path: Path) -> None:
    point = _crash_point("write-back", "while the new sheet is written")
    with World(folder=tmp_path, people=PEOPLE, mutation=write_the_sheet_in_place.__name__) as world:
        assert world.run(acts=point.acts).killed
        assert any("the user's cells" in problem or "header" in problem for problem in judge(world).problems)
