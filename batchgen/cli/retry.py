"""``batchgen retry``: another attempt, with a new key, for rows that failed or were cancelled."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.errors import UsageError


def retry(
    job: JobArgument,
    rows: Annotated[list[str] | None, typer.Argument(help="Row ids, or row numbers of the sheet.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every row that failed.")] = False,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Open another attempt by hand."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.deciding import Decision, decide
        from batchgen.cli.rows import rows_named
        from batchgen.ledger import Status, Wish

        if bool(rows) == failed:
            raise UsageError("Name the rows to try again, or write --failed.")
        decision = Decision(
            path=job,
            simulated=simulate,
            wish=Wish.RETRY,
            choose=lambda results: (
                [row_id for row_id, result in results.items() if result.status is Status.FAILED]
                if failed
                else rows_named(rows or [], results)
            ),
        )
        return decide(decision, output)

    carry_out(output, work)
