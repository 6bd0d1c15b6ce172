"""A job: one batch, as every later room knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from batchgen.job.settings import Approve, Budget, Media, Output, Pacing, Prices, Provider, Retry, Submit, Webhooks

if TYPE_CHECKING:
    from pandas import DataFrame

STATE_FOLDER = ".batchgen"
"""The folder beside the job file for what batchgen keeps to itself."""

KEY_WINDOW_S = 24 * 3600.0
"""How long the provider answers an idempotency key with its first answer ("replayed for 24 hours")."""


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
    submit: Submit = field(default_factory=Submit)
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
        submit: Mapping[str, Any] | None = None,
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
        more |= {"webhooks": webhooks, "media": media, "submit": submit}
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


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.simulated")
