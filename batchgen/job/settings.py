"""What a job file says, checked and complete: plain values that every later room reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from batchgen.job.result_columns import MORE_COLUMNS, NEEDED_COLUMNS, RESULT_COLUMNS

if TYPE_CHECKING:
    from pandas import DataFrame

STATE_FOLDER = ".batchgen"
"""The folder beside the job file for what batchgen keeps to itself."""

KEY_WINDOW_S = 24 * 3600.0
"""How long the provider answers an idempotency key with its first answer ("replayed for 24 hours")."""

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
    kinds: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Look id → avatar type, as far as the provider has said it; no key of the job file."""
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


@dataclass(frozen=True, kw_only=True)
class Job:
    """One batch: a sheet, a template and settings. Made by `load_job`; every path in it is absolute."""

    name: str
    """Safe as a file name."""
    path: Path | None
    """The job file; None when the job is a sheet alone."""
    folder: Path
    """What relative paths in the job file are relative to."""
    sheet: Path
    """The file that is read; when the sheet is behind a link, the local copy of it."""
    results: Path
    """The file that gets the result columns: the sheet, except in a simulated world and for a sheet behind a link."""
    output: Output
    sheet_link: str | None = field(default=None, repr=False)
    """Where the sheet is fetched from before each run and plan; never shown: whoever has it can read the sheet."""
    tab: str | None = None
    header_row: int = 1
    id_column: str | None = None
    only_if: str | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    """Request fields as nested tables; every text in it is a template."""
    columns: Mapping[str, str | Literal[False]] = field(default_factory=dict)
    """Header → path of the request field that it sets, or False: the column is a plain value."""
    pacing: Pacing = field(default_factory=Pacing)
    retry: Retry = field(default_factory=Retry)
    provider: Provider = field(default_factory=Provider)
    prices: Prices = field(default_factory=Prices)
    budget: Budget = field(default_factory=Budget)
    approve: Approve = field(default_factory=Approve)
    webhooks: Webhooks = field(default_factory=Webhooks)
    media: Media = field(default_factory=Media)
    ledger: str | None = field(default=None, repr=False)
    """A SQLAlchemy URL, never shown: it may hold a password. None: the default file."""
    simulated: bool = False
    clock_speed: float = 1.0
    """How many seconds pass for the provider while one passes here; 1 unless simulated."""

    @classmethod
    def from_frame(
        cls,
        df: DataFrame,
        *,
        name: str,
        folder: Path | str,
        id: str | None = None,  # noqa: A002  # the job file's own word
        only_if: str | None = None,
        ledger: str | None = None,
        request: Mapping[str, Any] | None = None,
        columns: Mapping[str, str | Literal[False]] | None = None,
        output: Mapping[str, Any] | None = None,
        pacing: Mapping[str, Any] | None = None,
        retry: Mapping[str, Any] | None = None,
        provider: Mapping[str, Any] | None = None,
        price: Mapping[str, Any] | None = None,
        budget: Mapping[str, Any] | None = None,
        approve: Mapping[str, Any] | None = None,
        webhooks: Mapping[str, Any] | None = None,
        media: Mapping[str, Any] | None = None,
    ) -> Job:
        """A job of its own in ``folder``: the frame as ``<name>.csv``, and a ``job.toml`` with these settings.

        The settings are those of a job file, and every command works on the folder. Calling it again with another
        frame replaces both; ids tell which rows are new. Raises ``JobInvalid``, also when the folder holds files of
        these names that were not made here, ``SheetInvalid`` and ``SheetNotWritten``. ``results_of`` gives the
        results.
        """
        from batchgen.frames import job_from_frame

        top = {"id": id, "only_if": only_if, "ledger": ledger}
        tables = {"request": request, "columns": columns, "output": output, "pacing": pacing}
        more = {"retry": retry, "provider": provider, "price": price, "budget": budget, "approve": approve}
        more |= {"webhooks": webhooks, "media": media}
        return job_from_frame(df, name=name, folder=Path(folder), settings=top | tables | more)

    def key_replays(self, first_sent_at: float, now: float) -> bool:
        """Whether a create that is sent again is surely answered with the first answer, and makes no second video.

        Both times are unix seconds; a clock that was set back to before the first send counts as no.
        """
        window_s = (KEY_WINDOW_S - self.retry.key_margin_h * 3600) / self.clock_speed
        return 0 <= now - first_sent_at < window_s

    @property
    def state_folder(self) -> Path:
        """Where the ledger and the simulator's state live."""
        return self.folder / STATE_FOLDER

    @property
    def ledger_at(self) -> str | Path:
        """The ledger: a SQLite file, or the SQLAlchemy URL of another database. Relative files are the job's."""
        if self.ledger is None:
            return self.state_folder / f"{self.ledger_stem}.db"
        dialect, slashes, path = self.ledger.partition(":///")
        if slashes and dialect.startswith("sqlite"):
            return self.folder / path
        return self.ledger

    @property
    def simulator_state(self) -> Path:
        """The folder that holds what the simulated provider remembers."""
        return self.state_folder / f"{self.name}.simulator"

    def in_simulator(self, *, clock_speed: float) -> Job:
        """The same job in a world beside the real one: own ledger, own files, own copy of the sheet."""
        return replace(
            self,
            simulated=True,
            clock_speed=clock_speed,
            ledger=None,
            results=self.results.with_name(f"{self.results.stem}.simulated{self.results.suffix}"),
            output=replace(self.output, folder=_beside(self.output.folder)),
            pacing=self.pacing.hurried(clock_speed),
        )

    @property
    def ledger_stem(self) -> str:
        """What the job's own ledger file is called, without suffix."""
        return f"{self.name}.simulated" if self.simulated else self.name


def _hurried_timeout(seconds: float, clock_speed: float) -> float:
    return min(seconds, max(SHORTEST_TIMEOUT_S, seconds / clock_speed))


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.simulated")
