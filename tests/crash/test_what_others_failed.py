"""The accidents that the nearest peer was measured to have, one test each."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.passing_points import Act
from tests.crash.people_sheet import Person
from tests.crash.world import HELD, HURRIED, JobText, World

ANNA = Person("r1", "Anna", "Hello Anna, how are you?")
THREE = (ANNA, Person("r2", "Bogdan", "Hello Bogdan."), Person("r3", "Chiara", "Hello Chiara."))


def _paid(world: World) -> int:
    return len(world.provider_rows("SELECT id FROM video"))


@pytest.mark.parametrize(
    "action", ["accept_then_drop", "accept_then_hold", "accept_then_502", "accept_then_empty_200", "headers_then_drop"]
)
def test_a_lost_answer_makes_one_video(action: str, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "create", "action": action, "nth": 1}])
        assert world.run().code == 0
        assert _paid(world) == 1
        assert_nothing_is_lost_or_paid_twice(world)


@pytest.mark.parametrize("action", ["bad_gateway", "server_error", "unavailable", "empty_200", "error_in_200"])
def test_three_bad_answers_in_a_row_make_one_video_with_one_key(action: str, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "create", "action": action, "nth": [1, 2, 3]}])
        assert world.run().code == 0
        assert len(world.provider_rows("SELECT DISTINCT key FROM create_call")) == 1
        assert _paid(world) == 1
        assert_nothing_is_lost_or_paid_twice(world)


def test_killed_between_answer_and_write_makes_one_video(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        assert world.run(acts=[Act(point="commit:submission_accepted")]).killed
        world.settle()
        assert _paid(world) == 1
        assert_nothing_is_lost_or_paid_twice(world)


def test_two_runs_at_once_make_each_video_once(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=THREE) as world:
        children = [world.start() for _ in range(3)]
        codes = sorted(world.ended(child).code for child in children)
        assert set(codes) <= {0, HELD}
        assert codes.count(HELD) >= 1
        world.settle()
        assert _paid(world) == 3
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_failed_render_is_made_again_and_paid_once(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "render", "action": "fail", "nth": 1}])
        assert world.run().code == 0
        assert [row["number"] for row in world.ledger("SELECT number FROM attempts")] == [1, 2]
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_render_that_always_fails_is_made_as_often_as_the_job_allows(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,), job=JobText(attempts=3)) as world:
        world.set_faults([{"on": "render", "action": "fail"}])
        assert world.run().code == 3
        assert _paid(world) == 3
        assert world.statuses() == ["failed"]
        assert_nothing_is_lost_or_paid_twice(world)


def test_an_edited_row_is_shown_as_changed_and_neither_paid_again_nor_hidden(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        assert world.run().code == 0
        world.edit([replace(ANNA, text="Something else.")])
        assert world.run().code == 0
        assert _paid(world) == 1
        assert "edited after" in _cell(world, "video_note")


def test_an_edited_row_gets_its_own_video_when_the_old_one_failed(tmp_path: Path) -> None:
    """A key made of the row alone would be answered with the old request's video."""
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "render", "action": "fail", "failure_code": "content_policy_violation", "nth": 1}])
        assert world.run().code == 3
        world.edit([replace(ANNA, text="Something nicer.")])
        assert world.run().code == 0
        assert_nothing_is_lost_or_paid_twice(world)
        assert b"Something nicer." in world.provider_rows("SELECT request FROM video ORDER BY seq DESC")[0]["request"]


@pytest.mark.parametrize("action", ["quota", "insufficient_credit", "unauthorized"])
def test_an_account_problem_is_met_once_and_not_once_per_row(action: str, tmp_path: Path) -> None:
    many = tuple(Person(f"r{number}", f"Name {number}", f"Hello {number}.") for number in range(20))
    with World(folder=tmp_path, people=many, job=JobText(concurrency=2)) as world:
        world.set_faults([{"on": "create", "action": action}])
        assert world.run().code == 5
        assert len(world.provider_rows("SELECT seq FROM create_call")) <= 2
        assert set(world.statuses()) == {"pending"}
        world.settle()
        assert_nothing_is_lost_or_paid_twice(world)


@pytest.mark.parametrize(
    "fault",
    [{"action": "empty"}, {"action": "truncate"}, {"action": "truncate", "bytes": 0}, {"action": "wrong_container"}],
    ids=str,
)
def test_a_broken_download_is_never_called_a_video(fault: dict[str, Any], tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "download", "nth": [1, 2], **fault}])
        assert world.run().code == 0
        assert_nothing_is_lost_or_paid_twice(world)


