"""``batchgen watch``: how a job stands, live, from its ledger alone."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.durations import seconds_of
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def watch(
    job: JobArgument,
    every: Annotated[str, typer.Option("--every", help="How often to look, e.g. 2s.")] = "2s",
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Watch a job until its run ends."""
    every_s = seconds_of(every)
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.watching import watched

        return watched(job, output, simulated=simulate, every_s=every_s)

    carry_out(output, work, next_command=command_for(job, verb="status", simulated=simulate))
