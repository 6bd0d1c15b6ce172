"""Another job in the same folder: it shares the ledger, the provider and the folder for videos."""

from __future__ import annotations

from pathlib import Path

from tests.crash.people_sheet import PeopleSheet, Person

NEIGHBOUR = "neighbour"
"""The job's name, and its file's without suffix."""

NEIGHBOURS = (Person("n1", "Name n1", "Hello from next door."), Person("n2", "Name n2", "Hello from next door."))

_JOB = """
name = "neighbour"
sheet = "neighbours.csv"
id = "id"
ledger = "sqlite:///.batchgen/trial.db"
[request]
type = "avatar"
avatar_id = "Anna_public"
title = "For {{ id }}"
script = "{{ text }}"
[pacing]
poll_every_s = 1
poll_slowest_s = 5
[price]
table = "2026-07-01"
"""


def move_in(folder: Path) -> None:
    """Put the job file and its sheet there."""
    PeopleSheet(folder / "neighbours.csv", "csv", with_id=True).write(NEIGHBOURS)
    (folder / f"{NEIGHBOUR}.toml").write_text(_JOB, encoding="utf-8")
