"""``[submit] batch``: killed at every moment of a batch, and lied to about its items, no row is paid twice or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash.crash_points import DAY_AND_AN_HOUR_S, FAILS
from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.passing_points import Act
from tests.crash.people_sheet import Person
from tests.crash.world import IN_BATCHES, JobText, World

DOCUMENT = Path(__file__).parents[2] / "docs" / "crash-points.md"
PEOPLE = tuple(Person(f"r{number}", f"Name {number}", f"Hello number {number}, how are you?") for number in range(1, 6))
"""The first goes out alone; the other four are one batch."""

Fault = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where the process dies, and how the four rows of the batch stand right after (and at the provider)."""

    name: str
    acts: tuple[Act, ...] = ()
    faults: tuple[Fault, ...] = ()
    status: str
    creates: int
    next_run: str


def killing(action: str, on: str = "batch", **more: Any) -> Fault:
    return {"on": on, "action": action, "then": "kill_client", "times": 1, **more}


def dies(point: str, when: Any = "before", nth: int = 1) -> tuple[Act, ...]:
    return (Act(point=point, when=when, nth=nth),)


BUSY: Fault = {"on": "batch", "action": "rate_limit", "nth": 1, "retry_after_s": 0.01}
LOST: Fault = {"on": "batch", "action": "accept_then_502", "nth": 1}
REFUSED: Fault = {"on": "batch", "action": "respond", "status": 400, "code": "invalid_parameter", "nth": 1}

POINTS = (
    Point(
        name="before the intents are committed",
        next_run="sends the rows as if nothing had happened: nothing had",
        acts=dies("commit:begin_submission", nth=2),
        status="pending",
        creates=0,
    ),
    Point(
        name="intents and batch are committed, nothing is sent",
        next_run="in doubt, then the whole batch again: same bytes, same key",
        acts=dies("commit:begin_submission", "after", 2),
        status="submitting",
        creates=0,
    ),
    Point(
        name="the POST arrived, nothing was done",
        next_run="in doubt, then the whole batch again: same bytes, same key",
        faults=(killing("drop"),),
        status="submitting",
        creates=0,
    ),
    Point(
        name="accepted, the answer was not sent",
        next_run="in doubt, then the whole batch again, which replays the first answer",
        faults=(killing("accept_then_drop"),),
        status="submitting",
        creates=4,
    ),
    Point(
        name="accepted, half of the answer was sent",
        next_run="in doubt, then the whole batch again, which replays the first answer",
        faults=(killing("headers_then_drop"),),
        status="submitting",
        creates=4,
    ),
    Point(
        name="the answer arrived, the batch's id is not committed",
        next_run="in doubt, then the whole batch again, which replays the first answer",
        acts=dies("commit:batch_taken"),
        status="submitting",
        creates=4,
    ),
    Point(
        name="the batch's id is committed",
        next_run="asks for each item by its place",
        acts=dies("commit:batch_taken", "after"),
        status="in_doubt",
        creates=4,
    ),
    Point(
        name="answered 429, not written down",
        next_run="in doubt, then the whole batch again: same bytes, same key",
        acts=dies("commit:submission_deferred"),
        faults=(BUSY,),
        status="submitting",
        creates=0,
    ),
    Point(
        name="answered 429, written down",
        next_run="sends the same attempts, by themselves or in a new batch with a new key",
        acts=dies("commit:submission_deferred", "after"),
        faults=(BUSY,),
        status="pending",
        creates=0,
    ),
    Point(
        name="refused as a whole, written down",
        next_run="sends the same attempts again; a refused batch is taken apart, so that each row is judged by itself",
        acts=dies("commit:submission_deferred", "after"),
        faults=(REFUSED,),
        status="pending",
        creates=0,
    ),
    Point(
        name="the answer was lost, not written down",
        next_run="in doubt, then the whole batch again, which replays the first answer",
        acts=dies("commit:submission_lost"),
        faults=(LOST,),
        status="submitting",
        creates=4,
    ),
    Point(
        name="the answer was lost, written down",
        next_run="the whole batch again, which replays the first answer",
        acts=dies("commit:submission_lost", "after"),
        faults=(LOST,),
        status="in_doubt",
        creates=4,
    ),
    Point(
        name="the whole batch was sent again, the answer is not committed",
        next_run="the whole batch again, which replays the first answer",
        acts=dies("commit:batch_taken"),
        faults=(LOST,),
        status="in_doubt",
        creates=4,
    ),
    Point(
        name="the items are being read",
        next_run="asks for each item by its place",
        faults=(killing("headers_then_drop", "batch_status"),),
        status="in_doubt",
        creates=4,
    ),
    Point(
        name="the items were read, their videos are not committed",
        next_run="asks for each item by its place",
        acts=dies("commit:submission_accepted", nth=2),
        status="in_doubt",
        creates=4,
    ),
)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_killed(point: Point, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, job=IN_BATCHES) as world:
        world.set_faults(point.faults)
        crashed = world.run(acts=point.acts, killable=True)
        assert crashed.killed, crashed.stderr
        assert Counter(world.statuses()[1:])[point.status] >= 3
        assert len(world.provider_rows("SELECT id FROM video")) == 1 + point.creates
        world.settle()
        assert world.statuses() == ["succeeded"] * 5
        assert_nothing_is_lost_or_paid_twice(world)


