"""``batchgen templates``: which templates were made on the provider's page."""

from __future__ import annotations

from batchgen.cli.options import JsonOption, OptionalJobArgument, SearchOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def templates(
    job: OptionalJobArgument = None,
    search: SearchOption = "",
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """List the templates that were made on the provider's page."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.listing import ListOptions, templates_listed

        return templates_listed(ListOptions(job=job, simulate=simulate, search=search), output)

    carry_out(output, work, next_command="batchgen templates --help")
