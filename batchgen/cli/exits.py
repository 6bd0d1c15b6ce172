"""Exit codes: a promise, listed in ``batchgen --help``."""

from __future__ import annotations

from enum import IntEnum

from batchgen.errors import ApiRefused, InvalidInput, JobHeld, UsageError, WrongProvider


class Exit(IntEnum):
    """What a command's end means. When several hold: 2 and 7 first, then 1, 5, 6, 4, 3, 0."""

    DONE = 0
    FAILURE = 1
    INVALID = 2
    ROWS_FAILED = 3
    UNDER_WAY = 4
    ACCOUNT = 5
    IN_DOUBT = 6
    HELD = 7

    @property
    def meaning(self) -> str:
        """One line for help and documentation."""
        return MEANINGS[self]


MEANINGS = {
    Exit.DONE: "everything asked for is done",
    Exit.FAILURE: "unexpected failure",
    Exit.INVALID: "usage, or the sheet or job file is invalid; nothing was sent",
    Exit.ROWS_FAILED: "finished, some rows failed",
    Exit.UNDER_WAY: "stopped with work under way; run again to go on",
    Exit.ACCOUNT: "budget, credit or account stop",
    Exit.IN_DOUBT: "rows in doubt need a decision",
    Exit.HELD: "another run holds the job",
}


def exit_of(error: BaseException) -> Exit:
    """The exit code that an error leads to."""
    if isinstance(error, InvalidInput | UsageError | WrongProvider):
        return Exit.INVALID
    if isinstance(error, JobHeld):
        return Exit.HELD
    if isinstance(error, ApiRefused) and error.of_account:
        return Exit.ACCOUNT
    if isinstance(error, KeyboardInterrupt):
        return Exit.UNDER_WAY
    return Exit.FAILURE


def help_text() -> str:
    """The exit codes as ``--help`` shows them."""
    return "Exit codes: " + " · ".join(f"{code.value} {code.meaning}" for code in Exit)
