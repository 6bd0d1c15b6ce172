"""``batchgen preview``: storyboards of the rows and a page to proofread them; asks nobody, spends nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.options import JobArgument, JsonOption
from batchgen.cli.output import Outcome, Output, carry_out


def preview(
    job: JobArgument,
    rows: Annotated[
        list[str] | None, typer.Option("--rows", help="Only this row: an id, or row:7; repeatable, or with commas.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All rows, not only the first twenty.")] = False,
    json: JsonOption = False,
) -> None:
    """Make a storyboard of each row, and a page with all of them."""
    output = Output(json)

    def work() -> Outcome:
        from batchgen.cli.previewing import previewed

        return previewed(job, output, rows=tuple(rows or ()), everything=everything)

    carry_out(output, work, next_command=command_for(job, verb="preview"))
