"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JobArgument = Annotated[Path, typer.Argument(help="A job file, a folder with job.toml, or a sheet alone.")]
SimulateOption = Annotated[bool, typer.Option("--simulate", help="The simulated world of the job.")]
MaxUsdOption = Annotated[
    float | None,
    typer.Option(
        "--max-usd",
        min=0,
        help="The most that this job may ever spend, over all its runs; in place of [budget] max_usd.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
