"""``batchgen account``: whose key it is, and what is left."""

from __future__ import annotations

from batchgen.cli.options import JsonOption, OptionalJobArgument, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def account(
    job: OptionalJobArgument = None,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Show whose key it is, and what is left."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.listing import ListOptions, account_shown

        return account_shown(ListOptions(job=job, simulate=simulate), output)

    carry_out(output, work, next_command="batchgen account --help")
