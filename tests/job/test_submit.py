"""``[submit] batch`` and ``[provider] api``: off by default, within bounds, and told when they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.errors import JobInvalid
from batchgen.job import Job, load_job


def job_saying(folder: Path, text: str) -> Job:
    (folder / "job.toml").write_text(f'sheet = "people.csv"\n{text}\n', encoding="utf-8")
    return load_job(folder)


def test_neither_batches_nor_the_legacy_route_are_used_unasked(tmp_path: Path) -> None:
    job = job_saying(tmp_path, "")
    assert job.submit.batch == 1
    assert job.provider.api == "v3"


def test_both_are_read(tmp_path: Path) -> None:
    job = job_saying(tmp_path, '[submit]\nbatch = 100\n[provider]\napi = "v2"')
    assert job.submit.batch == 100
    assert job.provider.rulebook == "legacy"


@pytest.mark.parametrize("batch", ["0", "101", '"all"', "true"])
def test_a_batch_has_bounds(tmp_path: Path, batch: str) -> None:
    with pytest.raises(JobInvalid, match="from 1 to 100"):
        job_saying(tmp_path, f"[submit]\nbatch = {batch}")


def test_another_version_of_the_api_is_none_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(JobInvalid, match=r"v3, v2|v2"):
        job_saying(tmp_path, '[provider]\napi = "v1"')
