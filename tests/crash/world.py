"""One small world: a job with its sheet in a folder, a simulated provider beside it, and the runs of that job."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from tests.crash.child import Command, ProviderSettings
from tests.crash.fork_server import BatchgenChild, Ended, ProviderChild
from tests.crash.grants import Grant, Request
from tests.crash.neighbour import NEIGHBOUR, move_in
from tests.crash.passing_points import Act
from tests.crash.people_sheet import Kind, PeopleSheet, Person
from tests.crash.static_files import shelve
from tests.media.made import large_picture

KEY = "sk_live_trial_key_that_must_not_leak"
OUR_SPEED = 40.0
"""Seconds of batchgen's clock in one second of ours."""

HURRIED = 200.0
"""The same where batchgen has to wait for ten minutes of its clock."""

PROVIDER_SPEED = 500.0
"""Seconds of the provider's clock in one second of ours: renders take a few seconds of batchgen's clock."""

PLENTY_USD = 100_000.0

ENOUGH_RUNS = 8
"""Plain runs after which everything must be settled."""

SETTLED = (0, 3)
IN_DOUBT = 6
HELD = 7

PICTURE = "wall.png"

TRIAL = "trial"
"""The job's name, and its file's without suffix."""

_LATEST = """SELECT * FROM (
    SELECT e.*, a.marker, a.outcome, a.number FROM entries e JOIN jobs j ON j.id = e.job_id AND j.name = ?
    LEFT JOIN attempts a ON a.entry_id = e.id AND a.number = e.attempt AND a.fingerprint = e.fingerprint
    WHERE e.id IN (
        SELECT coalesce(
            max(CASE WHEN status NOT IN ('failed', 'cancelled') AND superseded_at IS NULL THEN id END), max(id)
        )
        FROM entries GROUP BY job_id, row_id
    )
)"""

Fault = Mapping[str, Any]
CalledBy = Literal["id", "name"]
Api = Literal["v3", "v2"]


def memory_folder() -> Path | None:
    """A folder in memory, for worlds that need not outlive a power cut; None: there is none here."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else None


@dataclass(frozen=True, kw_only=True)
class JobText:
    """What varies between the job files of trials."""

    download: tuple[str, ...] = ("video",)
    attempts: int = 2
    title_marker: bool = True
    concurrency: int = 10
    called_by: CalledBy = "id"
    """Which column titles and file names are made of; a sheet without ids has names only."""
    media: int = 0
    """Bytes of a picture that every row shows; 0: none."""
    api: Api = "v3"
    batch: int = 1
    """Rows in one create, at most."""
    request: str = ""
    extra: str = ""

    def toml(self, sheet: PeopleSheet) -> str:
        name = "{{ id }}" if sheet.with_id and self.called_by == "id" else "{{ name }}"
        return f"""
