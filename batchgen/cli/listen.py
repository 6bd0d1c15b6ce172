"""``batchgen listen``: its options. What it does is in ``listening.py``, imported when it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import HostOption, JsonOption, PortOption, PublicUrlOption
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.errors import UsageError


def listen(
    jobs: Annotated[list[Path], typer.Argument(metavar="JOB…", help="The jobs to listen for.")],
    public_url: PublicUrlOption = None,
    host: HostOption = None,
    port: PortOption = None,
    register: Annotated[
        bool, typer.Option("--register", help="Only see that the provider calls the public address.")
    ] = False,
    rotate: Annotated[bool, typer.Option("--rotate", help="Only have a new signing secret made.")] = False,
    unregister: Annotated[
        bool, typer.Option("--unregister", help="Only see that the provider calls it no more.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Receive webhooks until Ctrl-C."""
    output = Output(json)

    def work() -> Outcome:
        from batchgen.cli.listening import Deed, Where, listen_for

        given = {Deed.REGISTER: register, Deed.ROTATE: rotate, Deed.UNREGISTER: unregister}
        wanted = [deed for deed, is_given in given.items() if is_given] or [Deed.LISTEN]
        if len(wanted) > 1:
            raise UsageError(f"One thing at a time: --{' or --'.join(deed.value for deed in wanted)}.")
        return listen_for(jobs, Where(public_url=public_url, host=host, port=port), wanted[0], output)

    carry_out(output, work, next_command=command_for(jobs[0], verb="listen"))
