"""What the ledger hands out: immutable facts about entries, attempts and runs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from batchgen.ledger.owner import Owner
from batchgen.ledger.status import Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run that holds its job. Every event that a run writes is guarded by its owner."""

    id: int
    job_id: int
    job: str
    owner: Owner
    lease_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRequest:
    """What ``record`` takes: one row's request. ``request`` is its canonical JSON.

    ``digests``: the sha256 (hex) of the local files that have to be at the provider before it is sent. ``asks``: the
    run may send it, now or when a render under way has failed.
    """

    row_id: str
    row_number: int
    fingerprint: str
    request: bytes
    file_stem: str
    estimate_microusd: int
    digests: frozenset[str] = frozenset()
    asks: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row's line in the ledger. Times are unix seconds, money is micro-USD."""

    id: int
    row_id: str
    row_number: int
    fingerprint: str
    request: bytes
    file_stem: str
    estimate_microusd: int
    status: Status
    attempt: int
    tries: int
    video_id: str | None
    page_url: str | None
    links: Mapping[str, str]
    duration_s: float | None
    not_before: float
    snoozes: int
    missing_since: float | None
    missing_times: int
    submitted_at: float | None

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = orjson.loads(self.request)
        return payload


@dataclass(frozen=True, kw_only=True, slots=True)
class LacksFiles:
    """A succeeded entry that lacks files of these ``kinds``; ``note`` is what it says.

    ``is_given_any``: whether the provider had one of them when the render was done.
    """

    entry_id: int
    kinds: tuple[str, ...]
    note: str
    is_given_any: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """The exact bytes of one attempt. Whatever is sent again within the attempt is this, unchanged.

    ``route`` is the path that they go to; None: it follows from the request.
    """

    entry_id: int
    number: int
    key: str
    body: bytes
    marker: str
    first_sent_at: float
    route: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """An artifact on disk: ``path`` relative to the output folder, size in bytes."""

    kind: str
    path: str
    size_bytes: int
    sha256: str


def idempotency_key(*, job: str, row_id: str, fingerprint: str, number: int) -> str:
    """The key of one attempt: the same for the same job, row, request and number, and for nothing else.

    It holds the fingerprint because the provider replays the first answer for a key even when the body differs
    (Idempotency-Key, 24 hours): a key of the row alone would hand an edited row its old video.
    """
    digest = hashlib.sha256(orjson.dumps([job, row_id, fingerprint, number])).hexdigest()
    return f"batchgen-{digest[:40]}-{number}"


def marker_of(key: str) -> str:
    """The tag that goes into the title, so that a video can be found by its attempt: 40 bits of the key's hash."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest()[:5]).decode().lower()
