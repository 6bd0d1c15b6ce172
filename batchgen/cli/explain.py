"""``batchgen explain``: a row's whole story from the event log."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def explain(
    job: JobArgument,
    row: Annotated[str, typer.Argument(help="Row id, or row number of the sheet.")],
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Tell a row's story: times, keys, answers, money."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.explaining import explained

        return explained(job, row, output, simulated=simulate)

    carry_out(output, work)
