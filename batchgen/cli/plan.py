"""``batchgen plan``: what a run would do and cost; sends nothing and writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import (
    CheckLinksOption,
    ChosenRowsOption,
    JobArgument,
    JsonOption,
    MaxUsdOption,
    RefreshOption,
    RerenderOption,
    SampleOption,
    SimulateOption,
    SpreadOption,
)
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.cli.typed import typed_options


def plan(
    context: typer.Context,
    job: JobArgument,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: only the sheet and the ledger.")] = False,
    refresh: RefreshOption = False,
    check_links: CheckLinksOption = False,
    simulate: SimulateOption = False,
    max_usd: MaxUsdOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Show all rows; with --json, list them.")] = False,
    row: Annotated[
        str | None, typer.Option("--row", help="Only this row, with the exact JSON that a run would send.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the plan as a page to sign off (.html).")
    ] = None,
    sample: SampleOption = None,
    spread: SpreadOption = False,
    rows: ChosenRowsOption = None,
    rerender: RerenderOption = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Seal the plan, for run --plan FILE (.json).")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what a run would do with every row."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.choosing import Choice
        from batchgen.cli.planning import Shown, planned

        choice = Choice(rerender=tuple(rerender or ()), sample=sample, spread=spread, rows=tuple(rows or ()))
        shown = Shown(everything=everything, row=row, page=out, sealed=save)
        return planned(
            job,
            output,
            simulated=simulate,
            offline=offline,
            refresh=refresh,
            check_links=check_links,
            max_usd=max_usd,
            choice=choice,
            shown=shown,
            again=again,
        )

    again = command_for(job, verb="plan", simulated=simulate, more=typed_options(context))
    carry_out(output, work, next_command=again)
