"""``batchgen sync``: write the ledger's results into the sheet, and nothing else."""

from __future__ import annotations

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def sync(job: JobArgument, simulate: SimulateOption = False, json: JsonOption = False) -> None:
    """Bring results home that could not be written when the run ended."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.syncing import synced

        return synced(job, output, simulated=simulate)

    carry_out(output, work, next_command=command_for(job, verb="sync", simulated=simulate))
