"""What reading the ledger gives: facts about rows, attempts, files and money, as a moment shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from batchgen.ledger.status import Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a plan needs of a row's latest entry."""

    fingerprint: str
    status: Status
    row_number: int
    has_videos_of: frozenset[str] = frozenset()
    """Fingerprints of earlier requests of the row that have a video, though a later request took their place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What else is known of an entry, read only where it is shown.

    ``files`` are the stored ones, by kind, relative to the output folder; ``links`` the provider's own, by kind, as
    they were when the render was done: they expire. ``folder_id`` is the provider's folder that the video is in, as it
    said itself; where it did not say, the one that the row asked for.
    """

    title: str | None
    folder_id: str | None
    files: Mapping[str, str]
    links: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What the report shows of a row's latest entry; ``path`` is relative to the output folder.

    ``cost_microusd`` is what the entry's attempts cost, as `Money` counts it; None before the first one.
    ``details`` are there when they were asked for.
    """

    row_id: str
    row_number: int
    fingerprint: str
    status: Status
    video_id: str | None
    page_url: str | None
    path: str | None
    duration_s: float | None
    cost_microusd: int | None
    note: str
    updated_at: float
    submitted_at: float | None
    details: Details | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a run left out a row that can be built: what its avatar, its voice or its links turned out to be.

    It is about exactly this request; an edited row is asked about anew.
    """

    fingerprint: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """Micro-USD over all attempts of a job: settled at true length, and reserved for what is under way."""

    settled: int
    reserved: int

    @property
    def spent(self) -> int:
        return self.settled + self.reserved


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A send that may have arrived: when it went out first (unix seconds), and the path that it went to.

    ``route`` None: it follows from the request. ``batch`` is the provider's id of the batch that it arrived in.
    """

    first_sent_at: float
    route: str | None
    batch: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFact:
    """A row under way at the provider, and the identity of the account that it was ordered from."""

    row_id: str
    row_number: int
    account: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFact:
    """A stored artifact of a succeeded entry; ``path`` is relative to the output folder."""

    entry_id: int
    row_id: str
    row_number: int
    video_id: str
    kind: str
    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptFact:
    """An attempt as an audit sees it; ``is_current`` tells the last attempt of its entry from earlier ones.

    ``may_turn_up``: its row failed or was cancelled with it, and a video of it may be at the provider all the same.
    """

    entry_id: int
    row_id: str
    row_number: int
    status: Status
    number: int
    marker: str
    video_id: str | None
    route: str | None
    outcome: str | None
    is_current: bool
    may_turn_up: bool

    def takes(self, video_id: str) -> bool:
        """Whether a person can give the row this video as the attempt's."""
        in_doubt = self.is_current and self.status is Status.IN_DOUBT
        return in_doubt or (self.may_turn_up and self.video_id in (None, video_id))
