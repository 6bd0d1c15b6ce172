"""A receiver on a real port over a real ledger, and messages as the provider sends them."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import orjson
from pydantic import SecretStr

from batchgen.ledger import Ledger
from batchgen.listen import Ear, GivenSecret, Receiver, SecretsInUse, open_port

SECRET = "whsec_0123456789"
PATH_SECRET = "path-secret-0123456789"
HOOK = "/webhooks/heygen"
GIVEN = SecretsInUse(of_endpoint=GivenSecret(SecretStr(SECRET)), of_callbacks=("other-job", PATH_SECRET))


def message(video_id: str = "v1", kind: str = "avatar_video.success") -> bytes:
    return orjson.dumps({"event_type": kind, "event_data": {"video_id": video_id, "url": "https://x.test/v.mp4"}})


def signature(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def newer_form(body: bytes, *, event_id: str = "e1", secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    signed = signature(body, secret)
    return {"Heygen-Signature": signed, "Heygen-Timestamp": timestamp, "Heygen-Event-Id": event_id}


def older_form(body: bytes, *, secret: str = SECRET) -> dict[str, str]:
    return {"signature": signature(body, secret)}


@contextmanager
def receiving(file: Path, secrets: SecretsInUse = GIVEN, *, public_url: str | None = None) -> Iterator[httpx.Client]:
    """A client of a receiver that writes into the ledger ``file``."""
    ledger = Ledger(file, provider="https://api.example.com")
    port = open_port("127.0.0.1", 0)
    try:
        with (
            Receiver(port, [Ear(ledger, ("welcome",))], secrets, public_url) as receiver,
            httpx.Client(base_url=receiver.url, trust_env=False, timeout=20) as client,
        ):
            yield client
    finally:
        ledger.close()


def arrivals(file: Path) -> list[tuple[str, str]]:
    """Event and video id of everything that the ledger holds, read past batchgen."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT event_id, video_id FROM arrivals ORDER BY event_id").fetchall()