name = "trial"
sheet = {json.dumps(sheet.path.name)}
{'id = "id"' if sheet.with_id else ""}
[request]
type = "avatar"
avatar_id = "Anna_public"
title = "For {name}"
script = "{{{{ text }}}}"
{f'background = "{PICTURE}"' if self.media else ""}
{self.request}
[output]
filename = "{name}"
download = {json.dumps(list(self.download))}
title_marker = {json.dumps(self.title_marker)}
[pacing]
poll_every_s = 1
poll_slowest_s = 5
create_timeout_s = 60
requests_per_s = 50
concurrency = {self.concurrency}
[retry]
attempts = {self.attempts}
[submit]
batch = {self.batch}
[provider]
api = "{self.api}"
[price]
table = "2026-07-01"
{self.extra}
"""


IN_BATCHES = JobText(batch=100)
BY_LEGACY_ROUTE = JobText(
    request='engine = "avatar_iii"\nvoice_id = "en_anna"',
    extra="usd_per_s = { avatar_iii = 0.0167 }",
    api="v2",
)


@dataclass(kw_only=True)
class World:
    """Enter it to start the provider. ``people`` is what the user has in the sheet now; ``sheets`` its history."""

    folder: Path
    people: tuple[Person, ...]
    kind: Kind = "csv"
    with_id: bool = True
    job: JobText = field(default_factory=JobText)
    provider_concurrency: int = 10
    credit_usd: float = PLENTY_USD
    speed: float = OUR_SPEED
    mutation: str | None = None
    runs: list[Ended] = field(default_factory=list)
    sheets: list[tuple[Person, ...]] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    with_neighbour: bool = False
    jump_s: float = 0.0
    origin: float = field(default_factory=time.time)
    _provider: ProviderChild | None = None

    # -- files --------------------------------------------------------------------------------------------

    @property
    def sheet(self) -> PeopleSheet:
        return PeopleSheet(self.folder / f"people.{self.kind}", self.kind, self.with_id)

    @property
    def ledger_file(self) -> Path:
        return self.folder / ".batchgen" / "trial.db"

    @property
    def videos(self) -> Path:
        return self.folder / "videos"

    @property
    def provider_state(self) -> Path:
        return self.folder / "provider"

    def edit(self, people: Sequence[Person]) -> None:
        """The user changes the sheet: texts, order, rows."""
        self.sheet.rearrange(self.people, people)
        self._is_now(people)

    def name_id_column(self) -> None:
        """The user gives every row an id, and tells the job."""
        named = PeopleSheet(self.sheet.path, self.kind, with_id=True)
        named.prepend_ids(self.people)
        self.with_id = True
        self._write_job()

    def change_job(self, job: JobText) -> None:
        """The user changes the job file."""
        self.job = job
        self._write_job()

    def request_of(self, person: Person) -> Request:
        """What the row asks for now."""
        name = person.id if self.with_id and self.job.called_by == "id" else person.name
        return f"For {name}", person.text

    def _is_now(self, people: Sequence[Person]) -> None:
        self.people = tuple(people)
        self.sheets.append(self.people)

    # -- provider -----------------------------------------------------------------------------------------

    @property
    def provider(self) -> ProviderChild:
        assert self._provider is not None, "enter the world first"
        return self._provider

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sheet.write(self.people)
        self._is_now(self.people)
        self._write_job()
        if self.job.media:
            large_picture(self.folder / PICTURE, size_bytes=self.job.media)
        if self.with_neighbour:
            move_in(self.folder)
        shelve(self.provider_state / "files")
        self._start_provider(port=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.provider.stop()

    def _write_job(self) -> None:
        (self.folder / f"{TRIAL}.toml").write_text(self.job.toml(self.sheet), encoding="utf-8")

    def _start_provider(self, *, port: int) -> None:
        settings = ProviderSettings(
            state=self.provider_state,
            clock_speed=PROVIDER_SPEED,
            port=port,
            concurrency=self.provider_concurrency,
            credit_usd=self.credit_usd,
        )
        self._provider = ProviderChild(settings)

    def restart_provider(self) -> None:
        """The provider goes down and comes back at the same address."""
        port = urlsplit(self.provider.url).port
        assert port is not None
        self.provider.crash()
        self._start_provider(port=port)

    def refill_wallet(self) -> None:
        """The user settles whatever was wrong with the account."""
        if self.credit_usd < PLENTY_USD:
            self.credit_usd = PLENTY_USD
            self.restart_provider()

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace the provider's fault rules (see ``batchgen.simulator.faults``)."""
        self.provider.control("PUT", "faults", {"fault": list(faults)})

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass for everybody."""
        self.provider.control("PUT", "clock", {"advance_s": seconds})
        self.jump_s += seconds

    @cached_property
    def listening(self) -> tuple[str, ...]:
        """The options of a run that is told by webhook, always at the same address."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        return ("--listen", "--public-url", f"http://127.0.0.1:{port}", "--port", str(port))

    # -- runs ---------------------------------------------------------------------------------------------

    def start(
        self, *options: str, verb: str = "run", acts: Sequence[Act] = (), killable: bool = False, job: str = TRIAL
    ) -> BatchgenChild:
        """Start ``batchgen run trial.toml --yes``. ``killable``: the provider's faults may kill it."""
        arguments = (verb, f"{job}.toml", *(("--yes",) if verb == "run" else ()), "--json", *options)
        command = Command(
            arguments=arguments,
            folder=self.folder,
            env={"HEYGEN_API_BASE": self.provider.url, "HEYGEN_API_KEY": KEY},
            sheet=self.sheet.path.name,
            out=self.folder / "out" / f"{len(self.runs):02}-{time.monotonic_ns()}",
            acts=tuple(acts),
            mutation=self.mutation,
            speed=self.speed,
            origin=self.origin,
            jump_s=self.jump_s,
            registers_with=(self.provider.url, self.provider.token) if killable else None,
        )
        return BatchgenChild(command)

    @contextmanager
    def clock_moved_by(self, acts: Sequence[Act], child: BatchgenChild) -> Iterator[None]:
        """Whoever starts meanwhile sees the clock as these acts of a run under way have moved it."""
        before = self.jump_s
        self.jump_s += jumped_s(acts, child.trace)
        try:
            yield
        finally:
            self.jump_s = before

    def ended(self, child: BatchgenChild) -> Ended:
        """Wait for a run and remember it."""
        ended = child.wait()
        self.runs.append(ended)
        return ended

    def run(self, *options: str, verb: str = "run", acts: Sequence[Act] = (), killable: bool = False) -> Ended:
        """One command from start to its end, whatever that is."""
        return self.ended(self.start(*options, verb=verb, acts=acts, killable=killable))

    def settle(self, *options: str) -> Ended:
        """Plain runs without faults until nothing is left to do; the last one. Fails when that never comes.

        A run that leaves rows in doubt asks for a person, who is here the honest one that batchgen counts on.
        """
        self.set_faults([])
        if self.with_neighbour:
            self._settle(NEIGHBOUR)
        return self._settle(TRIAL, *options)

    def _settle(self, job: str, *options: str) -> Ended:
        for _ in range(ENOUGH_RUNS):
            ended = self.ended(self.start(*options, job=job))
            if ended.code in SETTLED:
                return ended
            if ended.code == IN_DOUBT:
                self._decide(job)
        raise AssertionError(f"not settled after {ENOUGH_RUNS} plain runs (exit {ended.code}):\n{ended.stderr}")

    def _decide(self, job: str) -> None:
        """What the person does: adopt the video that the provider has for a row, or say that it never arrived."""
        for entry in self.latest("status = 'in_doubt'", job=job):
            video = self.video_marked(entry["marker"])
            decision = ("--adopt", video) if video else ("--resubmit",)
            self.ended(self.start(entry["row_id"], *decision, verb="resolve", job=job))

    # -- looking ------------------------------------------------------------------------------------------

    def ledger(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the ledger, read past batchgen."""
        return _read(self.ledger_file, sql, values)

    def latest(self, condition: str = "TRUE", *, job: str = TRIAL) -> list[dict[str, Any]]:
        """Each row's latest entry with marker and outcome of its current attempt, sorted by row id."""
        return self.ledger(f"{_LATEST} WHERE {condition} ORDER BY row_id", job)

    def provider_rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the simulator's own log."""
        return _read(self.provider_state / "simulator.db", sql, values)

    def accepted(self) -> int:
        """The number of the newest video that the provider has accepted; 0: none yet."""
        return int(self.provider_rows("SELECT coalesce(max(seq), 0) AS newest FROM video")[0]["newest"])

    def video_marked(self, marker: str) -> str | None:
        """The video at the provider whose title carries the marker."""
        found = self.provider_rows("SELECT id FROM video WHERE instr(title, ?)", f"[{marker}]")
        return found[0]["id"] if found else None

    def statuses(self) -> list[str]:
        """Every entry's status, in the order of their recording."""
        if not self.ledger_file.exists() or not self.ledger("SELECT 1 FROM sqlite_master WHERE name = 'entries'"):
            return []
        return [row["status"] for row in self.ledger("SELECT status FROM entries ORDER BY id")]


def jumped_s(acts: Sequence[Act], trace: Sequence[str]) -> float:
    """How far a run's acts have moved the clock, as its trace tells."""
    return sum(act.seconds for act in acts if act.do == "jump" and f"= {act}" in trace)


def _read(path: Path, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]
