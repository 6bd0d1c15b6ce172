"""``batchgen status``: how a job stands, from its ledger alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.output import Outcome, Output, carry_out


def status(
    job: Annotated[Path, typer.Argument(help="A job file, a folder with job.toml, or a sheet alone.")],
    simulate: Annotated[bool, typer.Option("--simulate", help="The simulated world of the job.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Show how a job stands."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.standing import standing_of

        return standing_of(job, output, simulated=simulate)

    carry_out(output, work, next_command=command_for(job, simulated=simulate))
