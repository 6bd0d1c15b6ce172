"""``batchgen resolve``: a person decides about a row in doubt, or gives one that was given up its video."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption, SimulateOption
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.cli.rows import ROW_HELP
from batchgen.errors import UsageError

WRITE_ONE = (
    "Look for the video on the provider's page, by the marker that explain shows. Then write one of "
    "--adopt VIDEO_ID (it is there), --resubmit (it surely never arrived) or --abandon (give it up)."
)


def resolve(
    job: JobArgument,
    row: Annotated[str, typer.Argument(help=ROW_HELP)],
    adopt: Annotated[str | None, typer.Option(metavar="VIDEO_ID", help="This video is the row's.")] = None,
    abandon: Annotated[bool, typer.Option("--abandon", help="Give it up; it may have been paid.")] = False,
    resubmit: Annotated[
        bool, typer.Option("--resubmit", help="It surely never arrived: send it again with a new key.")
    ] = False,
    simulate: SimulateOption = False,
    json: JsonOption = False,
) -> None:
    """Decide what becomes of a row whose create was never answered, or whose video is there after all."""
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        from batchgen.cli.deciding import Decision, decide, named
        from batchgen.ledger import Wish

        chosen = [
            wish for wish, given in ((Wish.ADOPT, adopt), (Wish.ABANDON, abandon), (Wish.RESUBMIT, resubmit)) if given
        ]
        if len(chosen) != 1:
            raise UsageError(WRITE_ONE, instead=command_for(job, verb="explain", simulated=simulate, more=[row]))
        decision = Decision(
            path=job,
            simulated=simulate,
            wish=chosen[0],
            choose=named([row]),
            video_id=adopt,
        )
        return decide(decision, output)

    carry_out(output, work, next_command=command_for(job, verb="status", simulated=simulate))
