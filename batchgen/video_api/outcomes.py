"""What a call led to, in our words. Creates end in one of five outcomes; reads return a value or raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The provider took the request (or replayed its first answer to the same key)."""

    video_id: str


class Cause(StrEnum):
    """Why a create was surely not processed."""

    NO_CONNECTION = "no_connection"
    TOO_FAST = "too_fast"  # the whole run is, not just this row
    NOT_READY = "not_ready"  # something that this row needs


@dataclass(frozen=True, kw_only=True, slots=True)
class Deferred:
    """Surely not processed: the same attempt, key and body may go out again later.

    ``after_s`` is the provider's Retry-After in seconds, if it gave one.
    """

    reason: str
    cause: Cause
    after_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InDoubt:
    """The request may have been processed: only the same key may ever be sent again."""

    reason: str
    soon: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """The provider refused this request; sending it again unchanged will not help."""

    status: int
    code: str
    message: str
    param: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountProblem:
    """Not this row but the account: wrong key, no credit, quota used up."""

    code: str
    message: str


CreateOutcome = Accepted | Deferred | InDoubt | Rejected | AccountProblem


class RenderState(StrEnum):
    """Where a render stands. A status word that we do not know counts as running."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """One video as ``GET /v3/videos/{id}`` shows it.

    ``links`` maps ``video``, ``captioned_video``, ``subtitles``, ``thumbnail`` and ``gif`` to signed links that
    expire; ``duration_s`` is the billed length in seconds; ``folder_id`` the folder that it is in.
    """

    id: str
    state: RenderState
    title: str | None = None
    page_url: str | None = None
    folder_id: str | None = None
    duration_s: float | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    created_at: float | None = None
    links: Mapping[str, str] = field(default_factory=dict)
