"""Sealed plans on disk: saved by ``plan --save``, opened and held to by ``run --plan``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

from batchgen.cli.choosing import name_of_row
from batchgen.cli.commands import cap_words, command_for
from batchgen.cli.person import person
from batchgen.cli.rerendering import ALL
from batchgen.cli.world import place_of, provider_identity, reading_ledger
from batchgen.errors import PlanRefused, Problem, SheetNotWritten, UsageError
from batchgen.job import Job
from batchgen.ledger import NOTHING_YET, Ledger, Owner, PlanUse, Queries, Run, begin_planned_run
from batchgen.plan import (
    Plan,
    PlanWord,
    Rerender,
    SealBroken,
    SealedPlan,
    Surroundings,
    differences,
    plan_of_bytes,
    sealed_bytes,
    terms_of,
)
from batchgen.sheet.replace_file import replacing

T = TypeVar("T")

FEW_ROWS = 20
"""So many can be typed one by one."""


def refuse_no_place(file: Path) -> None:
    """Raise ``UsageError`` where a plan cannot be saved: anything but a plan is never overwritten."""
    if not file.parent.is_dir():
        raise UsageError(f"The plan cannot be saved: there is no folder {file.parent}.")
    if file.exists():
        try:
            plan_of_bytes(file.read_bytes())
        except (SealBroken, OSError) as error:
            raise UsageError(f"{file} is there already and is no plan. Name another file.") from error


def save_plan(plan: Plan, own_job: Job, file: Path) -> None:
    """Seal the plan and write it. ``own_job`` is the job as its file says, without a cap of the command line."""
    sealed = SealedPlan(
        id=secrets.token_hex(16),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        made_by=person(),
        terms=terms_of(plan, _surroundings(own_job)),
    )
    try:
        with replacing(file, before_rename=lambda: None) as part:
            part.write(sealed_bytes(sealed, plan))
    except SheetNotWritten as error:
        raise UsageError(f"The plan was not saved: {error}.") from error


@dataclass(frozen=True, kw_only=True)
class OpenedPlan:
    """A sealed plan that is to be carried out: ``file`` as it was typed, for the job at ``path`` as its file says."""

    sealed: SealedPlan
    file: Path
    job: Job
    path: Path

    @classmethod
    def read(cls, file: Path, job: Job, path: Path) -> Self:
        """The plan in ``file``. Raises ``PlanRefused`` when it cannot be trusted, or was used already."""
        anew = _anew(file, job, path)
        try:
            sealed = plan_of_bytes(file.read_bytes())
        except OSError as error:
            raise _refused(f"The plan {file} cannot be read: {error.strerror}.", anew) from error
        except SealBroken as error:
            raise _refused(f"The plan {file} cannot be trusted: {error}.", anew) from error
        if (use := _read(job, lambda queries: queries.plan_use(sealed.id))) is not None:
            raise _used(use, command_for(path, simulated=job.simulated))
        return cls(sealed=sealed, file=file, job=job, path=path)

    @property
    def max_usd(self) -> float | None:
        """The cap that the plan was made with."""
        return self.sealed.terms.max_usd

    @property
    def own_max_usd(self) -> float | None:
        """The same, where it is not the job's own cap."""
        return None if self.max_usd == self.job.budget.max_usd else self.max_usd

    @property
    def kinds(self) -> Mapping[str, str]:
        """What was known of looks when the plan was made."""
        return self.sealed.terms.kinds

    @property
    def sends(self) -> frozenset[str]:
        """The ids of the rows to be sent."""
        return self.sealed.sends

    @property
    def rerender(self) -> Rerender:
        """The rows that have a video and get another one."""
        return Rerender(rows=self.sealed.rerenders)

    def refuse_stale(self, plan: Plan) -> None:
        """Raise ``PlanRefused`` with everything that is not as it was when the plan was sealed."""
        if changes := differences(self.sealed.terms, terms_of(plan, _surroundings(self.job))):
            advice = Problem(message="The plan does not fit any more; nothing was sent. Since it was made:")
            raise PlanRefused([advice, *changes], instead=self._anew)

    def begin(self, ledger: Ledger) -> Run:
        """Take the job and use the plan up. Raises ``PlanRefused`` when another run came in between."""
        run = begin_planned_run(
            ledger,
            self.job.name,
            Owner.this_process(),
            plan_id=self.sealed.id,
            generation=self.sealed.terms.ledger,
            place=place_of(self.job),
        )
        if run is None:
            raise _refused("The ledger moved on while the plan was checked; nothing was sent.", self._anew)
        return run

    @property
    def _anew(self) -> str:
        return _anew(self.file, self.job, self.path, more=[*self._choice(), *cap_words(self.own_max_usd)])

    def _choice(self) -> Iterator[str]:
        """The options that choose the rows of this plan, or no more than so many."""
        rows = [row for row in self.sealed.terms.rows if row.sends]
        few = len(rows) <= FEW_ROWS
        if any(row.stands == PlanWord.WAITING for row in self.sealed.terms.rows):
            names = ",".join(name_of_row(row.id, row.row) for row in rows)
            yield from ("--rows", names) if few and rows else ("--sample", str(max(1, len(rows))))
        if self.sealed.rerenders:
            anew = [name_of_row(row.id, row.row) for row in rows if row.id in self.sealed.rerenders] if few else [ALL]
            for name in anew:
                yield from ("--rerender", name)


def _used(use: PlanUse, going_on: str) -> PlanRefused:
    when = datetime.fromtimestamp(use.at, UTC).astimezone()
    problem = Problem(
        message=f"The plan was used on {when:%Y-%m-%d} at {when:%H:%M:%S}, by run {use.run}. It is good for one run.",
        hint="What that run left undone, a run without --plan finishes.",
    )
    return PlanRefused([problem], instead=going_on)


def _refused(message: str, anew: str) -> PlanRefused:
    return PlanRefused([Problem(message=message, hint="Make a new plan.")], instead=anew)


def _anew(file: Path, job: Job, path: Path, *, more: Sequence[str] = ()) -> str:
    return command_for(path, verb="plan", simulated=job.simulated, more=["--save", str(file), *more])


def _surroundings(own_job: Job) -> Surroundings:
    """``own_job``: with the cap that its file says."""
    return Surroundings(
        place=place_of(own_job),
        provider=provider_identity(own_job),
        generation=_read(own_job, lambda queries: queries.generation(own_job.name)) or NOTHING_YET,
        own_max_usd=own_job.budget.max_usd,
    )


def _read(job: Job, ask: Callable[[Queries], T]) -> T | None:
    """What the job's ledger answers; None when there is none."""
    with reading_ledger(job) as queries:
        return None if queries is None else ask(queries)
