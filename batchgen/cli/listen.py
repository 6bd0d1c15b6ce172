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
    flags = {"--register": register, "--rotate": rotate, "--unregister": unregister}
    given = [flag for flag, is_given in flags.items() if is_given]

    def work() -> Outcome:
        from batchgen.cli.listening import Deed, Where, listen_for

        if len(given) > 1:
            raise UsageError(f"One thing at a time: {' or '.join(given)}.")
        deed = Deed(given[0].removeprefix("--")) if given else Deed.LISTEN
        return listen_for(jobs, Where(public_url=public_url, host=host, port=port), deed, output)

    again = command_for(jobs[0], verb="listen", more=[*map(str, jobs[1:]), *given[:1]])
    carry_out(output, work, next_command=again)
