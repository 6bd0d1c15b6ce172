"""The script of one trial: everything that will happen to a small world, drawn from a seed, printable as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any

from tests.crash.passing_points import Act
from tests.crash.people_orders import Order
from tests.crash.people_sheet import Kind, Person
from tests.crash.provider_faults import AFTER_ACCEPT, Fault
from tests.crash.world import BY_LEGACY_ROUTE, IN_BATCHES, CalledBy, JobText


class Ids(Enum):
    """Whether the sheet has an id column."""

    ALWAYS = "always"
    LATER = "later"
    NEVER = "never"


class Ordering(Enum):
    """How the job orders what is pending."""

    ALONE = "one by one"
    BATCHES = "in batches"
    LEGACY = "by the legacy route"

    def settings(self) -> dict[str, Any]:
        """What it means for the job file."""
        return {"api": "v2" if self is Ordering.LEGACY else "v3", "batch": 100 if self is Ordering.BATCHES else 1}


JOBS = {Ordering.ALONE: JobText(), Ordering.BATCHES: IN_BATCHES, Ordering.LEGACY: BY_LEGACY_ROUTE}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One run and what befalls it.

    ``edit`` changes the sheet before the run; ``pass_s`` lets time pass for everybody before it, ``jump_s`` moves
    only this machine's wall clock, ``second`` starts another run of the job at the same time, ``restart_after`` stops
    the provider and starts it again when the run has passed so many points (0: never). ``orders`` are a person's,
    before the run or beside it; ``names_ids`` adds an id column before the run; ``neighbour`` runs the other job of
    the ledger at the same time. ``listens``: the run is told by webhook when videos are done. ``ordering``: from this
    run on the job orders in another way.
    """

    faults: tuple[Fault, ...] = ()
    acts: tuple[Act, ...] = ()
    options: tuple[str, ...] = ()
    people: tuple[Person, ...] | None = None
    pass_s: float = 0.0
    jump_s: float = 0.0
    second: bool = False
    restart_after: int = 0
    orders: tuple[Order, ...] = ()
    names_ids: bool = False
    neighbour: bool = False
    listens: bool = False
    ordering: Ordering | None = None


@dataclass(frozen=True, kw_only=True)
class Script:
    """A whole trial. ``seed`` and ``number`` make it again."""

    seed: int
    number: int
    kind: Kind
    with_id: bool
    people: tuple[Person, ...]
    attempts: int
    concurrency: int
    provider_concurrency: int
    download: tuple[str, ...]
    credit_usd: float
    speed: float
    called_by: CalledBy
    media: int = 0
    ordering: Ordering = Ordering.ALONE
    steps: tuple[Step, ...] = field(default_factory=tuple)

    def facts(self) -> Mapping[str, Any]:
        """For printing."""
        return asdict(self)

    @property
    def job(self) -> JobText:
        """The job file in the beginning."""
        return replace(
            JOBS[self.ordering],
            download=self.download,
            attempts=self.attempts,
            concurrency=self.concurrency,
            called_by=self.called_by,
            media=self.media,
        )

    @property
    def has_neighbour(self) -> bool:
        """Whether another job shares the ledger."""
        return any(step.neighbour for step in self.steps)

    @property
    def loses_an_answer(self) -> bool:
        """Whether the answer to an accepted create is lost in it."""
        return any(fault["on"] in ("create", "batch") and fault["action"] in AFTER_ACCEPT for fault in self._faults())

    @property
    def kills(self) -> bool:
        """Whether ``kill -9`` is in it."""
        by_itself = any(act.do == "kill" for step in self.steps for act in step.acts)
        return by_itself or any(fault.get("then") == "kill_client" for fault in self._faults())

    def _faults(self) -> list[Fault]:
        return [fault for step in self.steps for fault in step.faults]
