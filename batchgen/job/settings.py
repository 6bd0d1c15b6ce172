"""The tables of a job file, checked and complete: plain values that every later room reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from batchgen.job.result_columns import MORE_COLUMNS, NEEDED_COLUMNS, RESULT_COLUMNS

DOWNLOADS = ("video", "captioned_video", "subtitles", "thumbnail", "gif")
"""The files that a finished video can have."""

SNIPPET = '<a href="{{ page or video }}"><img src="{{ gif or thumbnail }}" alt="{{ title }}"></a>'
"""The HTML of a row where the job file says no other: a picture that leads to the video."""

QUICKEST_POLL_S = 0.05
"""Asking a local simulator more often than this only burns the CPU that renders."""

SHORTEST_TIMEOUT_S = 10.0
"""A hurried clock does not make this machine quicker: no simulated call gets less than this."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where files and results go."""

    folder: Path
    """Absolute."""
    filename: str = "{{ id }}"
    """A template over the columns and ``id``, without suffix; what it yields may be unsafe as a path."""
    download: tuple[str, ...] = ("video",)
    """Of `DOWNLOADS`."""
    columns: Mapping[str, str] = field(default_factory=lambda: {name: name for name in RESULT_COLUMNS})
    """Every result column that is written → the header that the sheet uses for it."""
    html: str = SNIPPET
    """What `HTML_COLUMN` says: a template over the columns and the names of `batchgen.request.SNIPPET_NAMES`."""
    files_url: str | None = None
    """Where the folder is published, ending with a slash: files are told as links below it, not as paths."""
    title_marker: bool = True
    """Put a short tag like ``[b7f3]`` into the title, so that a lost video can be found by it."""
    report_every_s: float = 60.0

    @property
    def shows_more(self) -> bool:
        """Whether a column is written of which a ledger's plain results know nothing."""
        return not self.columns.keys().isdisjoint(MORE_COLUMNS)

    @property
    def signs(self) -> tuple[str, ...]:
        """The headers by which a sheet that was written here is told: no person has them by chance."""
        return tuple(self.columns[name] for name in NEEDED_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class Pacing:
    """How hard a run leans on the provider. Times are seconds of this machine's clock."""

    concurrency: int = 10
    """Renders under way at once; pay-as-you-go accounts are allowed 10."""
    poll_every_s: float = 10.0
    poll_slowest_s: float = 60.0
    """Polling slows down to this while nothing finishes."""
    downloads: int = 4
    """Files fetched at once."""
    uploads: int = 4
    """Pictures and recordings uploaded at once."""
    create_timeout_s: float = 120.0
    """Creating is slow: the provider's p99 is about 31 s."""
    read_timeout_s: float = 30.0
    requests_per_s: float = 5.0

    def hurried(self, clock_speed: float) -> Pacing:
        """The same pacing for a provider whose clock runs ``clock_speed`` times as fast as ours."""
        return replace(
            self,
            poll_every_s=max(QUICKEST_POLL_S, self.poll_every_s / clock_speed),
            poll_slowest_s=max(QUICKEST_POLL_S, self.poll_slowest_s / clock_speed),
            create_timeout_s=_hurried_timeout(self.create_timeout_s, clock_speed),
            read_timeout_s=_hurried_timeout(self.read_timeout_s, clock_speed),
            requests_per_s=self.requests_per_s * clock_speed,
        )


@dataclass(frozen=True, kw_only=True)
class Retry:
    """What is tried again by itself."""

    attempts: int = 2
    """Renders of one row at most, the first included."""
    key_margin_h: float = 1.0
    """Hours before the end of the 24-hour idempotency window after which nothing is sent again."""


@dataclass(frozen=True, kw_only=True)
class Submit:
    """How rows are sent."""

    batch: int = 1
    """So many rows at most in one create (the provider takes 100); 1: each row has a create of its own."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Who renders. The key itself never enters a job."""

    base_url: str | None = None
    """None: the provider's public address."""
    rules: Literal["newest", "original"] = "newest"
    """Which edition of the request rules holds (api-contract.md §1)."""
    api: Literal["v3", "v2"] = "v3"
    """``v2``: new videos are ordered by the legacy route, for accounts that still have Avatar III there."""
    key_file: Path | None = None
    """Absolute."""

    @property
    def rulebook(self) -> Literal["newest", "original", "legacy"]:
        """The rules that a request has to keep."""
        return "legacy" if self.api == "v2" else self.rules


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Which prices an estimate uses."""

    table: str | None = None
    """The date of a price table; None: the newest."""
    usd_per_s: Mapping[str, float] | None = None
    """USD per second of output by engine type; the key ``any`` stands for every engine not named."""
    file: Path | None = None
    """A file of price tables that count before those of batchgen. Absolute."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What may be spent, over all runs."""

    max_usd: float | None = None
    """The cap on what was ever spent or reserved; None: no cap."""
    shared: str | None = None
    """Jobs of one ledger that name the same budget count together."""

    @property
    def max_microusd(self) -> int | None:
        return None if self.max_usd is None else round(self.max_usd * 1_000_000)


@dataclass(frozen=True, kw_only=True)
class Approve:
    """What a person has to approve before it is sent."""

    column: str | None = None
    """Header of the column whose cell must say yes; None: no row needs that."""
    require_sample: bool = False
    """Whether a run of many rows waits until a person approved videos made with the present template."""
    sample_rows: int = 5
    """A run of at most so many rows may do without."""


WebhookMode = Literal["endpoint", "callback"]


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """How the provider tells by itself that a video is done (`batchgen.listen`)."""

    public_url: str | None = None
    """Where the provider reaches the listener; a proxy or tunnel leads from there to ``host`` and ``port``."""
    mode: WebhookMode = "endpoint"
    """``endpoint``: registered for the whole account, signed. ``callback``: an address in each request, unsigned."""
    host: str = "127.0.0.1"
    port: int = 8788
    secret_file: Path | None = None
    """A file that holds the endpoint's signing secret, for an endpoint that a person registered. Absolute."""
    poll_slower: float = 5.0
    """While somebody listens, looks are so many times ``poll_slowest_s`` apart."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """Where the files that cells name may lie, beside the job's own folder."""

    roots: tuple[Path, ...] = ()
    """Absolute."""


def _hurried_timeout(seconds: float, clock_speed: float) -> float:
    return min(seconds, max(SHORTEST_TIMEOUT_S, seconds / clock_speed))
