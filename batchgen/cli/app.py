"""The command line: one verb, one file. Heavy libraries are imported by the verb that needs them."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import click
import typer

from batchgen.cli.exits import Exit, help_text
from batchgen.cli.output import Outcome, Output
from batchgen.cli.run import run
from batchgen.cli.simulate import simulate
from batchgen.cli.status import status

app = typer.Typer(
    name="batchgen",
    help="Rows of a spreadsheet become videos: no row is paid twice, none is lost.",
    epilog=help_text(),
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(help="Run a job: send what is new, collect what is done, write the sheet.")(run)
app.command(help="Show how a job stands, from its ledger.")(status)
app.command(help="Serve the simulated provider on this machine.")(simulate)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"batchgen {version('batchgen')}")  # noqa: T201
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the verb."""


def main() -> None:
    """The ``batchgen`` command."""
    try:
        code: Any = app(standalone_mode=False)
    except click.UsageError as error:
        _usage_error(error)
    except click.Abort:
        sys.exit(Exit.UNDER_WAY)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    sys.exit(code if isinstance(code, int) else Exit.DONE)


def _usage_error(error: click.UsageError) -> None:
    """A command typed wrongly: with ``--json`` that is one object on stdout too."""
    if "--json" not in sys.argv:
        error.show()
        sys.exit(Exit.INVALID)
    facts: dict[str, Any] = {
        "job": None,
        "run": None,
        "rows": None,
        "counts": {},
        "problems": [],
        "spent_usd": None,
        "next": None,
    }
    try:
        Output(json=True).finish(Outcome(exit=Exit.INVALID, facts=facts | {"error": error.format_message()}))
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
