"""``batchgen avatars``: which avatar looks the account has."""

from __future__ import annotations

from batchgen.cli.options import ExportOption, JsonOption, OptionalJobArgument, SearchOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def avatars(
    job: OptionalJobArgument = None,
    search: SearchOption = "",
    export: ExportOption = None,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """List the avatar looks that the account has."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.listing import ListOptions, avatars_listed

        return avatars_listed(ListOptions(job=job, simulate=simulate, search=search, export=export), output)

    carry_out(output, work, next_command="batchgen avatars --help")
