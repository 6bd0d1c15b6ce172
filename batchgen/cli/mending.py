"""The file of rows to be mended."""

from __future__ import annotations

from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.job import Job
from batchgen.report import free_name


def failed_rows_of(path: Path, job: Job) -> str:
    """The command that writes the rows to be mended to a file of their own, under a name that is free."""
    return command_for(path, verb="report", simulated=job.simulated, more=["--failed", str(free_name(job, "fix-me"))])
