"""Which world a command works in: the real provider, or the simulated one beside it."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer
from pydantic import SecretStr

from batchgen.cli.commands import command_for
from batchgen.cli.user_prices import with_user_prices
from batchgen.errors import KeyMissing, UsageError
from batchgen.job import Job, Provider, check_base_url, check_ledger, draft_job, load_job
from batchgen.ledger import Known, Ledger, Queries, ledger_exists
from batchgen.plan import Cap

if TYPE_CHECKING:
    from batchgen.simulator import Simulator

PUBLIC_API = "https://api.heygen.com"
SIMULATOR = "simulator"
DEFAULT_CLOCK_SPEED = 20.0


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where requests go, and the key to go there with."""

    base_url: str
    key: SecretStr


def job_in_world(path: Path, *, simulated: bool, clock_speed: float | None = None) -> Job:
    """The job at ``path``, as it is or in its simulated world."""
    job = with_user_prices(load_job(path))
    return job.in_simulator(clock_speed=clock_speed or DEFAULT_CLOCK_SPEED) if simulated else job


def known_job(path: Path, *, simulated: bool) -> Job:
    """A job that has run before, in the world that is meant. Raises ``UsageError`` when it has not."""
    job = job_in_world(path, simulated=simulated)
    if not ledger_exists(ledger_at(job)):
        run = command_for(path, simulated=simulated)
        raise UsageError(f'The job "{job.name}" has never run; there is nothing to decide yet.', instead=run)
    return job


def ledger_at(job: Job) -> str | Path:
    """The job's ledger; ``BATCHGEN_LEDGER`` names another one for real runs."""
    named = os.environ.get("BATCHGEN_LEDGER")
    if job.simulated or not named:
        return job.ledger_at
    try:
        return replace(job, ledger=check_ledger(named)).ledger_at
    except UsageError as error:
        raise UsageError(f"BATCHGEN_LEDGER {error}") from error


@contextmanager
def reading_ledger(job: Job) -> Iterator[Queries | None]:
    """The job's ledger, to be read; None for a job that never ran."""
    queries = Queries.open(ledger_at(job))
    try:
        yield queries
    finally:
        if queries is not None:
            queries.close()


def provider_identity(job: Job) -> str:
    """What the ledger remembers its provider by: the base URL, or the word ``simulator``."""
    return SIMULATOR if job.simulated else _base_url(job.provider)


@contextmanager
def open_ledger(job: Job) -> Iterator[Ledger]:
    """The job's ledger, made when there is none yet."""
    ledger = Ledger(ledger_at(job), provider=provider_identity(job))
    try:
        yield ledger
    finally:
        ledger.close()


def refuse_if_at_work(path: Path, *, simulated: bool) -> None:
    """Raise ``JobHeld`` when another run of the job is at work. What is wrong with its file is told later, wholly."""
    if draft_job(path).problems:
        return
    job = job_in_world(path, simulated=simulated)
    with reading_ledger(job) as queries:
        if queries is not None:
            queries.refuse_if_held(job.name, time.time())


def known_entries(job: Job, queries: Queries | None) -> Mapping[str, Known]:
    """Row id → latest entry; for a job that never ran nothing.

    Raises ``UsageError`` when the ledger's entries under this name belong to another job file.
    """
    if queries is None:
        return {}
    _refuse_other_place(job, queries.place(job.name))
    return queries.known(job.name)


def cap_of(job: Job, queries: Queries | None) -> Cap | None:
    """The job's cap and what counts into it so far; None when there is no cap."""
    if (most := job.budget.max_microusd) is None:
        return None
    committed = queries.committed_microusd(job.name, job.budget.shared) if queries else 0
    return Cap(max_microusd=most, committed_microusd=committed, shared=job.budget.shared)


def with_cap(job: Job, max_usd: float | None) -> Job:
    """The job with the cap of the command line, when there is one, in place of its own."""
    return job if max_usd is None else replace(job, budget=replace(job.budget, max_usd=max_usd))


def known_videos(job: Job, queries: Queries | None) -> dict[str, str]:
    """The ids of all videos that the ledger ever knew of the job → the rows (their ids) that have them."""
    facts = queries.attempts(job.name) if queries else []
    return {fact.video_id: fact.row_id for fact in facts if fact.video_id is not None}


def place_of(job: Job) -> str:
    """What tells this job from another of its name in the same ledger: its file, by its full path where the ledger
    is shared by several folders."""
    file = job.path or job.sheet
    return file.name if ledger_at(job) == job.state_folder / f"{job.ledger_stem}.db" else str(file)


