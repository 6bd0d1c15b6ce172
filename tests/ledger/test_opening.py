"""Opening a ledger: migrated whole or not at all, and every way to fail told with what to do."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from batchgen.errors import LedgerUnavailable, WrongProvider
from batchgen.ledger import Ledger, Queries, Status, end_run
from batchgen.ledger import engine as opening
from batchgen.ledger.tables import APPEND_ONLY, metadata
from tests.ledger.book import PROVIDER, Book, dump

MIGRATIONS = Path(opening.__file__).with_name("migrations")
PASSWORD = "hunter2-tell-nobody"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def opened(path: Path, provider: str = PROVIDER) -> None:
    Ledger(url_of(path), provider=provider).close()


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder that may not be written to, also when the tests run as root, whom nothing else stops."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        is_root = os.name != "nt" and os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)


def definitions(path: Path) -> list[tuple[str, list[str]]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND sql NOTNULL")
        rows = sorted(found.fetchall())
    connection.close()
    # The order of columns and constraints within a table means nothing: what is added comes last. Nor do the quotes
    # that a rebuilt table's name gets.
    return [(name, sorted(_parts(sql.replace('"', "")))) for name, sql in rows]


def _parts(sql: str) -> list[str]:
    """What stands before, within (between commas) and behind the outer brackets."""
    head, _, rest = sql.partition("(")
    inside, _, tail = rest.rpartition(")")
    parts, depth = [""], 0
    for letter in inside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [" ".join(part.split()) for part in (head, *parts, tail)]


# --- migration ------------------------------------------------------------------------------------------------


def test_migrations_make_exactly_the_tables_that_the_code_knows(path: Path, tmp_path: Path) -> None:
    opened(path)
    wanted = tmp_path / "wanted.db"
    engine = create_engine(url_of(wanted))
    with engine.begin() as connection:
        metadata.create_all(connection)
        for trigger in APPEND_ONLY:
            connection.exec_driver_sql(trigger)
    engine.dispose()
    assert definitions(path) == definitions(wanted)


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [opening.HEAD]


def test_opening_again_changes_nothing_and_does_not_even_load_the_migrations(path: Path) -> None:
    opened(path)
    before = dump(path)
    program = (
        "import sys; from batchgen.ledger import Ledger; "
        f"Ledger({url_of(path)!r}, provider={PROVIDER!r}).close(); print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
    assert dump(path) == before


def test_a_ledger_of_a_newer_batchgen_is_left_alone(path: Path) -> None:
    opened(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = dump(path)
    with pytest.raises(LedgerUnavailable, match=r"made by a newer batchgen \(version 9999 > \d+\). Update batchgen."):
        opened(path)
    with pytest.raises(LedgerUnavailable, match="Update batchgen"):
        Queries.open(url_of(path))
    assert dump(path) == before


def test_a_migration_that_breaks_off_leaves_the_old_version_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "batchgen.ledger.tables.APPEND_ONLY", (APPEND_ONLY[0], "CREATE TRIGGER that makes no sense"), raising=True
    )
    with pytest.raises(LedgerUnavailable):
        opened(path)
    assert list(dump(path)) == ["sqlite_master"]
    monkeypatch.undo()
    opened(path)
    assert [row["provider"] for row in dump(path)["ledgers"]] == [PROVIDER]


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
@pytest.mark.parametrize("step", [1, 2])
def test_a_process_killed_while_it_migrates_leaves_the_old_version_whole(path: Path, step: int) -> None:
    program = f"""
import os, signal
import batchgen.ledger.migrations as migrations
from alembic import op
from batchgen.ledger import Ledger
execute, steps = op.execute, []
def killing(*args):
    steps.append(execute(*args))
    if len(steps) == {step}:
        os.kill(os.getpid(), signal.SIGKILL)
