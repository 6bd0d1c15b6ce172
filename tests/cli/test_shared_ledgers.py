"""One ledger for several jobs: two jobs of one name never take each other's rows for their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from batchgen.cli.world import known_entries, ledger_at, open_ledger, place_of, reading_ledger
from batchgen.errors import UsageError
from batchgen.job import Job, load_job
from batchgen.ledger import Known, Owner, begin_run, end_run

JOB_FILE = """
sheet = "people.csv"
id = "id"
ledger = "sqlite:///{ledger}"
[request]
avatar_id = "Anna_public"
script = "Hello"
"""


def job_in(folder: Path, ledger: Path) -> Job:
    folder.mkdir()
    (folder / "job.toml").write_text(JOB_FILE.format(ledger=ledger), encoding="utf-8")
    (folder / "people.csv").write_text("id\nA-1\n", encoding="utf-8")
    return load_job(folder)


def ran(job: Job) -> None:
    with open_ledger(job) as ledger:
        end_run(ledger, begin_run(ledger, job.name, Owner.this_process(), place=place_of(job)), {})


def known(job: Job) -> Mapping[str, Known]:
    with reading_ledger(job) as queries:
        return known_entries(job, queries)


def test_another_job_of_the_same_name_in_a_shared_ledger_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "all.db"
    first, second = job_in(tmp_path / "a", shared), job_in(tmp_path / "b", shared)
    ran(first)
    assert known(first) == {}
    with pytest.raises(UsageError, match='The name "job" belongs to another job in this ledger'):
        known(second)


def test_a_job_whose_folder_was_moved_is_still_the_same_job(tmp_path: Path) -> None:
    first = job_in(tmp_path / "a", tmp_path / "all.db")
    ran(first)
    moved = (tmp_path / "a").rename(tmp_path / "moved")
    assert known(load_job(moved)) == {}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "ledger.db"])
def test_a_ledger_that_would_be_forgotten_is_refused(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_in(tmp_path / "a", tmp_path / "all.db")
    monkeypatch.setenv("BATCHGEN_LEDGER", url)
    with pytest.raises(UsageError, match="BATCHGEN_LEDGER must be"):
        ledger_at(job)


def test_a_relative_ledger_belongs_to_the_job_wherever_the_command_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_in(tmp_path / "a", tmp_path / "all.db")
    monkeypatch.setenv("BATCHGEN_LEDGER", "sqlite:///shared.db")
    monkeypatch.chdir(tmp_path)
    assert ledger_at(job) == job.folder / "shared.db"
