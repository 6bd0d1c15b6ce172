"""Where a disk is full, or nobody reads any more: a sentence instead of a traceback, and no run breaks off for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.batchgen_process import environment
from tests.cli.small_job import SmallJob

FULL = Path("/dev/full")


@pytest.fixture
def full() -> Iterator[IO[bytes]]:
    """A file that refuses every byte with "No space left on device"."""
    if not FULL.exists():
        pytest.skip("this system has no /dev/full")
    with FULL.open("wb", buffering=0) as file:
        yield file


def ended(job: SmallJob, *arguments: object, stdout: IO[bytes] | int, stderr: IO[bytes] | int) -> tuple[int, str]:
    """The exit code of ``batchgen``, and what stderr took."""
    done = subprocess.run(
        [sys.executable, "-m", "batchgen", *map(str, arguments)],
        cwd=job.folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        check=False,
    )
    return done.returncode, (done.stderr or b"").decode()


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_a_result_that_cannot_be_printed_is_told_in_a_sentence(
    job: SmallJob, full: IO[bytes], options: list[str]
) -> None:
    job.write(rows=1)
    code, said = ended(job, "status", "job.toml", *options, stdout=full, stderr=subprocess.PIPE)
    assert code == 1
    assert said.splitlines()[-1] == "The result could not be printed: No space left on device. What was done is done."
    assert "Traceback" not in said


def test_a_reader_who_has_enough_changes_no_exit_code(job: SmallJob) -> None:
    job.write(rows=1)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        plan = ("plan", "job.toml", "--offline", "--json")
        assert ended(job, *plan, stdout=gone, stderr=subprocess.PIPE) == (0, "")


def test_a_run_goes_on_when_its_story_cannot_be_written(job: SmallJob, full: IO[bytes]) -> None:
    job.write(rows=2)
    run = ("run", "job.toml", "--simulate", "--static", "--clock-speed", "500")
    code, _ = ended(job, *run, stdout=subprocess.DEVNULL, stderr=full)
    assert code == 0
    assert job.simulated_statuses == ["succeeded", "succeeded"]


def test_a_preview_that_cannot_be_written_is_told_in_a_sentence(job: SmallJob) -> None:
    job.write(rows=1)
    limited = 'ulimit -f 1 && exec "$0" -m batchgen preview job.toml'  # 1 block: no storyboard fits
    done = subprocess.run(
        ["/bin/sh", "-c", limited, sys.executable],
        cwd=job.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"A storyboard cannot be written into {job.folder / 'preview'}: File too large.\n" in done.stderr
    assert "Traceback" not in done.stderr
