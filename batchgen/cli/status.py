"""``batchgen status``: how a job stands, from its ledger alone."""

from __future__ import annotations

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def status(
    job: JobArgument,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Show how a job stands."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.standing import standing_of

        return standing_of(job, output, simulated=simulate)

    carry_out(output, work, next_command=command_for(job, simulated=simulate))
