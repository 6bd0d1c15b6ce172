"""``batchgen retry``: another attempt, with a new key, for rows that failed or were cancelled."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.cli.rows import ROWS_HELP
from batchgen.errors import UsageError


def retry(
    job: JobArgument,
    rows: Annotated[list[str] | None, typer.Argument(help=ROWS_HELP)] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Every row that failed, but for those that may have been paid.")
    ] = False,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Open another attempt by hand."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.deciding import Decision, decide, failed_unpaid, named
        from batchgen.ledger import Wish

        if bool(rows) == failed:
            raise UsageError("Name the rows to try again, or write --failed.")
        choose = named(rows) if rows else failed_unpaid
        return decide(Decision(path=job, simulated=simulate, wish=Wish.RETRY, choose=choose), output)

    carry_out(output, work, next_command=command_for(job, verb="status", simulated=simulate))
