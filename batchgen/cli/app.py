"""The command line: one verb, one file. Heavy libraries are imported by the verb that needs them."""

from __future__ import annotations

import io
import sys
from typing import Annotated, Any

import typer

from batchgen.cli.account import account
from batchgen.cli.approve import approve
from batchgen.cli.audit import audit
from batchgen.cli.avatars import avatars
from batchgen.cli.cancel import cancel
from batchgen.cli.exits import Exit, help_text
from batchgen.cli.explain import explain
from batchgen.cli.init import init
from batchgen.cli.listen import listen
from batchgen.cli.output import Output
from batchgen.cli.plan import plan
from batchgen.cli.preview import preview
from batchgen.cli.report import report
from batchgen.cli.resolve import resolve
from batchgen.cli.retry import retry
from batchgen.cli.run import run
from batchgen.cli.simulate import simulate
from batchgen.cli.status import status
from batchgen.cli.sync import sync
from batchgen.cli.templates import templates
from batchgen.cli.voices import voices
from batchgen.cli.watch import watch
from batchgen.errors import UsageError

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
app.command(help="Start a job from a template.")(init)
app.command(help="Show what a run would do and cost; sends nothing.")(plan)
app.command(help="Make storyboards and a page to proofread them; free, asks nobody.")(preview)
app.command(help="Run a job: send what is new, collect what is done, write the sheet.")(run)
app.command(help="Approve a sample, so that the other rows may be sent.")(approve)
app.command(help="Receive the provider's webhooks, so that runs need not wait for a poll.")(listen)
app.command(help="Show how a job stands, from its ledger.")(status)
app.command(help="Watch a job until its run ends.")(watch)
app.command(help="Write the ledger's results into the sheet, and nothing else.")(sync)
app.command(help="Account for every row of the sheet; write the failed, succeeded or unsent ones to files.")(report)
app.command(help="Tell a row's whole story: times, keys, answers, money.")(explain)
app.command(help="Open another attempt for rows that failed or were cancelled.")(retry)
app.command(help="Decide about a row whose create was never answered.")(resolve)
app.command(help="Give rows up; what was sent stays paid.")(cancel)
app.command(help="Check that ledger, provider, files and sheet agree; mend what can be mended.")(audit)
app.command(help="List the avatars that the account has.")(avatars)
app.command(help="List the voices that the account has.")(voices)
app.command(help="List the templates that were made on the provider's page.")(templates)
app.command(help="Show whose key it is, and what is left.")(account)
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
    if isinstance(sys.stdout, io.TextIOWrapper):  # a console that lacks a letter must not break a run that went well
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code: Any = app(prog_name="batchgen", standalone_mode=False)
    except typer.TyperException as error:
        code = _typed_wrongly(error)
    except typer.Abort as stopped:  # typer's word for a signal that came before the verb began
        raise KeyboardInterrupt from stopped
    sys.exit(code if isinstance(code, int) else Exit.DONE)


def _typed_wrongly(error: typer.TyperException) -> int:
    """A command that cannot be understood: with ``--json`` that is one object on stdout too."""
    if "--json" not in sys.argv and hasattr(error, "show"):
        error.show()
        return Exit.INVALID
    context = getattr(error, "ctx", None)
    verb = context.command_path if context is not None else "batchgen"
    try:
        Output(json="--json" in sys.argv).fail(UsageError(error.format_message()), next_command=f"{verb} --help")
    except typer.Exit as left:
        return left.exit_code
