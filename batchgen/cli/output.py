"""Printing: stdout is the result, stderr the story, ``--json`` the same facts as one object on stdout."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
import typer

from batchgen.cli.exits import Exit, exit_of
from batchgen.errors import ApiRefused, BatchgenError, Doubt, InvalidInput, Problem, UsageError

if TYPE_CHECKING:
    from rich.console import Console

MOST_PROBLEMS_SHOWN = 50
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a command ended: its exit code, the facts for ``--json``, and the text for people."""

    exit: Exit
    facts: Mapping[str, Any]
    text: str = ""
    notes: tuple[str, ...] = ()  # parts of the text that ``facts`` has no key for
    is_drawn: bool = False  # the text holds a terminal's styles already, and no cell as it stands


@dataclass
class Output:
    """Where a command prints to. Colour and bars appear only on a terminal."""

    json: bool = False
    job: str | None = field(default=None, kw_only=True)
    simulated: bool = field(default=False, kw_only=True)
    doubts: list[Doubt] = field(default_factory=list, init=False)
    """What was told by `doubt` so far; ``--json`` has it under ``warnings``."""

    @cached_property
    def story(self) -> Console:
        """The console on stderr."""
        from rich.console import Console

        return Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str, *, style: str | None = None) -> None:
        """One line of the story; cell text in it is never read as markup. Where stderr takes no more, it is lost."""
        with suppress(OSError):  # a full disk below the log must not break a run off
            self.story.print(printable(text), style=style, markup=False)

    def warn(self, text: str) -> None:
        """Something that does not stop the command but deserves a look."""
        self.say(f"Warning: {' '.join(text.splitlines())}", style="yellow")  # a header may have several lines

    def doubt(self, doubt: Doubt) -> None:
        """A warning that names its kind and its rows, also for programs."""
        self.doubts.append(doubt)
        self.warn(str(doubt))

    def finish(self, outcome: Outcome) -> NoReturn:
        """Print the result and leave; where stdout takes no more, say so and leave with 1 if all went well before."""
        if self.json:
            for note in outcome.notes:
                self.say(note)
        try:
            self._print_result(outcome)
        except OSError as error:
            _give_up_stdout()
            if isinstance(error, BrokenPipeError):  # ``| head`` has what it wanted
                raise typer.Exit(int(outcome.exit)) from error
            self.say(f"The result could not be printed: {error.strerror}. What was done is done.", style="red")
            raise typer.Exit(int(outcome.exit or Exit.FAILURE)) from error
        raise typer.Exit(int(outcome.exit))

    def _print_result(self, outcome: Outcome) -> None:
        if self.json:
            self._print_json({**outcome.facts, **self._more_facts()})
        elif outcome.text:
            text = outcome.text if outcome.is_drawn else printable(outcome.text)
            print(text, flush=True)  # noqa: T201  # stdout is the result

    def fail(self, error: BaseException, *, next_command: str | None) -> NoReturn:
        """Tell what went wrong and leave with its exit code."""
        code = exit_of(error)
        if isinstance(error, UsageError | InvalidInput):
            next_command = _helped_on(error, next_command)
        if isinstance(error, BatchgenError | KeyboardInterrupt):
            message = str(error) or "Stopped."
        else:
            message = f"Unexpected failure: {type(error).__name__}: {error}"
            self.say("".join(traceback.format_exception(error)).rstrip())
        if isinstance(error, InvalidInput):
            self.problems(problems := error.problems)
        else:
            problems = (Problem(message=message, hint=_advice(error)),)
            self.say(str(problems[0]), style="red")
        if next_command and not self.json:
            self.say(f"Next: {next_command}")
        facts: dict[str, Any] = {
            "job": self.job,
            "run": None,
            "rows": None,
            "counts": {},
            "problems": [asdict(problem) for problem in problems],
            "spent_usd": None,
            "next": next_command,
        }
        self.finish(Outcome(exit=code, facts=facts))

    def problems(self, problems: Sequence[Problem], *, count: int | None = None) -> None:
        """All problems at once, the first fifty in full."""
        total = count or len(problems)
        for problem in problems[:MOST_PROBLEMS_SHOWN]:
            self.say(f"✗ {problem}", style="red")
        if total > MOST_PROBLEMS_SHOWN:
            self.say(f"… and {total - MOST_PROBLEMS_SHOWN:,} more; --json lists them.")

    def _more_facts(self) -> dict[str, Any]:
        warnings = {"warnings": [doubt.facts() for doubt in self.doubts]} if self.doubts else {}
        return {**warnings, **({"simulated": True} if self.simulated else {})}

    def _print_json(self, facts: Mapping[str, Any]) -> None:
        sys.stdout.buffer.write(orjson.dumps(facts, default=str, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()


def printable(text: str) -> str:
    """Text with control characters written out: what stands in a cell gives no orders to a terminal."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _give_up_stdout() -> None:
    """Nothing more goes to stdout, so that Python does not fail at its end to write what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _advice(error: BaseException) -> str:
    """What to do about a refusal that concerns the key or the account; nothing for other errors."""
    if not isinstance(error, ApiRefused) or not error.of_account:
        return ""
    from batchgen.cli.ending import what_to_do  # the runner's libraries load in 0.3 s

    return what_to_do(error.code or "")


def _helped_on(error: UsageError | InvalidInput, next_command: str | None) -> str | None:
    if error.instead:
        return error.instead
    return f"{next_command} {error.add}" if error.add and next_command else next_command


def carry_out(output: Output, work: Callable[[], Outcome], *, next_command: str | None = None) -> NoReturn:
    """Run a command's work and turn whatever comes of it into output and an exit code."""
    try:
        outcome = work()
    except typer.Abort:  # Ctrl-C, or the end of the input, at a question
        output.fail(UsageError("Nothing was sent."), next_command=next_command)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the edge of the program
        output.fail(error, next_command=next_command)
    output.finish(outcome)
