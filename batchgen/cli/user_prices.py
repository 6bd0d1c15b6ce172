"""The user's own price file, which counts in every job that names none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from batchgen.job import Job


def user_price_file() -> Path:
    """``~/.config/batchgen/prices.toml``, or where else this system keeps such files."""
    return Path(typer.get_app_dir("batchgen")) / "prices.toml"


def with_user_prices(job: Job) -> Job:
    """The job with the user's price file, where there is one and the job names none."""
    if job.prices.file is not None or not (file := user_price_file()).is_file():
        return job
    return replace(job, prices=replace(job.prices, file=file))
