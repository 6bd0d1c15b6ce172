"""``batchgen audit``: do ledger, provider, files and sheet agree?"""

from __future__ import annotations

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def audit(job: JobArgument, simulate: SimulateOption = False, json: JsonOption = False) -> None:
    """Check everything against everything, and mend what can be mended."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.auditing import audit_job

        return audit_job(job, output, simulated=simulate)

    carry_out(output, work, next_command=command_for(job, verb="audit", simulated=simulate))
