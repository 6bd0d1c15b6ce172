"""Opening the ledger's database: durable settings, migration, and the one place that translates its errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from batchgen.errors import LedgerUnavailable

HEAD = "0011"  # the newest migration; a test holds it against migrations/
BUSY_TIMEOUT_S = 30.0
READ_ONLY = "batchgen_reads"


def open_engine(at: str | Path) -> Engine:
    """An engine on a SQLite file or a SQLAlchemy URL, with the ledger's tables at the newest version.

    SQLite runs in WAL with ``synchronous=FULL``: a commit that returned survives a power cut. Raises
    ``LedgerUnavailable`` when the database cannot be opened or was made by a newer batchgen.
    """
    url = _url(at)
    try:
        if (file := _file_of(url)) is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise LedgerUnavailable(
            f"The ledger {_shown(url)} needs the Python package {error.name}. {_driver_advice(url)}"
        ) from error
    except (ArgumentError, NoSuchModuleError, OSError) as error:
        raise LedgerUnavailable(f"The ledger {_shown(url)} cannot be opened: {error}.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    with translated(engine):
        _migrate(engine)
    return engine


def ledger_exists(at: str | Path) -> bool:
    """Whether there is a ledger to read; a server database counts as there."""
    file = _file_of(_url(at))
    return file is None or file.is_file()


def _url(at: str | Path) -> URL:
    if isinstance(at, Path):
        return URL.create("sqlite", database=str(at))
    try:
        return make_url(at)
    except ArgumentError as error:
        raise LedgerUnavailable("The ledger's address is no database URL; sqlite:///ledger.db is one.") from error


def _file_of(url: URL) -> Path | None:
    """The file behind a SQLite URL; None for a database server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _shown(url: URL) -> str:
    """The URL without what may hold a password. Not ``str(url)``, which shows it in SQLAlchemy 2.0."""
    return url.set(query={}).render_as_string(hide_password=True)


def _driver_advice(url: URL) -> str:
    if url.get_backend_name() == "postgresql":
        return 'Type: pip install "psycopg[binary]", and begin the address with postgresql+psycopg://.'
    return "Install it beside batchgen, or name another driver in the address."


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn database errors into ``LedgerUnavailable`` with a sentence for the user."""
    try:
        yield
    except DBAPIError as error:
        where = engine.url.database if engine.dialect.name == "sqlite" else _shown(engine.url)
        raise LedgerUnavailable(f"The ledger {where} cannot be used: {error.orig}. {_advice(error)}") from error


def _advice(error: DBAPIError) -> str:
    reason = str(error.orig)
    if "locked" in reason:
        return "Another program holds it, or a run that sleeps or was stopped; end that one and run again."
    if "full" in reason or "disk I/O" in reason:
        return "Make room on the disk and run again; nothing that was promised is lost."
    if "malformed" in reason or "not a database" in reason:
        return "Restore it from a backup; do not delete it: it knows which videos were already paid."
    if "readonly" in reason or "unable to open" in reason:
        return "Check that you may write to that file and its folder."
    return "Nothing was sent that it does not know of; run again when the cause is gone."


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late to be a write lock
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once, so a transaction never fails half way for want of it."""
    reads = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    with engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        version = _version(connection)
    if version == HEAD:
        return
    # Imported here: a ledger is migrated once, and Alembic takes 0.1 s to import at every start.
    from batchgen.ledger.migrations import upgrade

    with engine.begin() as connection:
        upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found is not None and str(found) > HEAD:
        raise LedgerUnavailable(f"The ledger was made by a newer batchgen (version {found} > {HEAD}). Update batchgen.")
    return None if found is None else str(found)