@pytest.mark.parametrize("action", ["rate_limit", "not_ready"])
def test_being_told_to_wait_burns_no_attempt(action: str, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=THREE, job=JobText(attempts=1)) as world:
        world.set_faults([{"on": "create", "action": action, "times": 6}])
        assert world.run().code == 0
        assert [row["number"] for row in world.ledger("SELECT number FROM attempts")] == [1, 1, 1]
        assert _paid(world) == 3
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_wallet_that_is_empty_at_render_time_stops_the_creates(tmp_path: Path) -> None:
    many = tuple(Person(f"r{number}", f"Name {number}", f"Hello {number}.") for number in range(8))
    code = "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"
    with World(folder=tmp_path, people=many, job=JobText(concurrency=1)) as world:
        world.set_faults([{"on": "render", "action": "fail", "failure_code": code}])
        assert world.run().code == 5
        assert len(world.provider_rows("SELECT seq FROM create_call")) < len(many)
        world.settle()
        assert_nothing_is_lost_or_paid_twice(world)


def test_an_expired_link_is_asked_for_anew_and_the_video_not_made_anew(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "download", "action": "expired", "nth": [1, 2]}])
        assert world.run().code == 0
        assert _paid(world) == 1
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_render_that_outlasts_the_run_is_found_by_the_next_one(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "render", "action": "slow", "seconds": 3600, "nth": 1}])
        assert world.run("--time-limit", "5s").code == 4
        assert world.statuses() == ["rendering"]
        world.pass_time(2 * 3600)
        world.settle()
        assert _paid(world) == 1
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_video_that_vanished_is_never_made_again_by_itself(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,), speed=HURRIED) as world:
        world.set_faults([{"on": "render", "action": "vanish", "nth": 1}])
        assert world.run().code == 3
        world.run("--failed", verb="retry")
        world.settle()
        assert _paid(world) == 1
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_video_that_was_called_gone_is_collected_when_it_is_there_again(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,), speed=HURRIED) as world:
        world.set_faults([{"on": ["status", "statuses"], "action": "unknown_video"}])
        assert world.run().code == 3
        world.set_faults([])
        (video,) = world.provider_rows("SELECT id FROM video")
        assert world.run(verb="audit").code == 3
        assert world.run("r1", "--adopt", video["id"], verb="resolve").code == 0
        world.settle()
        assert world.statuses() == ["succeeded"]
        assert _paid(world) == 1
        assert_nothing_is_lost_or_paid_twice(world)


@pytest.mark.parametrize("with_id", [True, False])
def test_sorted_and_inserted_rows_make_nothing_anew(with_id: bool, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=THREE, with_id=with_id) as world:
        assert world.run().code == 0
        world.edit([Person("r0", "Dora", "Hello Dora."), *reversed(THREE)])
        assert world.run().code == 0
        assert _paid(world) == 4
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_row_taken_out_of_the_sheet_while_it_renders_is_still_collected(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=THREE) as world:
        assert world.run(acts=[Act(point="commit:render_finished")]).killed
        world.edit(THREE[1:])
        world.settle()
        assert _paid(world) == 3
        assert world.statuses() == ["succeeded"] * 3
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_row_id_cannot_lead_out_of_the_output_folder(tmp_path: Path) -> None:
    evil = tuple(
        replace(ANNA, id=row_id) for row_id in ("../../evil", "/etc/evil", "..", "a/../../b", "CON", "x" * 300)
    )
    with World(folder=tmp_path / "deep" / "world", people=evil) as world:
        assert world.run().code == 0
        assert len(list(world.videos.glob("*.mp4"))) == len(evil)
        assert not [
            path for path in tmp_path.rglob("*.mp4") if path.parent != world.videos and "provider" not in str(path)
        ]
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_row_edited_while_in_doubt_is_sent_again_as_it_was(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "create", "action": "accept_then_drop", "then": "kill_client", "nth": 1}])
        assert world.run(killable=True).killed
        world.edit([replace(ANNA, text="Something else.")])
        world.settle()
        assert _paid(world) == 1
        assert len(world.provider_rows("SELECT DISTINCT body_sha256 FROM create_call")) == 1
        assert_nothing_is_lost_or_paid_twice(world)


def test_beyond_the_window_nothing_is_sent_and_a_person_is_asked(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,), job=JobText(title_marker=False)) as world:
        world.set_faults([{"on": "create", "action": "accept_then_drop", "then": "kill_client", "nth": 1}])
        assert world.run(killable=True).killed
        world.pass_time(25 * 3600)
        world.set_faults([])
        assert world.run().code == 6
        assert world.statuses() == ["in_doubt"]
        assert len(world.provider_rows("SELECT seq FROM create_call")) == 1


def test_a_clock_set_back_counts_as_outside_of_the_window(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=(ANNA,)) as world:
        world.set_faults([{"on": "create", "action": "accept_then_drop", "then": "kill_client", "nth": 1}])
        assert world.run(killable=True).killed
        world.jump_s -= 600
        world.set_faults([])
        assert world.run().code == 0
        assert len(world.provider_rows("SELECT seq FROM create_call")) == 1
        assert [row["event"] for row in world.ledger("SELECT event FROM events WHERE event = 'adopted'")] == ["adopted"]
        assert_nothing_is_lost_or_paid_twice(world)


def _cell(world: World, column: str) -> str:
    with world.sheet.path.open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))[column]
