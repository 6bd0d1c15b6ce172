"""A sheet that cannot be written loses nothing: results wait beside it, are named, and come home with ``sync``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.small_job import SmallJob, next_of
from tests.sheet.test_replacing_files import file_of

ASIDE = "people.simulated.results.csv"


def open_in_excel(sheet: Path) -> Path:
    (lock := sheet.with_name(f"~${sheet.name}")).write_bytes(b"\x04Anna" + b" " * 50)
    return lock


def open_in_libreoffice(sheet: Path) -> Path:
    (lock := sheet.with_name(f".~lock.{sheet.name}#")).write_text(",Anna,laptop,22.11.2026 10:00,file:///x;")
    return lock


@pytest.mark.parametrize(
    ("lock", "program"), [(open_in_excel, "Excel by Anna"), (open_in_libreoffice, "LibreOffice")], ids=["~$", ".~lock"]
)
def test_results_wait_while_the_sheet_is_open(job: SmallJob, lock: Callable[[Path], Path], program: str) -> None:
    job.write(rows=2)
    held = lock(job.folder / "people.simulated.csv")
    ended = job.simulate()
    assert (ended.code, ended.json["results"]) == (4, str(job.folder / ASIDE))
    assert f"it is open in {program}" in ended.stderr
    assert ended.json["counts"] == {"succeeded": 2}
    assert ended.json["next"] == next_of("run")
    assert job.ask("status").json["results"] == str(job.folder / ASIDE)
    refused = job.ask("sync")
    assert (refused.code, refused.json["written"], refused.json["next"]) == (4, None, next_of("sync"))
    assert ASIDE in refused.json["problem"]
    held.unlink()
    home = job.ask("sync")
    assert (home.code, Path(home.json["written"]).name) == (0, "people.simulated.csv")
    assert job.simulated_statuses == ["succeeded", "succeeded"]
    assert not (job.folder / ASIDE).exists()


def test_a_sheet_that_is_open_but_holds_everything_is_in_nobodys_way(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    sheet = job.folder / "people.simulated.csv"
    before = file_of(sheet)
    open_in_excel(sheet)
    assert job.simulate().code == 0
    assert job.ask("sync").code == 0
    assert file_of(sheet) == before


@pytest.mark.parametrize("fate", ["moved", "deleted", "another file", "a folder"])
def test_results_come_home_to_a_sheet_that_was_gone(job: SmallJob, fate: str) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    (job.folder / "people.simulated.csv").unlink()
    content = job.sheet.read_bytes()
    job.sheet.unlink()
    if fate == "another file":
        job.sheet.write_bytes(b"%PDF-1.7")
    elif fate == "a folder":
        job.sheet.mkdir()
    refused = job.ask("sync")
    assert (refused.code, refused.json["next"]) == (4, next_of("sync"))
    assert ASIDE in refused.json["problem"]
    assert job.ask("status").json["results"] == str(job.folder / ASIDE)
    if fate == "a folder":
        job.sheet.rmdir()
    job.sheet.write_bytes(content)
    assert job.ask("sync").code == 0
    assert job.simulated_statuses == ["succeeded", "succeeded"]
    assert not (job.folder / ASIDE).exists()
