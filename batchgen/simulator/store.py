"""Everything the simulated provider remembers, in one SQLite file.

Every method that writes has committed when it returns. WAL with ``synchronous=NORMAL``: what was committed
survives ``kill -9`` of the simulator (not a power cut, which nothing here promises).
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from batchgen.simulator.asset_records import ASSET_TABLES, AssetRecords
from batchgen.simulator.clock import Anchor

KEY_LIFETIME_S = 24 * 3600.0

_TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS video (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT, folder_id TEXT, request BLOB NOT NULL,
    created_at REAL NOT NULL, processing_at REAL NOT NULL, finishes_at REAL NOT NULL, duration_s REAL NOT NULL,
    price_microusd INTEGER NOT NULL, outcome TEXT NOT NULL, failure_code TEXT, failure_message TEXT,
    running_word TEXT, deleted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS video_by_finish ON video (finishes_at);
CREATE TABLE IF NOT EXISTS accepted_key (
    key TEXT PRIMARY KEY, accepted_at REAL NOT NULL, video_id TEXT NOT NULL, answer BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS create_call (
    seq INTEGER PRIMARY KEY, wall_time REAL NOT NULL, provider_time REAL NOT NULL, key TEXT, body_sha256 TEXT NOT NULL,
    title TEXT, replayed INTEGER NOT NULL, accepted INTEGER NOT NULL, video_id TEXT, status INTEGER, fault TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS download (
    seq INTEGER PRIMARY KEY, wall_time REAL NOT NULL, video_id TEXT NOT NULL, file TEXT NOT NULL,
    api_key_sent INTEGER NOT NULL, range TEXT, status INTEGER, fault TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS route_count (route TEXT PRIMARY KEY, calls INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fault_count (
    rule TEXT NOT NULL, scope TEXT NOT NULL, seen INTEGER NOT NULL, fired INTEGER NOT NULL, PRIMARY KEY (rule, scope)
) STRICT;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """One accepted video. Its whole life is decided when it is accepted; times are provider time."""

    id: str
    title: str | None
    folder_id: str | None
    request: bytes
    created_at: float
    processing_at: float
    finishes_at: float
    duration_s: float
    price_microusd: int
    outcome: str
    failure_code: str | None = None
    failure_message: str | None = None
    running_word: str | None = None

    @property
    def payload(self) -> dict[str, Any]:
        """The request that made it."""
        payload: dict[str, Any] = orjson.loads(self.request)
        return payload


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateCall:
    """One POST of a create: what arrived and what became of it. ``status`` is None when no answer was sent."""

    wall_time: float
    provider_time: float
    key: str | None
    body_sha256: str
    title: str | None
    replayed: bool = False
    accepted: bool = False
    video_id: str | None = None
    status: int | None = None
    fault: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Download:
    """One request for a file."""

    wall_time: float
    video_id: str
    file: str
    api_key_sent: bool
    range: str | None
    status: int | None
    fault: str | None


_VIDEO_FIELDS = tuple(Video.__dataclass_fields__)
_VIDEO_COLUMNS = ", ".join(_VIDEO_FIELDS)


class Store(AssetRecords):
    """The state folder's database. Use it from one thread; a second ``Store`` on the folder may read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._db = sqlite3.connect(folder / "simulator.db", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA wal_autocheckpoint=10000")  # pages; a checkpoint is where NORMAL syncs
        self._db.execute("PRAGMA busy_timeout=10000")
        self._db.executescript(_TABLES + ASSET_TABLES)

    @property
    def database(self) -> sqlite3.Connection:
        """The open file, for rooms that keep tables of their own in it."""
        return self._db

    def close(self) -> None:
        """Close the file; nothing is pending."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Within another one it is part of that."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # -- settings --------------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """A remembered setting."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def set(self, name: str, value: str | None) -> None:
        """Remember a setting, or forget it."""
        if value is None:
            self._db.execute("DELETE FROM setting WHERE name = ?", (name,))
        else:
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def secret(self, name: str) -> str:
        """A random secret that is made once and stays."""
        self._db.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (name, secrets.token_urlsafe(24)))
        value = self.setting(name)
        assert value is not None
        return value

    def anchor(self) -> Anchor | None:
        """Where the provider's clock was anchored last."""
        text = self.setting("clock")
        return None if text is None else Anchor(**orjson.loads(text))

    def set_anchor(self, anchor: Anchor) -> None:
        """Remember the clock, so that it goes on while the simulator is down."""
        fields = {"wall_s": anchor.wall_s, "provider_s": anchor.provider_s, "speed": anchor.speed}
        self.set("clock", orjson.dumps(fields).decode())

    # -- creating ---------------------------------------------------------------------------------------

    def accept(self, video: Video, key: str | None, answer: bytes, call: CreateCall) -> None:
        """Remember a video, the answer that its key replays, and the call that made it: all or nothing."""
        with self.transaction():
            self._insert("video", video, _VIDEO_FIELDS)
            if key is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO accepted_key VALUES (?, ?, ?, ?)",
                    (key, video.created_at, video.id, answer),
                )
            self._insert("create_call", call)

    def replay(self, key: str, now: float) -> tuple[bytes, str] | None:
        """The stored answer and video id of a key that is younger than 24 hours."""
        row = self._db.execute(
            "SELECT answer, video_id FROM accepted_key WHERE key = ? AND accepted_at > ?", (key, now - KEY_LIFETIME_S)
        ).fetchone()
        return None if row is None else (row["answer"], row["video_id"])

    def log_call(self, call: CreateCall) -> None:
        """Remember a create call that made no video."""
        self._insert("create_call", call)

    def _insert(self, table: str, record: Any, fields: Iterable[str] | None = None) -> None:
        names = tuple(fields or record.__dataclass_fields__)
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
        self._db.execute(sql, [getattr(record, name) for name in names])

    # -- reading videos ----------------------------------------------------------------------------------

    def video(self, video_id: str) -> Video | None:
        """A video that was not deleted."""
        return next(self._videos("id = ? AND NOT deleted", (video_id,)), None)

    def videos(self, video_ids: Iterable[str]) -> dict[str, Video]:
        """Those of the videos that exist."""
        wanted = list(video_ids)
        marks = ", ".join("?" * len(wanted))
        return {video.id: video for video in self._videos(f"id IN ({marks}) AND NOT deleted", wanted)}

    def finished_between(self, since: float, until: float) -> list[Video]:
        """Videos that finished after ``since``, no later than ``until``, in the order of their ends."""
        where = "finishes_at > ? AND finishes_at <= ? AND NOT deleted ORDER BY finishes_at, seq"
        return list(self._videos(where, (since, until)))

    def page(
        self, *, before: int | None, limit: int, title: str | None, folder_id: str | None, created_before: float
    ) -> list[tuple[int, Video]]:
        """Videos with their sequence numbers, newest first."""
        where = (
            "NOT deleted AND created_at <= :created_before AND (:before IS NULL OR seq < :before)"
            " AND (:title IS NULL OR instr(lower(title), lower(:title))) AND (:folder IS NULL OR folder_id = :folder)"
        )
        values = {
            "before": before, "title": title, "folder": folder_id, "created_before": created_before, "limit": limit,
        }  # fmt: skip
        sql = f"SELECT seq, {_VIDEO_COLUMNS} FROM video WHERE {where} ORDER BY seq DESC LIMIT :limit"  # noqa: S608
        return [(row["seq"], _video(row)) for row in self._db.execute(sql, values)]

    def delete(self, video_id: str) -> bool:
        """Delete a video; False when there is none (any more)."""
        done = self._db.execute("UPDATE video SET deleted = 1 WHERE id = ? AND NOT deleted", (video_id,))
        return done.rowcount == 1

    def _videos(self, where: str, values: Any) -> Iterator[Video]:
        sql = f"SELECT {_VIDEO_COLUMNS} FROM video WHERE {where}"  # noqa: S608 - our own names
        return map(_video, self._db.execute(sql, values))

    # -- money and slots -----------------------------------------------------------------------------------

    def unfinished(self, now: float) -> list[float]:
        """When the renders under way finish."""
        rows = self._db.execute("SELECT finishes_at FROM video WHERE finishes_at > ?", (now,))
        return [row["finishes_at"] for row in rows]

    def committed_microusd(self) -> int:
        """What all videos cost that were or will be charged."""
        sql = "SELECT coalesce(sum(price_microusd), 0) AS total FROM video WHERE outcome != 'failed'"
        return int(self._db.execute(sql).fetchone()["total"])

    def charged_microusd(self, now: float) -> int:
        """What was charged so far."""
        sql = (
            "SELECT coalesce(sum(price_microusd), 0) AS total FROM video WHERE outcome != 'failed' AND finishes_at <= ?"
        )
        return int(self._db.execute(sql, (now,)).fetchone()["total"])

    # -- faults and the log ---------------------------------------------------------------------------------

    def count_fault_candidate(self, rule: str, scope: str) -> tuple[int, int]:
        """Count one more request that a rule looks at; how many it has seen (this included) and fired at."""
        row = self._db.execute(
            "INSERT INTO fault_count VALUES (?, ?, 1, 0) ON CONFLICT DO UPDATE SET seen = seen + 1"
            " RETURNING seen, fired",
            (rule, scope),
        ).fetchone()
        return row["seen"], row["fired"]

    def count_fault(self, rule: str, scope: str) -> None:
        """Count that a rule fired."""
        self._db.execute("UPDATE fault_count SET fired = fired + 1 WHERE rule = ? AND scope = ?", (rule, scope))

    def count_route(self, route: str) -> None:
        """Count a call of a route."""
        self._db.execute("INSERT INTO route_count VALUES (?, 1) ON CONFLICT DO UPDATE SET calls = calls + 1", (route,))

    def log_download(self, download: Download) -> None:
        """Remember a request for a file."""
        self._insert("download", download)

    def log(self) -> dict[str, Any]:
        """Everything that tests count, see ``Simulator.log``."""
        return {
            "creates": [_call(row) for row in self._rows("SELECT * FROM create_call ORDER BY seq")],
            "downloads": [_download(row) for row in self._rows("SELECT * FROM download ORDER BY seq")],
            "uploads": self.uploads(),
            "routes": dict(self._db.execute("SELECT route, calls FROM route_count ORDER BY route").fetchall()),
            "faults": self._fired(),
            "max_concurrent_renders": self._most_at_once(),
        }

    def _rows(self, sql: str) -> Iterator[sqlite3.Row]:
        return iter(self._db.execute(sql))

    def _fired(self) -> dict[str, int]:
        sql = "SELECT rule, sum(fired) AS fired FROM fault_count GROUP BY rule ORDER BY rule"
        return {row["rule"]: row["fired"] for row in self._rows(sql)}

    def _most_at_once(self) -> int:
        now_and_most = 0, 0
        sql = (
            "SELECT created_at AS at, 1 AS step FROM video"
            " UNION ALL SELECT finishes_at, -1 FROM video ORDER BY at, step"
        )
        for row in self._rows(sql):
            running = now_and_most[0] + row["step"]
            now_and_most = running, max(running, now_and_most[1])
        return now_and_most[1]


def _video(row: sqlite3.Row) -> Video:
    return Video(**{name: row[name] for name in _VIDEO_FIELDS})


def _call(row: sqlite3.Row) -> Mapping[str, Any]:
    return {**dict(row), "replayed": bool(row["replayed"]), "accepted": bool(row["accepted"])}


def _download(row: sqlite3.Row) -> Mapping[str, Any]:
    return {**dict(row), "api_key_sent": bool(row["api_key_sent"])}
