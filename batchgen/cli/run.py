"""``batchgen run``: its options. What it does is in ``running.py``, imported when it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.durations import seconds_of
from batchgen.cli.options import (
    CheckLinksOption,
    ChosenRowsOption,
    HostOption,
    MaxUsdOption,
    PortOption,
    PublicUrlOption,
    RefreshOption,
    RerenderOption,
    SampleOption,
    SpreadOption,
)
from batchgen.cli.output import Outcome, Output, carry_out
from batchgen.cli.typed import typed_options
from batchgen.errors import UsageError


def run(
    context: typer.Context,
    job: Annotated[Path, typer.Argument(help="A job file, a folder with job.toml, or a sheet alone.")],
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Use the built-in simulator: no key, no cost, storyboard previews.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Spend without asking.")] = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave invalid rows out instead of stopping before anything is sent.")
    ] = False,
    time_limit: Annotated[
        str | None, typer.Option("--time-limit", help="Stop in an orderly way after this long, e.g. 20m.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help="Do what this sealed plan says, or nothing; needs no --yes."),
    ] = None,
    sample: SampleOption = None,
    spread: SpreadOption = False,
    rows: ChosenRowsOption = None,
    rerender: RerenderOption = None,
    allow_new: Annotated[
        bool, typer.Option("--allow-new", help="Rows that look as if they had a video already are new ones.")
    ] = False,
    max_usd: MaxUsdOption = None,
    listen: Annotated[
        bool, typer.Option("--listen", help="Receive the provider's webhooks meanwhile, and poll less often.")
    ] = False,
    public_url: PublicUrlOption = None,
    host: HostOption = None,
    port: PortOption = None,
    refresh: RefreshOption = False,
    check_links: CheckLinksOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
    clock_speed: Annotated[
        float | None, typer.Option(help="Simulated seconds per second, with --simulate.", min=0.1, max=100_000)
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(help="Scripted faults of the simulator (TOML), with --simulate.")
    ] = None,
    static: Annotated[
        bool, typer.Option("--static", help="One ready-made clip for every video, with --simulate.")
    ] = False,
) -> None:
    """Run a job."""
    limit_s = seconds_of(time_limit) if time_limit is not None else None
    output = Output(json, simulated=simulate)

    def work() -> Outcome:
        if not listen and (host is not None or port is not None):
            raise UsageError("--host and --port say where --listen receives: write --listen, too.", add="--listen")
        from batchgen.cli.world import refuse_if_at_work

        refuse_if_at_work(job, simulated=simulate)  # told within a second, before the heavier libraries are loaded
        from batchgen.cli.choosing import Choice
        from batchgen.cli.run_options import RunOptions
        from batchgen.cli.running import run_job

        options = RunOptions(
            path=job,
            simulate=simulate,
            yes=yes,
            skip_invalid=skip_invalid,
            time_limit_s=limit_s,
            clock_speed=clock_speed,
            faults=faults,
            static=static,
            choice=Choice(rerender=tuple(rerender or ()), sample=sample, spread=spread, rows=tuple(rows or ())),
            plan=plan,
            allow_new=allow_new,
            max_usd=max_usd,
            listen=listen,
            public_url=public_url,
            host=host,
            port=port,
            refresh=refresh,
            check_links=check_links,
        )
        return run_job(options, output)

    again = command_for(job, simulated=simulate, more=typed_options(context))
    carry_out(output, work, next_command=again)
