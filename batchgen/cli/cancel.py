"""``batchgen cancel``: no video is wanted from these rows any more."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.cli.rows import ROWS_HELP


def cancel(
    job: JobArgument,
    rows: Annotated[list[str], typer.Argument(help=ROWS_HELP)],
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Cancel rows. What was sent already stays paid: the provider cannot cancel."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.deciding import Decision, decide, named
        from batchgen.ledger import Wish

        return decide(Decision(path=job, simulated=simulate, wish=Wish.CANCEL, choose=named(rows)), output)

    carry_out(output, work, next_command=command_for(job, verb="status", simulated=simulate))
