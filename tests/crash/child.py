"""What happens inside a forked child: it becomes batchgen, or the simulated provider, and ends with it."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.crash import moved_time, mutations, passing_points
from tests.crash.passing_points import Act, Points

UNSEEN_CRASH = 70
"""Exit code of a child that broke before or outside batchgen's own handling of errors."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One batchgen command to run: as typed, where, and what befalls it on the way."""

    arguments: tuple[str, ...]
    folder: Path
    env: Mapping[str, str]
    sheet: str
    out: Path
    """Folder of ``stdout``, ``stderr`` and ``trace``."""
    acts: tuple[Act, ...] = ()
    mutation: str | None = None
    speed: float = 1.0
    origin: float = 0.0
    jump_s: float = 0.0
    registers_with: tuple[str, str] | None = None
    """Url and token of the simulator that may kill this process."""


def be_batchgen(command: Command) -> None:
    """The child's whole life. Never returns."""
    code = UNSEEN_CRASH
    try:
        _prepare(command)
        code = _main()
    except BaseException:  # noqa: BLE001  # the edge of this process
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _prepare(command: Command) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _redirect(command.out)
    os.chdir(command.folder)
    for name in [name for name in os.environ if name.startswith(("HEYGEN_", "BATCHGEN_"))]:
        del os.environ[name]
    os.environ.update(command.env)
    sys.argv = ["batchgen", *command.arguments]
    if command.mutation is not None:
        mutations.apply(command.mutation)
    if command.registers_with is not None:
        _register(*command.registers_with)
    passing_points.install(Points(command.acts, command.out / "trace"), sheet=command.sheet, folder=command.folder)
    moved_time.hurry(speed=command.speed, origin=command.origin, jump_s=command.jump_s)


def _redirect(out: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in ((0, "r"), (1, "w"), (2, "w")))


def _register(url: str, token: str) -> None:
    from batchgen.simulator.server import control

    control(url, token, "PUT", "client", {"pid": os.getpid()})


def _main() -> int:
    from batchgen.cli import main

    try:
        main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else UNSEEN_CRASH
    return 0


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """How a simulated provider starts."""

    state: Path
    clock_speed: float
    port: int = 0
    concurrency: int = 10
    credit_usd: float = 100_000.0


@dataclass(frozen=True, kw_only=True)
class ProviderAt:
    """Where a started provider is."""

    url: str
    token: str


def be_providers(orders: Connection) -> None:
    """One simulated provider after the other in this child, until it is killed.

    ``orders`` brings ``ProviderSettings`` to start one (the answer is its ``ProviderAt``) and None to stop it.
    """
    from batchgen.simulator import Account, Simulator

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    simulator: Simulator | None = None
    while True:
        settings: ProviderSettings | None = orders.recv()
        if simulator is not None:
            simulator.stop()
            simulator = None
        if settings is not None:
            account = Account(concurrency=settings.concurrency, credit_usd=settings.credit_usd)
            simulator = Simulator(
                state=settings.state,
                clock_speed=settings.clock_speed,
                render="static",
                port=settings.port,
                account=account,
            ).start()
        orders.send(None if simulator is None else ProviderAt(url=simulator.url, token=simulator.token))
