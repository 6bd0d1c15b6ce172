"""``batchgen resolve``: a person decides about a row in doubt."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.errors import UsageError


def resolve(
    job: JobArgument,
    row: Annotated[str, typer.Argument(help="Row id, or row number of the sheet.")],
    adopt: Annotated[str | None, typer.Option(metavar="VIDEO_ID", help="This video is the row's.")] = None,
    abandon: Annotated[bool, typer.Option("--abandon", help="Give it up; it may have been paid.")] = False,
    resubmit: Annotated[
        bool, typer.Option("--resubmit", help="It surely never arrived: send it again with a new key.")
    ] = False,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Decide what becomes of a row whose create was never answered."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.deciding import Decision, decide
        from batchgen.cli.rows import rows_named
        from batchgen.ledger import Wish

        chosen = [
            wish for wish, given in ((Wish.ADOPT, adopt), (Wish.ABANDON, abandon), (Wish.RESUBMIT, resubmit)) if given
        ]
        if len(chosen) != 1:
            raise UsageError("Write one of --adopt VIDEO_ID, --abandon or --resubmit.")
        decision = Decision(
            path=job,
            simulated=simulate,
            wish=chosen[0],
            choose=lambda results: rows_named([row], results),
            video_id=adopt,
        )
        return decide(decision, output)

    carry_out(output, work)
