"""What the simulated provider remembers of uploaded files: digests, sizes and lengths, not the bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchgen.simulator.recordings import NO_RECORDINGS, Recordings, recordings_named

ASSET_TABLES = """
CREATE TABLE IF NOT EXISTS asset (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, content_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, sha256 TEXT,
    state TEXT NOT NULL, created_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS recording (asset_id TEXT PRIMARY KEY, seconds REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS upload_key (
    route TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, answer BLOB NOT NULL, PRIMARY KEY (route, key)
) STRICT;
CREATE TABLE IF NOT EXISTS upload_call (
    seq INTEGER PRIMARY KEY, wall_time REAL NOT NULL, kind TEXT NOT NULL, key TEXT, asset_id TEXT, sha256 TEXT,
    size_bytes INTEGER NOT NULL, replayed INTEGER NOT NULL, api_key_sent INTEGER NOT NULL, status INTEGER
) STRICT;
"""
KEY_LIFETIME_S = 24 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadedAsset:
    """One asset. ``state``: ``promised`` (no bytes yet), ``put``, ``ready``, ``gone``; ``sha256`` is of its bytes."""

    id: str
    name: str
    content_type: str
    size_bytes: int
    sha256: str | None
    state: str
    created_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadCall:
    """One call of an upload. ``kind``: asset, upload, put, complete; ``size_bytes`` arrived."""

    wall_time: float
    kind: str
    key: str | None
    asset_id: str | None
    sha256: str | None
    size_bytes: int
    replayed: bool
    api_key_sent: bool
    status: int | None


class AssetRecords:
    """The part of the store that is about uploads."""

    _db: sqlite3.Connection

    def keep_asset(self, asset: UploadedAsset) -> None:
        """Remember an asset, or how it is now."""
        names = UploadedAsset.__dataclass_fields__
        marks = ", ".join("?" * len(names))
        self._db.execute(f"INSERT OR REPLACE INTO asset VALUES ({marks})", [getattr(asset, name) for name in names])  # noqa: S608

    def asset(self, asset_id: str) -> UploadedAsset | None:
        """An asset, whatever became of it."""
        row = self._db.execute("SELECT * FROM asset WHERE id = ?", (asset_id,)).fetchone()
        return None if row is None else UploadedAsset(**dict(row))

    def expire_asset(self, asset_id: str) -> None:
        """From now on nobody knows it."""
        self._db.execute("UPDATE asset SET state = 'gone' WHERE id = ?", (asset_id,))

    def keep_recording(self, asset_id: str, seconds: float | None) -> None:
        """Remember how long an asset plays, when that is known."""
        if seconds is not None:
            self._db.execute("INSERT OR REPLACE INTO recording VALUES (?, ?)", (asset_id, seconds))

    def recordings_in(self, request: Mapping[str, Any]) -> Recordings:
        """The lengths of those recordings of a request that were measured."""
        named = recordings_named(request)
        if not named:
            return NO_RECORDINGS
        marks = ", ".join("?" * len(named))
        rows = self._db.execute(f"SELECT asset_id, seconds FROM recording WHERE asset_id IN ({marks})", named)  # noqa: S608
        return {row["asset_id"]: row["seconds"] for row in rows}

    def keep_upload_answer(self, route: str, key: str | None, answer: bytes, now: float) -> None:
        """Remember the answer that this key replays on this route."""
        if key is not None:
            self._db.execute("INSERT OR REPLACE INTO upload_key VALUES (?, ?, ?, ?)", (route, key, now, answer))

    def upload_answer(self, route: str, key: str | None, now: float) -> bytes | None:
        """The stored answer of a key that is younger than 24 hours."""
        row = self._db.execute(
            "SELECT answer FROM upload_key WHERE route = ? AND key = ? AND at > ?", (route, key, now - KEY_LIFETIME_S)
        ).fetchone()
        return None if row is None else bytes(row["answer"])

    def log_upload(self, call: UploadCall) -> None:
        """Remember a call."""
        names = tuple(UploadCall.__dataclass_fields__)
        marks = ", ".join("?" * len(names))
        self._db.execute(
            f"INSERT INTO upload_call ({', '.join(names)}) VALUES ({marks})",  # noqa: S608 - our own names
            [getattr(call, name) for name in names],
        )

    def uploads(self) -> list[Mapping[str, Any]]:
        """Every call of an upload, in order."""
        rows = self._db.execute("SELECT * FROM upload_call ORDER BY seq")
        flags = ("replayed", "api_key_sent")
        return [{**dict(row), **{name: bool(row[name]) for name in flags}} for row in rows]
