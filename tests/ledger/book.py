"""A ledger on a real SQLite file, with entries brought to any status by the events that lead there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from batchgen.ledger import (
    Acceptance,
    Entry,
    Intent,
    Ledger,
    NewRequest,
    Owner,
    Run,
    Sending,
    Status,
    Stored,
    begin_run,
    record,
)

JOB = "welcome"
PROVIDER = "https://api.example.com"
FOLDER = "/srv/videos"
NOON = 1_800_000_000.0
ESTIMATE = 900_000

OTHER_HOST = Owner(host="another-host", boot="b", pid=4711, started="1.00")


class Clock:
    """Wall time that moves only when it is told to."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def request(row_id: str = "A-1", fingerprint: str = "f1", *, number: int = 2, stem: str = "a") -> NewRequest:
    return NewRequest(
        row_id=row_id,
        row_number=number,
        fingerprint=fingerprint,
        request=b'{"type":"avatar"}',
        file_stem=stem,
        estimate_microusd=ESTIMATE,
    )


def body_with(marker: str) -> bytes:
    return f'{{"title":"Hello [{marker}]"}}'.encode()


@dataclass
class Book:
    """One ledger file, the run that holds its job, and short ways through its events."""

    path: Path
    clock: Clock
    ledger: Ledger
    run: Run

    @classmethod
    def open(cls, path: Path, *, clock: Clock | None = None, owner: Owner | None = None, job: str = JOB) -> Book:
        clock = clock or Clock()
        ledger = Ledger(f"sqlite:///{path}", provider=PROVIDER, clock=clock)
        return cls(path, clock, ledger, begin_run(ledger, job, owner or Owner.this_process()))

    @classmethod
    def fresh(cls, path: Path) -> Book:
        """A new ledger, its job held by this process."""
        return cls._kept(path, made_once(None))

    @classmethod
    def standing(cls, path: Path, status: Status) -> tuple[Book, Entry]:
        """A new ledger with one entry, which stands at ``status`` and is claimed by the run."""
        kept = made_once(status)
        assert kept.entry is not None
        return cls._kept(path, kept), kept.entry

    @classmethod
    def _kept(cls, path: Path, kept: Kept) -> Book:
        path.write_bytes(kept.file)
        clock = Clock()
        return cls(path, clock, Ledger(f"sqlite:///{path}", provider=PROVIDER, clock=clock), kept.run)

    def record(self, *requests: NewRequest) -> None:
        record(self.ledger, self.run, requests or [request()])

    def claimed(self, status: Status, limit: int = 1) -> list[Entry]:
        return self.ledger.claim(self.run, status, limit=limit)

    def taken(self, status: Status) -> Entry:
        (entry,) = self.claimed(status)
        return entry

    def begun(
        self,
        entry: Entry,
        reserve: int = ESTIMATE,
        *,
        body_with: Callable[[str], bytes] = body_with,
        route: str | None = None,
    ) -> Sending:
        intent = Intent(entry=entry, body_with=body_with, reserve_microusd=reserve, route=route)
        return self.ledger.begin_submissions(self.run, [intent])[0]

    def accepted(self, entry: Entry, video_id: str = "v1") -> None:
        accepted = Acceptance(entry_id=entry.id, video_id=video_id, look_at=self.clock.now)
        self.ledger.submissions_accepted(self.run, [accepted])

    def lost(self, entry: Entry) -> None:
        self.ledger.submission_lost(self.run, entry.id, error="the answer was lost", not_before=self.clock.now)

    def deferred(self, entry: Entry) -> None:
        self.ledger.submission_deferred(self.run, entry.id, not_before=self.clock.now, reason="HTTP 429")

    def rendered(self, entry: Entry, *names: str) -> None:
        self.ledger.render_finished(
            self.run,
            entry,
            links={"video": "https://files.example.com/v1.mp4"},
            duration_s=12.0,
            page_url="https://app.example.com/v1",
            folder_id=None,
            folder=FOLDER,
            names={"video": names or ("a.mp4", "a-2.mp4", "a-3.mp4")},
        )

    def stored(self, entry: Entry, cost: int = 800_000) -> None:
        path = self.ledger.stored_paths(entry.id)["video"]
        file = Stored(kind="video", path=path, size_bytes=3, sha256="ab" * 32)
        self.ledger.artifact_stored(self.run, entry.id, stored=[file], cost_microusd=cost, note="")

    def brought_to(self, status: Status, row: NewRequest | None = None) -> Entry:
        """A new entry that stands at ``status`` and is claimed by the run, the final ones too."""
        row = row or request()
        with self.ledger.transaction():  # one commit: nobody looks in between
            self.record(row)
            entry = next(entry for entry in self.claimed(Status.PENDING, 100) if entry.row_id == row.row_id)
            self.move(entry, status)
        self.sql(
            "UPDATE entries SET leased_by = ?, leased_until = ? WHERE id = ?",
            str(self.run.owner),
            self.clock.now + 60,
            entry.id,
        )
        return entry

    def move(self, entry: Entry, status: Status) -> None:
        if status is Status.PENDING:
            return
        if status is Status.CANCELLED:
            with self.ledger.transaction() as connection:
                connection.exec_driver_sql(
                    "UPDATE entries SET status = 'cancelled', finalized_at = 1 WHERE id = ?", (entry.id,)
                )
            return
        self.begun(entry)
        match status:
            case Status.IN_DOUBT:
                self.lost(entry)
            case Status.FAILED:
                self.ledger.submission_rejected(self.run, entry.id, error="invalid_parameter: no")
            case Status.RENDERING | Status.RENDERED | Status.SUCCEEDED:
                self.accepted(entry, f"video-{entry.row_id}")
                if status is not Status.RENDERING:
                    self.rendered(entry)
                if status is Status.SUCCEEDED:
                    self.stored(entry)

    def sql(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Run one statement on a connection of its own, as another program would, and commit it."""
        connection = sqlite3.connect(self.path, timeout=1)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            rows = [dict(row) for row in connection.execute(statement, values)]
            connection.commit()
        finally:
            connection.close()
        return rows

    def column(self, name: str, row_id: str = "A-1") -> Any:
        """One column of a row's latest entry."""
        return self.sql(f"SELECT {name} FROM entries WHERE row_id = ? ORDER BY id DESC LIMIT 1", row_id)[0][name]

    def attempts(self) -> list[dict[str, Any]]:
        return self.sql("SELECT * FROM attempts ORDER BY id")

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        return dump(self.path)


@dataclass(frozen=True)
class Kept:
    """The bytes of a ledger file, and what was known of it when it was closed."""

    file: bytes
    run: Run
    entry: Entry | None


@cache
def made_once(status: Status | None) -> Kept:
    """A ledger with an entry at ``status``. Kept as bytes: migrating, and every commit's fsync, takes long."""
    with TemporaryDirectory() as folder:
        book = Book.open(Path(folder, "made.db"))
        entry = None if status is None else book.brought_to(status)
        book.ledger.close()
        return Kept(book.path.read_bytes(), book.run, entry)


def dump(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of a database file, and the definitions."""
    connection = sqlite3.connect(path, timeout=1)
    try:
        connection.row_factory = sqlite3.Row
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")]
            for table in (*sorted(tables), "sqlite_master")
        }
    finally:
        connection.close()