def table() -> str:
    """The table as ``docs/crash-points.md`` shows it."""
    lines = ["| the process dies | ledger | accepted by the provider | the next plain run |", "|---|---|---|---|"]
    lines += [f"| {point.name} | `{point.status}` | {point.creates} | {point.next_run} |" for point in POINTS]
    return "\n".join(lines) + "\n"


def test_the_document_shows_the_table_that_is_tested() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8")


def batches_sent(world: World) -> list[dict[str, Any]]:
    return world.provider_rows("SELECT * FROM create_call WHERE key LIKE 'batchgen-batch-%' ORDER BY seq")


def test_a_batch_is_one_create_and_the_first_row_goes_alone(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, job=IN_BATCHES) as world:
        assert world.settle().code == 0
        assert len(batches_sent(world)) == 4
        assert len({call["key"].partition("#")[0] for call in batches_sent(world)}) == 1
        assert len(world.ledger("SELECT * FROM batches")) == 1
        assert_nothing_is_lost_or_paid_twice(world)


def test_without_the_setting_no_batch_is_sent(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE) as world:
        assert world.settle().code == 0
        assert not batches_sent(world)


@pytest.mark.parametrize(
    "faults",
    [
        [{"on": "batch_status", "action": "reorder"}],
        [{"on": "batch_status", "action": "missing_items", "times": 2}],
        [{"on": "batch_status", "action": "missing_items"}],
        [{"on": "batch_status", "action": "unavailable", "times": 5}],
        [{"on": "batch", "action": "accept_then_drop", "times": 2}],
        [{"on": "batch", "action": "accept_then_empty_200", "times": 1}],
        [{"on": "batch", "action": "unavailable", "times": 2}],
        [REFUSED],
        [BUSY],
        [FAILS],
    ],
    ids=lambda faults: f"{faults[0]['on']} {faults[0]['action']} {faults[0].get('times', '')}",
)
def test_what_goes_wrong_with_a_batch_costs_no_row(faults: Sequence[Fault], tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, job=IN_BATCHES) as world:
        world.set_faults(faults)
        world.run()
        world.settle()
        assert world.statuses() == ["succeeded"] * 5
        assert_nothing_is_lost_or_paid_twice(world)


def test_an_item_that_is_refused_fails_by_itself(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, job=IN_BATCHES) as world:
        world.set_faults([{"on": "batch", "action": "refuse_items"}])
        assert world.run().code == 3
        assert world.statuses() == ["succeeded", "succeeded", "failed", "succeeded", "failed"]
        assert_nothing_is_lost_or_paid_twice(world)


def test_beyond_the_window_each_row_is_found_by_its_own_marker_and_nothing_is_sent(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, job=IN_BATCHES) as world:
        world.set_faults([killing("accept_then_drop")])
        assert world.run(killable=True).killed
        world.pass_time(DAY_AND_AN_HOUR_S)
        sent = len(batches_sent(world))
        world.settle()
        assert len(batches_sent(world)) == sent
        assert world.statuses() == ["succeeded"] * 5
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_row_that_a_person_took_out_of_a_lost_batch_is_not_ordered_by_it_again(tmp_path: Path) -> None:
    """Nothing of the batch had arrived. Sent again as a whole it would order the abandoned row, too."""
    with World(folder=tmp_path, people=PEOPLE, job=IN_BATCHES) as world:
        world.set_faults([killing("drop")])
        assert world.run(killable=True).killed
        assert world.run("r3", "--abandon", verb="resolve").code == 0
        (lost,) = {call["key"].partition("#")[0] for call in batches_sent(world)}
        world.settle()
        assert sum(call["key"].startswith(lost) for call in batches_sent(world)) == 4
        assert world.statuses() == ["succeeded", "succeeded", "failed", "succeeded", "succeeded"]
        assert_nothing_is_lost_or_paid_twice(world)


def test_a_batch_in_doubt_is_settled_as_one_when_the_setting_is_taken_back(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, job=IN_BATCHES) as world:
        world.set_faults([killing("accept_then_drop")])
        assert world.run(killable=True).killed
        world.change_job(JobText())
        world.settle()
        assert world.statuses() == ["succeeded"] * 5
        assert_nothing_is_lost_or_paid_twice(world)