def _refuse_other_place(job: Job, place: str | None) -> None:
    """Two jobs of one name in one ledger would take each other's rows for their own.

    A job file that is not there any more was moved or renamed: then this is the same job.
    """
    if place is None or place == place_of(job) or not (job.folder / place).exists():
        return
    raise UsageError(
        f'The name "{job.name}" belongs to another job in this ledger: {place}. '
        f'Give this one a name of its own at the top of its job file: name = "…".'
    )


@contextmanager
def endpoint(job: Job, *, faults: Path | None = None, static: bool = False) -> Iterator[Endpoint]:
    """The provider to talk to. A simulated one is started on a free loopback port, and stopped at the end."""
    if not job.simulated:
        yield Endpoint(base_url=_base_url(job.provider), key=_api_key(job.provider))
        return
    from batchgen.simulator import Account, Simulator

    job.simulator_state.mkdir(parents=True, exist_ok=True)
    simulator = Simulator(
        state=job.simulator_state,
        clock_speed=job.clock_speed,
        faults=faults,
        render="static" if static else "storyboard",
        account=Account(concurrency=job.pacing.concurrency),
    )
    with _serving(simulator) as simulated:
        yield simulated


@contextmanager
def endpoint_to_ask(provider: Provider, *, simulated: bool) -> Iterator[Endpoint]:
    """Where to ask what the account has. A simulated one is a fresh one: the job's own may be at work."""
    if not simulated:
        yield Endpoint(base_url=_base_url(provider), key=_api_key(provider))
        return
    from batchgen.simulator import Simulator

    with TemporaryDirectory() as folder, _serving(Simulator(state=Path(folder), render="static")) as fresh:
        yield fresh


@contextmanager
def _serving(simulator: Simulator) -> Iterator[Endpoint]:
    with simulator_errors():
        simulator.start()
    try:
        yield Endpoint(base_url=simulator.url, key=SecretStr("simulated"))
    finally:
        simulator.stop()


@contextmanager
def simulator_errors() -> Iterator[None]:
    """A simulator that cannot start is the user's to mend: a fault file with a mistake, a port that is taken, a full
    disk."""
    from batchgen.simulator.faults import FaultsInvalid

    try:
        yield
    except (FaultsInvalid, sqlite3.Error) as error:
        raise UsageError(f"The simulator cannot start: {str(error).rstrip('.')}.") from error
    except OSError as error:
        raise UsageError(f"The simulator cannot start: {_said(error)}.") from error


def _said(error: OSError) -> str:
    """``Permission denied (/srv/campaign)``: without the number that stands before it."""
    said = error.strerror or str(error)
    return f"{said} ({error.filename})" if error.filename else said


def _base_url(provider: Provider) -> str:
    return check_base_url(os.environ.get("HEYGEN_API_BASE") or provider.base_url or PUBLIC_API)


def _api_key(provider: Provider) -> SecretStr:
    """The given key, or the answer to a prompt on a terminal; never from a flag."""
    key = _given_key(provider)
    if not key and sys.stdin.isatty():
        key = typer.prompt("HeyGen API key", hide_input=True, err=True).strip()
    return _checked_key(key)


def refuse_without_key(provider: Provider) -> None:
    """Raise ``KeyMissing`` when no key is given; nobody is asked for one."""
    _checked_key(_given_key(provider))


def _given_key(provider: Provider) -> str:
    """From ``HEYGEN_API_KEY``, or the job's key file."""
    return os.environ.get("HEYGEN_API_KEY", "").strip() or _key_in_file(provider.key_file)


def _checked_key(key: str) -> SecretStr:
    if not key:
        raise KeyMissing(
            'No API key. Set HEYGEN_API_KEY, or name a file that holds it: [provider] key_file = "…". '
            "To try the job without an account, add --simulate."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise KeyMissing("The API key holds characters that no key has; copy it again from the provider's page.")
    return SecretStr(key)


def _key_in_file(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        key = path.read_text(encoding="utf-8-sig").strip()  # Windows editors like to begin with a byte order mark
    except OSError as error:
        raise KeyMissing(f"The key file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise KeyMissing(f"The key file {path} is not a text file. Save it as UTF-8, with the key alone.") from error
    if not key:
        raise KeyMissing(f"The key file {path} is empty. Put the API key into it.")
    return key


def refuse_real_only(*, simulate: bool, options: dict[str, bool]) -> None:
    """Options that only a simulated run takes."""
    given = [name for name, is_given in options.items() if is_given]
    if given and not simulate:
        need = "needs" if len(given) == 1 else "need"
        raise UsageError(f"{' and '.join(given)} {need} --simulate.", add="--simulate")