op.execute = killing
Ledger({url_of(path)!r}, provider={PROVIDER!r})
"""
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(dump(path)) == ["sqlite_master"]
    opened(path)
    assert definitions(path)


def test_attempts_of_a_ledger_that_knew_no_accounts_are_of_an_unknown_one(path: Path) -> None:
    book = Book.open(path)
    book.brought_to(Status.RENDERING)
    book.ledger.close()
    book.sql("ALTER TABLE attempts DROP COLUMN account")
    book.sql("UPDATE alembic_version SET version_num = '0010'")
    opened(path)
    assert [(attempt["video_id"], attempt["account"]) for attempt in book.attempts()] == [("video-A-1", None)]
    queries = Queries(book.ledger.engine)
    assert queries.accounts_under_way(book.run.job) == []
    queries.close()


def test_two_programs_that_open_a_new_ledger_at_once_both_succeed(path: Path) -> None:
    opened(path.with_name("warm.db"))  # so that both threads find Alembic loaded
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(opened, [path, path]))
    assert len(dump(path)["ledgers"]) == 1


# --- whose it is ----------------------------------------------------------------------------------------------


def test_a_ledger_of_another_provider_is_refused_and_left_alone(path: Path) -> None:
    book = Book.open(path)
    book.brought_to(Status.RENDERING)
    end_run(book.ledger, book.run, {})
    book.ledger.close()
    before = dump(path)
    with pytest.raises(WrongProvider) as refusal:
        opened(path, "simulator")
    assert f"This ledger belongs to {PROVIDER}, but this run would talk to simulator." in str(refusal.value)
    assert "HEYGEN_API_BASE" in str(refusal.value)
    assert dump(path) == before


def test_a_ledger_of_which_nothing_was_sent_may_still_change_its_provider(path: Path) -> None:
    book = Book.open(path)
    entry = book.brought_to(Status.SUBMITTING)
    book.deferred(entry)  # no connection: surely not processed
    end_run(book.ledger, book.run, {})
    book.ledger.close()
    opened(path, "simulator")
    assert {attempt["provider"] for attempt in dump(path)["attempts"]} == {"simulator"}


def test_a_ledger_that_a_run_holds_does_not_change_its_provider(path: Path) -> None:
    book = Book.open(path)
    with pytest.raises(WrongProvider):
        opened(path, "simulator")
    book.ledger.close()


# --- what can be wrong ----------------------------------------------------------------------------------------


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "there.db"
    opened(path)
    assert path.is_file()


def test_looking_into_a_ledger_that_is_not_there_makes_none(path: Path) -> None:
    assert Queries.open(url_of(path)) is None
    assert not path.exists()


def test_a_folder_that_may_not_be_written_is_told_with_what_to_do(locked_folder: Path) -> None:
    with pytest.raises(LedgerUnavailable, match=r"ledger.db cannot be used.*Check that you may write"):
        opened(locked_folder / "ledger.db")
    with pytest.raises(LedgerUnavailable, match="Permission denied"):
        opened(locked_folder / "deeper" / "ledger.db")


def test_a_folder_where_the_file_should_be_is_told(path: Path) -> None:
    path.mkdir()
    with pytest.raises(LedgerUnavailable, match="Check that you may write to that file and its folder"):
        opened(path)


def test_a_file_that_is_no_database_is_told_and_never_overwritten(path: Path) -> None:
    path.write_bytes(b"dear diary, " * 1000)
    with pytest.raises(LedgerUnavailable, match=r"not a database. Restore it from a backup; do not delete it"):
        opened(path)
    assert path.read_bytes() == b"dear diary, " * 1000


def test_a_damaged_ledger_is_told(path: Path) -> None:
    opened(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x7f" * (len(whole) - 4096))
    with pytest.raises(LedgerUnavailable, match=r"malformed.*Restore it from a backup"):
        opened(path)


def test_a_database_whose_driver_is_missing_is_told_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerUnavailable) as refusal:
        Ledger("postgresql+psycopg://anna:secret@db.example/batch", provider=PROVIDER)
    assert "postgresql+psycopg://anna:***@db.example/batch needs the Python package psycopg." in str(refusal.value)
    assert 'pip install "psycopg[binary]", and begin the address with postgresql+psycopg://' in str(refusal.value)


def test_a_ledger_that_another_program_holds_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(path)
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_S", 0.05)
    holder = sqlite3.connect(path)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LedgerUnavailable, match=r"locked. Another program holds it, or a run that sleeps"):
            opened(path)
    finally:
        holder.close()


def test_a_write_waits_for_a_program_that_holds_the_ledger_for_a_moment(path: Path) -> None:
    opened(path)
    holder = sqlite3.connect(path, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(opened, path)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.2)
        holder.rollback()
        waiting.result(timeout=10)
    holder.close()


@pytest.mark.parametrize(
    "url",
    [
        f"nosuchdatabase://me:{PASSWORD}@db.example/ledger",
        f"postgresql+nosuchdriver://me:{PASSWORD}@db.example/ledger",
        f"mysql+mysqlconnector://me:{PASSWORD}@db.example/ledger?password={PASSWORD}",
        f"me:{PASSWORD}@db.example",
        f"sqlite://me:{PASSWORD}@db.example/ledger",
    ],
)
def test_a_password_in_the_ledgers_address_is_never_shown(url: str) -> None:
    with pytest.raises(LedgerUnavailable) as refusal:
        Ledger(url, provider=PROVIDER)
    assert PASSWORD not in str(refusal.value) + repr(refusal.value)
    try:
        found = Queries.open(url)
    except LedgerUnavailable as error:
        assert PASSWORD not in str(error) + repr(error)
    else:
        assert found is None
