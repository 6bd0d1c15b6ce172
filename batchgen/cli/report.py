"""``batchgen report``: where every row stands; or the failed, succeeded or unprocessed ones as files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def report(
    job: JobArgument,
    failed: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the rows that failed or cannot be sent here (.xlsx or .csv)."),
    ] = None,
    succeeded: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows that have their video here, with its file.")
    ] = None,
    unprocessed: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows that were never sent here, with the reason.")
    ] = None,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Account for every row of the sheet."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.reporting import accounted, extracted
        from batchgen.report import Extract

        named = {Extract.FAILED: failed, Extract.SUCCEEDED: succeeded, Extract.UNPROCESSED: unprocessed}
        targets = {extract: target for extract, target in named.items() if target is not None}
        if targets:
            return extracted(job, targets, output, simulated=simulate)
        return accounted(job, output, simulated=simulate)

    carry_out(output, work, next_command=command_for(job, verb="report", simulated=simulate))
