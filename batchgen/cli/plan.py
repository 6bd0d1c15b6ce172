"""``batchgen plan``: what a run would do and cost; sends nothing and writes nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, MaxUsdOption, RefreshOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def plan(
    job: JobArgument,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: only the sheet and the ledger.")] = False,
    refresh: RefreshOption = False,
    simulate: SimulateOption = False,
    max_usd: MaxUsdOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a run would do with every row."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.planning import planned

        return planned(job, output, simulated=simulate, offline=offline, refresh=refresh, max_usd=max_usd)

    carry_out(output, work, next_command=command_for(job, verb="plan", simulated=simulate))
