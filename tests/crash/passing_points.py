"""Points that a process passes on its way, counted, so that it can be made to die or to fail at exactly one of them.

Test-only: nothing of this is in the product. The calls through which a program changes the world are wrapped:

    commit:<what>   a commit of the ledger; <what> are the events in it, or ``migration``,
                    ``ledger claimed``, ``run ended``, ``lease``, ``claim``, ``entries``, or how far an upload is:
                    ``asset begun``, ``asset session``, ``asset sent``, ``asset ready``
    begin:ledger    the start of a ledger transaction
    write:<file>    one write into a file           fsync:<file>    forcing it to the disk
    rename:<file>   putting a whole file in place

<file> is ``video``, ``sheet``, ``backup``, ``memory`` (what reports wrote), ``sheet folder``, ``video folder`` or
``other``.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tests.crash.moved_time import MOVED

When = Literal["before", "after"]
Deed = Literal["kill", "fail", "interrupt", "terminate", "stop", "jump"]


@dataclass(frozen=True, kw_only=True)
class Act:
    """What happens at the ``nth`` passing of ``point``.

    ``point`` is a whole name, an operation ("commit"), or "" for every point. ``error`` names what a failing call
    says: an ``errno`` name for files; for the ledger "full", "io" or "locked". ``seconds``: how far the wall clock
    jumps. A stopped process sleeps until it is told to go on, like a laptop whose lid is closed.
    """

    point: str
    when: When = "before"
    nth: int = 1
    do: Deed = "kill"
    error: str = "ENOSPC"
    seconds: float = 0.0

    def concerns(self, point: str) -> bool:
        return self.point in ("", point, point.partition(":")[0]) or self._one_of_several(point)

    def _one_of_several(self, point: str) -> bool:
        """Grouped commits hold several events: ``commit:a+b`` is both ``commit:a`` and ``commit:b``."""
        operation, _, words = point.partition(":")
        return self.point.partition(":")[0] == operation and self.point.partition(":")[2] in words.split("+")

    def __str__(self) -> str:
        what = f"{self.do} {self.error}" if self.do == "fail" else self.do
        return f"{what} {self.when} {self.point or 'any point'} #{self.nth}"


LEDGER_ERRORS = {
    "full": "database or disk is full",
    "io": "disk I/O error",
    "locked": "database is locked",
}


class Points:
    """Counts the points of this process, writes each into the trace, and does what the acts say."""

    def __init__(self, acts: Sequence[Act], trace: Path) -> None:
        self._acts = acts
        self._passed: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._transactions: set[int] = set()
        self._between_transactions = threading.Condition()
        self._trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    @contextlib.contextmanager
    def passing(self, point: str) -> Iterator[None]:
        """Wrap one call."""
        self.pass_(point, "before")
        yield
        self.pass_(point, "after")

    def pass_(self, point: str, when: When) -> None:
        """Note the point, and do what is due at it."""
        with self._lock:
            if not point.startswith("begin:"):  # too many to be of interest
                os.write(self._trace, f"{when} {point}\n".encode())
            due = [act for number, act in enumerate(self._acts) if self._is_due(number, act, point, when)]
            for act in due:
                os.write(self._trace, f"= {act}\n".encode())
        for act in due:
            self._do(act, point)

    def begun(self, connection: int, begin: Callable[[], None]) -> None:
        """Begin a ledger transaction, which holds the ledger's lock until it is over."""
        with self._between_transactions:
            self._transactions.add(connection)
        try:
            begin()
        except BaseException:
            self.over(connection)
            raise

    def over(self, connection: int) -> None:
        """A ledger transaction was committed or rolled back, if there was one."""
        with self._between_transactions:
            self._transactions.discard(connection)
            self._between_transactions.notify_all()

    def _is_due(self, number: int, act: Act, point: str, when: When) -> bool:
        if act.when != when or not act.concerns(point):
            return False
        self._passed[number] += 1
        return self._passed[number] == act.nth

    def _do(self, act: Act, point: str) -> None:
        match act.do:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "interrupt":
                os.kill(os.getpid(), signal.SIGINT)
            case "terminate":
                os.kill(os.getpid(), signal.SIGTERM)
            case "stop" if point.startswith("commit:"):
                os.kill(os.getpid(), signal.SIGSTOP)
            case "stop":  # met in any thread: the ledger is not locked meanwhile by what another one was writing
                with self._between_transactions:
                    self._between_transactions.wait_for(lambda: not self._transactions)
                    os.kill(os.getpid(), signal.SIGSTOP)
            case "jump":
                MOVED.jump_s += act.seconds
            case "fail" if point.startswith(("commit:", "begin:")):
                raise sqlite3.OperationalError(LEDGER_ERRORS.get(act.error, act.error))
            case "fail":
                number = getattr(errno, act.error)
                raise OSError(number, os.strerror(number))


def install(points: Points, *, sheet: str, folder: Path) -> None:
    """Wrap this process's commits, writes, fsyncs and renames. ``sheet`` is a file's name, ``folder`` the job's."""
    names = _FileNames(sheet, folder)
    _wrap_commits(points)
    _wrap_rollbacks(points)
    _wrap_files(points, names)


