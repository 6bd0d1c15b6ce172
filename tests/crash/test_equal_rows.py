"""Rows that ask for exactly the same and have no id: told apart by their order alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.crash.oracle import assert_nothing_is_lost_or_paid_twice
from tests.crash.people_sheet import Kind, Person
from tests.crash.world import JobText, World

EQUAL = tuple(Person(f"r{number}", "Somebody", "The same for everybody.") for number in (1, 2, 3))
OTHER = Person("r4", "Anna", "Hello Anna.")
PEOPLE = (*EQUAL, OTHER)
SORTED = (OTHER, *reversed(EQUAL))


@pytest.mark.parametrize("verb", ["run", "sync", "audit"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_sorted_after_their_results_came_they_show_what_the_ledger_says(verb: str, kind: Kind, tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, kind=kind, with_id=False) as world:
        world.run()
        world.edit(SORTED)
        sorted_again = world.run(verb=verb)
        assert (sorted_again.code, json.loads(sorted_again.stdout)["problems"]) == (0, [])
        assert len(world.provider_rows("SELECT id FROM video")) == len(PEOPLE)
        assert_nothing_is_lost_or_paid_twice(world)
        assert world.run(verb="audit").code == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_sorted_as_they_get_ids_they_show_what_the_ledger_says(kind: Kind, tmp_path: Path) -> None:
    job = JobText(called_by="name")
    with World(folder=tmp_path, people=PEOPLE, kind=kind, with_id=False, job=job) as world:
        world.run()
        world.edit(SORTED)
        world.name_id_column()
        with_ids = world.run()
        assert (with_ids.code, json.loads(with_ids.stdout)["problems"]) == (0, [])
        assert len(world.provider_rows("SELECT id FROM video")) == len(PEOPLE)
        assert world.run(verb="audit").code == 0


def test_sorted_when_one_of_them_failed_each_row_shows_one_whole_result(tmp_path: Path) -> None:
    with World(folder=tmp_path, people=PEOPLE, with_id=False) as world:
        world.set_faults([{"on": "render", "action": "fail", "failure_code": "content_policy_violation", "nth": 2}])
        assert world.run().code == 3
        world.edit(SORTED)
        world.settle()
        assert_nothing_is_lost_or_paid_twice(world)
        assert world.run(verb="audit").code == 0
