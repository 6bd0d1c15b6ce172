"""What ``batchgen sync`` does."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.world import known_job, reading_ledger
from batchgen.errors import SheetNotWritten
from batchgen.job import Job
from batchgen.report import Reported, shown_results, write_report


def synced(path: Path, output: Output, *, simulated: bool) -> Outcome:
    """Write the sheet from the ledger. Exit code 4 when it still cannot be written."""
    job = known_job(path, simulated=simulated)
    output.job = job.name
    try:
        written = _written(job)
    except SheetNotWritten as error:
        next_command = command_for(path, verb="sync", simulated=simulated)
        refused = {"job": job.name, "written": None, "problem": str(error), "next": next_command}
        return Outcome(exit=Exit.UNDER_WAY, facts=refused, text=f"Not written: {error}\nNext: {next_command}")
    next_command = command_for(path, verb="status", simulated=simulated)
    facts: dict[str, object] = {
        "job": job.name,
        "written": str(written.path),
        "problem": written.reason,
        "problems": [asdict(conflict) for conflict in written.conflicts],
        "next": next_command,
    }
    why = f" ({written.reason})" if written.reason else ""
    lines = [f"Results are in {written.path}{why}", *map(str, written.conflicts), f"Next: {next_command}"]
    return Outcome(exit=Exit.DONE, facts=facts, text="\n".join(lines))


def _written(job: Job) -> Reported:
    with reading_ledger(job) as queries:
        if queries is None:
            return write_report(job, {})
        return write_report(job, shown_results(job, queries), queries.refused(job.name))
