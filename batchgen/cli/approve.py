"""``batchgen approve``: the sample is as it should be."""

from __future__ import annotations

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def approve(job: JobArgument, simulate: SimulateOption = False, json: JsonOption = False) -> None:
    """Approve the template as it is now, after looking at videos made with it."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.approving import approve_sample

        return approve_sample(job, output, simulated=simulate)

    carry_out(output, work, next_command=command_for(job, verb="status", simulated=simulate))