@dataclass(frozen=True)
class _FileNames:
    sheet: str
    folder: Path

    def of(self, path: str | Path | int) -> str:
        """The word for a file, given by path or descriptor."""
        found = Path(f"/proc/self/fd/{path}").readlink() if isinstance(path, int) else Path(path)
        if found == self.folder:
            return "sheet folder"
        if found.name.startswith("videos"):
            return "video folder"
        if found.parent.name.startswith("videos"):
            return "video"
        if ".written.json" in found.name:
            return "memory"
        name = found.name.removeprefix(".")
        if name.startswith(f"{self.sheet}.bak"):
            return "backup"
        return "sheet" if name.startswith(self.sheet) else "other"


def _wrap_commits(points: Points) -> None:
    from sqlalchemy.engine.default import DefaultDialect

    words: dict[int, list[str]] = {}
    dialect: Any = DefaultDialect  # its methods carry no types
    commit, execute, execute_many = dialect.do_commit, dialect.do_execute, dialect.do_executemany

    def note(connection: Any, statement: str, parameters: Any) -> None:
        if word := _word_of(statement, parameters):
            said = words.setdefault(id(connection), [])
            if word not in said:
                said.append(word)

    def do_execute(self: Any, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if statement.startswith("BEGIN"):
            words.pop(id(cursor.connection), None)
            if statement == "BEGIN IMMEDIATE":
                with points.passing("begin:ledger"):
                    begin = partial(execute, self, cursor, statement, parameters, context)
                    points.begun(id(cursor.connection), begin)
                return
        note(cursor.connection, statement, parameters)
        execute(self, cursor, statement, parameters, context)

    def do_executemany(self: Any, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        note(cursor.connection, statement, parameters[0])
        execute_many(self, cursor, statement, parameters, context)

    def do_commit(self: Any, connection: Any) -> None:
        number = _number_of(connection)
        said = words.pop(number, [])
        if not said:
            commit(self, connection)
            points.over(number)
            return
        with points.passing(f"commit:{_together(said)}"):
            commit(self, connection)
            points.over(number)

    dialect.do_execute, dialect.do_executemany, dialect.do_commit = do_execute, do_executemany, do_commit


def _wrap_rollbacks(points: Points) -> None:
    from sqlalchemy.engine.default import DefaultDialect

    dialect: Any = DefaultDialect  # its methods carry no types
    rollback = dialect.do_rollback

    def do_rollback(self: Any, connection: Any) -> None:
        rollback(self, connection)
        points.over(_number_of(connection))

    dialect.do_rollback = do_rollback


def _number_of(connection: Any) -> int:
    return id(getattr(connection, "driver_connection", connection))


def _together(said: Sequence[str]) -> str:
    """Events say it best; only a commit without one is named after the tables that it changed."""
    events = [word for word in said if word not in _CHANGES.values()]
    return "+".join(events) or next(word for word in _CHANGES.values() if word in said)


_CHANGES: Mapping[str, str] = {
    "CREATE TABLE": "migration",
    "INSERT INTO ledgers": "ledger claimed",
    "UPDATE runs": "run ended",
    "UPDATE jobs": "lease",
    "UPDATE entries SET leased_by": "claim",
    "UPDATE entries": "entries",
}


def _word_of(statement: str, parameters: Any) -> str | None:
    start = statement.lstrip()
    if start.startswith("INSERT INTO events"):
        from batchgen.ledger.status import Event

        values = parameters.values() if isinstance(parameters, Mapping) else parameters
        return next((str(value) for value in values if value in set(Event)), None)
    if start.startswith(("INSERT INTO assets", "UPDATE assets SET state")):
        return _state_of_asset(parameters)
    return next((word for opening, word in _CHANGES.items() if start.startswith(opening)), None)


def _state_of_asset(parameters: Any) -> str | None:
    from batchgen.ledger.assets import AssetState

    values = parameters.values() if isinstance(parameters, Mapping) else parameters
    return next((f"asset {value}" for value in values if value in set(AssetState)), None)


def _wrap_files(points: Points, names: _FileNames) -> None:
    fsync, real_open = os.fsync, io.open

    def renaming(real: Callable[..., None]) -> Callable[..., None]:
        def renamed(source: Any, target: Any, **options: Any) -> None:
            with points.passing(f"rename:{names.of(os.fspath(target))}"):
                real(source, target, **options)

        return renamed

    def synced(descriptor: Any) -> None:
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        with points.passing(f"fsync:{names.of(number)}"):
            fsync(descriptor)

    class CountedFile(io.FileIO):
        word = "other"

        def write(self, data: Any, /) -> int:
            with points.passing(f"write:{self.word}"):
                return super().write(data) or 0

    def opened(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
        word = names.of(file) if set(mode) & set("wax+") else "other"
        if word == "other" or "b" not in mode:
            return real_open(file, mode, buffering, *rest, **options)
        raw = CountedFile(file, mode.replace("b", ""), options.get("closefd", True))
        raw.word = word
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

    for module, name, wrapped in (
        (os, "replace", renaming(os.replace)),
        (os, "rename", renaming(os.rename)),
        (os, "link", renaming(os.link)),
        (os, "fsync", synced),
        (io, "open", opened),
        (builtins, "open", opened),
    ):
        setattr(module, name, wrapped)
