"""A small job in a folder of its own, run through the real command line."""

from __future__ import annotations

import contextlib
import csv
import shlex
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.batchgen_process import Batchgen, Ended, ProviderLog, ProviderProcess, batchgen, log_of
from tests.cli.in_process import batchgen_here

NAMES = ("Anna", "Bogdan", "Chiara", "Dmitri", "Emre", "Fatima", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena")

JOB = """
name = "hello"
sheet = "people.csv"
id = "id"

[request]
type = "avatar"
avatar_id = "Anna_public"
title = "For {{ id }}"
script = "Hello {{ name }}, how are you today?"

[pacing]
poll_every_s = 0.05
poll_slowest_s = 0.05
requests_per_s = 500
"""

FAILS = {"on": "render", "title_contains": "r2", "action": "fail", "failure_code": "content_policy_violation"}
NEVER_ARRIVES = {"on": "create", "title_contains": "r2", "action": "drop"}

DAYS_S = 3 * 24 * 3600

PROMISED_KEYS = {"job", "run", "rows", "counts", "problems", "spent_usd", "next"}
RUN_KEYS = PROMISED_KEYS | {"money", "budget", "results"}
STATUS_KEYS = RUN_KEYS | {"attention", "oldest_render"}
PROBLEM_KEYS = {"row", "id", "column", "value", "message", "hint"}


def next_of(verb: str, *more: str) -> str:
    """The next command in the simulated world."""
    return shlex.join(["batchgen", verb, "job.toml", *more, "--simulate"])


@dataclass
class SmallJob:
    """``hello``: a CSV sheet of people with ids ``r1``, ``r2``, …, and what came of it."""

    folder: Path
    own_provider: ProviderProcess | None = None
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.own_provider is not None:
            self.env = {**self.own_provider.env, **self.env}

    @property
    def provider(self) -> ProviderProcess:
        assert self.own_provider is not None, "this job is only simulated"
        return self.own_provider

    # -- the user's files ---------------------------------------------------------------------------------

    @property
    def sheet(self) -> Path:
        return self.folder / "people.csv"

    @property
    def job_file(self) -> Path:
        return self.folder / "job.toml"

    def write(self, *, rows: int | Sequence[Sequence[str]], job: str = JOB) -> SmallJob:
        """Write the job file and a sheet with so many people, or with these (id, name)."""
        people = [(f"r{number}", NAMES[number % len(NAMES)]) for number in range(1, rows + 1)] if isinstance(
            rows, int
        ) else rows  # fmt: skip
        self.folder.mkdir(parents=True, exist_ok=True)
        self.job_file.write_text(job, encoding="utf-8")
        with self.sheet.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id", "name"), *people])
        return self

    def edit(self, change: dict[str, str]) -> None:
        """Replace text in the sheet as a person would, keeping the result columns."""
        text = self.sheet.read_text(encoding="utf-8")
        for old, new in change.items():
            assert old in text
            text = text.replace(old, new)
        self.sheet.write_text(text, encoding="utf-8", newline="")

    @property
    def results(self) -> list[dict[str, str]]:
        """The rows of the sheet in order, as header → cell."""
        return _rows(self.sheet)

    @property
    def simulated_results(self) -> list[dict[str, str]]:
        """The rows of the simulated world's sheet."""
        return _rows(self.folder / "people.simulated.csv")

    @property
    def simulated_statuses(self) -> list[str]:
        """``video_status`` of the simulated world's rows in order."""
        return [row["video_status"] for row in self.simulated_results]

    @property
    def state_folder(self) -> Path:
        return self.folder / ".batchgen"

    # -- running ------------------------------------------------------------------------------------------

    def start(self, *options: object) -> Batchgen:
        """``batchgen run job.toml --yes …`` against the provider, as a process under way."""
        return Batchgen("run", "job.toml", "--yes", *options, folder=self.folder, env=self.env)

    def run(self, *options: object) -> Ended:
        """``batchgen run job.toml --yes --json …`` to its end."""
        return batchgen("run", "job.toml", "--yes", "--json", *options, folder=self.folder, env=self.env)

    def simulate(self, *options: object, faults: Sequence[Mapping[str, Any]] = (), clock_speed: float = 200) -> Ended:
        """``batchgen run job.toml --simulate --static --json …`` with these faults, within this process."""
        path = self.folder / "faults.toml"
        path.write_text("\n".join(_fault(rule) for rule in faults), encoding="utf-8")
        simulated = ("--simulate", "--static", "--clock-speed", clock_speed, "--faults", path, "--json")
        with contextlib.chdir(self.folder):
            return batchgen_here("run", "job.toml", *simulated, *options, env=self.env)

    def in_doubt_for_days(self, fault: Mapping[str, Any]) -> None:
        """Three rows in the simulated world; r2 was sent three days ago and never answered, the others are done."""
        self.write(rows=3)
        assert self.simulate("--time-limit", "2s", faults=[fault]).code == 4
        assert self.simulated_statuses == ["succeeded", "in_doubt", "succeeded"]
        with contextlib.closing(sqlite3.connect(self.state_folder / "hello.simulated.db")) as ledger, ledger:
            ledger.execute("UPDATE attempts SET first_sent_at = first_sent_at - ?", (DAYS_S,))

    def run_without_yes(self, *options: object) -> Ended:
        """``batchgen run job.toml …`` where nobody can be asked."""
        return batchgen("run", "job.toml", *options, folder=self.folder, env=self.env)

    def plan(self, *options: object) -> Ended:
        """``batchgen plan job.toml …`` of the real world, within this process."""
        with contextlib.chdir(self.folder):
            return batchgen_here("plan", "job.toml", *options, env=self.env)

    def status(self, *options: object) -> Ended:
        """``batchgen status job.toml --json …``."""
        return batchgen("status", "job.toml", "--json", *options, folder=self.folder, env=self.env)

    def ask(self, verb: str, *arguments: object) -> Ended:
        """``batchgen VERB job.toml … --simulate --json``, within this process."""
        return self.tell(verb, *arguments, "--json")

    def tell(self, verb: str, *arguments: object) -> Ended:
        """``batchgen VERB job.toml … --simulate``, within this process."""
        with contextlib.chdir(self.folder):
            return batchgen_here(verb, "job.toml", *arguments, "--simulate", env=self.env)

    @property
    def simulated_log(self) -> ProviderLog:
        return log_of(self.state_folder / "hello.simulator")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fault(rule: Mapping[str, Any]) -> str:
    return "[[fault]]\n" + "\n".join(f"{key} = {orjson.dumps(value).decode()}" for key, value in rule.items())
