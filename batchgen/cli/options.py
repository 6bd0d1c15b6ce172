"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JobArgument = Annotated[Path, typer.Argument(help="A job file, a folder with job.toml, or a sheet alone.")]
OptionalJobArgument = Annotated[
    Path | None, typer.Argument(help="A job whose provider and key to use; without one, HEYGEN_API_KEY.")
]
SearchOption = Annotated[str, typer.Option("--search", metavar="TEXT", help="Only those that hold all of these words.")]
ExportOption = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE", help="Write avatars and voices to an .xlsx file to pick from by name."),
]
SimulateOption = Annotated[bool, typer.Option("--simulate", help="The simulated world of the job.")]
MaxUsdOption = Annotated[
    float | None,
    typer.Option(
        "--max-usd",
        min=0,
        help="The most that this job may ever spend, over all its runs; in place of [budget] max_usd.",
    ),
]
RefreshOption = Annotated[
    bool, typer.Option("--refresh", help="Ask about avatars and voices anew, also what was told within the hour.")
]
CheckLinksOption = Annotated[
    bool,
    typer.Option("--check-links", help="Ask for every link once, without a key: whether the provider can have it."),
]
RerenderOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rerender",
        help='Make a new video for edited rows: "changed" for all of them, or a row id or row:7; repeatable.',
    ),
]
SampleOption = Annotated[
    int | None, typer.Option("--sample", min=1, metavar="N", help="Only the first N rows that wait to be sent.")
]
SpreadOption = Annotated[
    bool,
    typer.Option(
        "--spread", help="With --sample: rows that differ most, the longest and the shortest script among them."
    ),
]
ChosenRowsOption = Annotated[
    list[str] | None,
    typer.Option("--rows", metavar="ROW,…", help="Only these rows: ids, or row:7 for row 7; repeatable."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
PublicUrlOption = Annotated[
    str | None,
    typer.Option("--public-url", metavar="https://…", help="Where the provider reaches the listener."),
]
HostOption = Annotated[str | None, typer.Option("--host", help="Where to listen; this machine only, by custom.")]
PortOption = Annotated[int | None, typer.Option("--port", help="Port to listen at.", min=1, max=65535)]
