"""``batchgen explain``: a row's whole story from the event log."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.cli.rows import ROW_HELP


def explain(
    job: JobArgument,
    row: Annotated[str, typer.Argument(help=ROW_HELP)],
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Tell a row's story: times, keys, answers, money."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.explaining import explained

        return explained(job, row, output, simulated=simulate)

    carry_out(output, work, next_command=command_for(job, verb="status", simulated=simulate))
