"""``batchgen report``: the rows that need mending, as a file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchgen.cli.commands import failed_rows_of
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def report(
    job: JobArgument,
    failed: Annotated[
        Path, typer.Option(metavar="FILE", help="Write the rows that failed or cannot be sent here (.xlsx or .csv).")
    ],
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Write the rows that need mending."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.reporting import failed_written

        return failed_written(job, failed, output, simulated=simulate)

    carry_out(output, work, next_command=failed_rows_of(job, simulated=simulate))
