"""What the simulated provider tells by itself: webhook endpoints, the messages of finished videos, their deliveries.

Everything is in the store's database, the queue of deliveries too: killed and started again, nothing is forgotten.
Times are provider time.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from batchgen.simulator.store import Store, Video
from batchgen.simulator.timeline import Outcome

SUCCESS, FAILURE = "avatar_video.success", "avatar_video.fail"
EVENT_TYPES: Mapping[str, str] = {SUCCESS: "A video is finished.", FAILURE: "A video failed."}

TRIED_FOR_S = 24 * 3600.0
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 3600.0
AT_ONCE = 200

_TABLES = """
CREATE TABLE IF NOT EXISTS webhook_endpoint (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, events TEXT,
    secret TEXT NOT NULL, created_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS webhook_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, video_id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
    data BLOB NOT NULL, created_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS webhook_delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, url TEXT NOT NULL, endpoint_id TEXT,
    body BLOB NOT NULL, first_at REAL NOT NULL, due_at REAL, tries INTEGER NOT NULL DEFAULT 0, status INTEGER,
    forged INTEGER NOT NULL DEFAULT 0, fault TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS webhook_delivery_due ON webhook_delivery (due_at) WHERE due_at IS NOT NULL;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A registered address; ``events`` None: all of them."""

    id: str
    url: str
    events: tuple[str, ...] | None
    secret: str
    created_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a message goes; ``endpoint_id`` None: the address that the request itself named, unsigned."""

    url: str
    endpoint_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One message on its way to one address."""

    seq: int
    event_id: str
    url: str
    endpoint_id: str | None
    body: bytes
    first_at: float
    tries: int
    forged: bool


class Outbox:
    """Endpoints, messages and the queue of deliveries. Used from the store's thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._db = store.database
        self._db.executescript(_TABLES)
        self._told_until = float(store.setting("told_until") or 0.0)

    # -- endpoints -----------------------------------------------------------------------------------------

    def add(self, url: str, events: Sequence[str] | None, now: float) -> Endpoint:
        """Register an address. The same one twice makes two endpoints, as it may at the provider."""
        endpoint_id, wanted = uuid.uuid4().hex, None if events is None else orjson.dumps(list(events)).decode()
        sql = "INSERT INTO webhook_endpoint (id, url, events, secret, created_at) VALUES (?, ?, ?, ?, ?)"
        self._db.execute(sql, (endpoint_id, url, wanted, secrets.token_hex(32), now))
        endpoint = self.endpoint(endpoint_id)
        assert endpoint is not None
        return endpoint

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """One endpoint."""
        row = self._db.execute("SELECT * FROM webhook_endpoint WHERE id = ?", (endpoint_id,)).fetchone()
        return None if row is None else _endpoint(row)

    def endpoints(self) -> list[Endpoint]:
        """All of them, oldest first."""
        return [_endpoint(row) for row in self._db.execute("SELECT * FROM webhook_endpoint ORDER BY seq")]

    def change(self, endpoint_id: str, url: str, events: Sequence[str] | None) -> None:
        """Another address, or other events."""
        wanted = None if events is None else orjson.dumps(list(events)).decode()
        self._db.execute("UPDATE webhook_endpoint SET url = ?, events = ? WHERE id = ?", (url, wanted, endpoint_id))

    def rotate(self, endpoint_id: str) -> None:
        """A new secret; the old one is good for nothing from now on."""
        secret = secrets.token_hex(32)
        self._db.execute("UPDATE webhook_endpoint SET secret = ? WHERE id = ?", (secret, endpoint_id))

    def remove(self, endpoint_id: str) -> bool:
        """Forget an endpoint and what was on its way there; False when there is none."""
        self._db.execute("UPDATE webhook_delivery SET due_at = NULL WHERE endpoint_id = ?", (endpoint_id,))
        return self._db.execute("DELETE FROM webhook_endpoint WHERE id = ?", (endpoint_id,)).rowcount == 1

    # -- messages ------------------------------------------------------------------------------------------

    def untold(self, now: float) -> list[Video]:
        """Videos that ended since the last ``told``."""
        ended = self._store.finished_between(self._told_until, now)
        return [video for video in ended if video.outcome != Outcome.VANISHED]

    def told(self, until: float) -> None:
        """Messages were made of all videos that ended until then."""
        self._told_until = until
        self._store.set("told_until", repr(until))

    def targets(self, video: Video) -> list[Target]:
        """Everybody who wants to know of the end of a video."""
        kind = event_type(video)
        wanting = [each for each in self.endpoints() if each.events is None or kind in each.events]
        named = video.payload.get("callback_url")
        own = [Target(url=named, endpoint_id=None)] if isinstance(named, str) and named else []
        return [*(Target(url=each.url, endpoint_id=each.id) for each in wanting), *own]

    def tell(self, video: Video, now: float) -> tuple[str, bytes]:
        """Make the message of a video's end: its event id and its body. Made once; the same again afterwards."""
        data = orjson.dumps(_event_data(video))
        sql = "INSERT OR IGNORE INTO webhook_event (id, video_id, type, data, created_at) VALUES (?, ?, ?, ?, ?)"
        self._db.execute(sql, (uuid.uuid4().hex, video.id, event_type(video), data, now))
        row = self._db.execute("SELECT * FROM webhook_event WHERE video_id = ?", (video.id,)).fetchone()
        return row["id"], message(row["type"], orjson.loads(row["data"]))

    def events(self, *, before: int | None, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """The history, newest first."""
        sql = "SELECT * FROM webhook_event WHERE ? IS NULL OR seq < ? ORDER BY seq DESC LIMIT ?"
        return [
            (
                row["seq"],
                {
                    "event_id": row["id"],
                    "event_type": row["type"],
                    "event_data": orjson.loads(row["data"]),
                    "created_at": str(row["created_at"]),
                },
            )
            for row in self._db.execute(sql, (before, before, limit))
        ]

    # -- deliveries ----------------------------------------------------------------------------------------

    def send(
        self, event_id: str, target: Target, body: bytes, due_at: float | None, *, forged: bool = False,
        fault: str | None = None,
    ) -> None:  # fmt: skip
        """Put a delivery into the queue; ``due_at`` None: it is lost on the way."""
        sql = (
            "INSERT INTO webhook_delivery (event_id, url, endpoint_id, body, first_at, due_at, forged, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        values = (event_id, target.url, target.endpoint_id, body, due_at or 0.0, due_at, int(forged), fault)
        self._db.execute(sql, values)

    def due(self, now: float) -> list[Delivery]:
        """Deliveries to carry out now."""
        sql = "SELECT * FROM webhook_delivery WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?"
        names = Delivery.__dataclass_fields__
        found = [dict(row) for row in self._db.execute(sql, (now, AT_ONCE))]
        return [Delivery(**{**{name: row[name] for name in names}, "forged": bool(row["forged"])}) for row in found]

    def delivered(self, delivery: Delivery, status: int | None, now: float) -> None:
        """What came of a delivery. Unless it was taken it is tried again, ever later, for a day; a forger gives up."""
        taken = status is not None and 200 <= status < 300
        later = now + min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0**delivery.tries)
        over = taken or delivery.forged or later > delivery.first_at + TRIED_FOR_S
        sql = "UPDATE webhook_delivery SET due_at = ?, tries = tries + 1, status = ? WHERE seq = ?"
        self._db.execute(sql, (None if over else later, status, delivery.seq))

    def log(self) -> list[dict[str, Any]]:
        """Every delivery: whom it was for, how often it was tried, the last answer, the fault that befell it."""
        sql = (
            "SELECT d.seq, d.event_id, d.url, d.endpoint_id, d.tries, d.status, d.forged, d.fault, d.due_at,"
            " e.video_id FROM webhook_delivery d LEFT JOIN webhook_event e ON e.id = d.event_id ORDER BY d.seq"
        )
        return [{**dict(row), "forged": bool(row["forged"])} for row in self._db.execute(sql)]


def _endpoint(row: sqlite3.Row) -> Endpoint:
    events = None if row["events"] is None else tuple(orjson.loads(row["events"]))
    return Endpoint(id=row["id"], url=row["url"], events=events, secret=row["secret"], created_at=row["created_at"])


def event_type(video: Video) -> str:
    """The word for a video's end."""
    return FAILURE if video.outcome == Outcome.FAILED else SUCCESS


def _event_data(video: Video) -> dict[str, Any]:
    callback_id = video.payload.get("callback_id")
    if video.outcome == Outcome.FAILED:
        return {"video_id": video.id, "msg": video.failure_message, "callback_id": callback_id}
    return {
        "video_id": video.id,
        "url": f"https://files.invalid/{video.id}.mp4",  # links are had from GET /v3/videos/{id}
        "gif_download_url": None,
        "video_page_url": None,
        "video_share_page_url": None,
        "folder_id": video.folder_id,
        "callback_id": callback_id,
    }


def message(kind: str, data: Mapping[str, Any]) -> bytes:
    """The body of a delivery."""
    return orjson.dumps({"event_type": kind, "event_data": data})


def contradiction(video: Video) -> bytes:
    """What a forger says of a video: the opposite of the truth."""
    kind = SUCCESS if event_type(video) == FAILURE else FAILURE
    return message(kind, {"video_id": video.id, "msg": "Forged.", "url": "https://evil.invalid/video.mp4"})


def signature(body: bytes, secret: str) -> str:
    """Hex HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def loopback_url(url: object) -> bool:
    """Whether a delivery may go there: the simulator calls this machine and nothing else."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and port is not None
