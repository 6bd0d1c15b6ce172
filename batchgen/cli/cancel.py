"""``batchgen cancel``: no video is wanted from these rows any more."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out


def cancel(
    job: JobArgument,
    rows: Annotated[list[str], typer.Argument(help="Row ids, or row numbers of the sheet.")],
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Cancel rows. What was sent already stays paid: the provider cannot cancel."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.deciding import Decision, decide
        from batchgen.cli.rows import rows_named
        from batchgen.ledger import Wish

        choose = lambda results: rows_named(rows, results)  # noqa: E731
        return decide(Decision(path=job, simulated=simulate, wish=Wish.CANCEL, choose=choose), output)

    carry_out(output, work)
