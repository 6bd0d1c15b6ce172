"""A job of two short files, read the way a run reads it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from batchgen.job import Job, load_job
from batchgen.request import Built, build_rows
from batchgen.sheet import read_sheet

JOB_FILE = """
name = "welcome"
sheet = "people.csv"
id = "id"
only_if = "skip != 'yes'"
[request]
avatar_id = "Anna_public"
script = "Hello {{ name }}!"
[price]
usd_per_s = { any = 0.05 }
"""
HEADERS = ("id", "name", "skip")
ANNA = ("A-1", "Anna", "")
BEN = ("A-2", "Ben", "")


def small_job(folder: Path, *rows: Sequence[str], job_file: str = JOB_FILE, headers: Sequence[str] = HEADERS) -> Job:
    """The job and its sheet in ``folder``, written and loaded."""
    (folder / "job.toml").write_text(job_file, encoding="utf-8")
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    return load_job(folder)


def built_rows(job: Job) -> Built:
    return build_rows(job, read_sheet(job.sheet))
