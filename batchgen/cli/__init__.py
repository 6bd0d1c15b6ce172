"""The command line."""

from __future__ import annotations

import atexit
import gc
import signal
import sys

# A sheet's rows and the imported libraries stay for as long as the command works. With Python's own thresholds the
# garbage collector looks through all of them again and again: a quarter of the time of a plan of 100,000 rows.
COLLECT_RARELY = (50_000, 20, 20)


def main() -> None:
    """The ``batchgen`` command. SIGTERM stops it as Ctrl-C does, from the first moment on."""
    gc.set_threshold(*COLLECT_RARELY)
    atexit.register(_keep_the_exit_code)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from batchgen.cli.app import main as app

        app()
    except KeyboardInterrupt:  # before the verb could say so itself
        _stopped()
    finally:
        signal.signal(signal.SIGTERM, before)


def _keep_the_exit_code() -> None:
    """Everything is done and said, and Python takes a moment to end: a second Ctrl-C must not kill it then."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _stopped() -> None:
    """Say that the command was stopped before it did anything, with nothing but the standard library."""
    import json

    message = "Stopped; nothing was sent. Type the same command again."
    print(message, file=sys.stderr)  # noqa: T201
    if "--json" in sys.argv:
        problem = {"message": message, "hint": "", "row": None, "id": None, "column": None, "value": None}
        nothing: dict[str, object] = {
            "job": None,
            "run": None,
            "rows": None,
            "counts": {},
            "spent_usd": None,
            "next": None,
        }
        print(json.dumps({**nothing, "problems": [problem]}))  # noqa: T201
    sys.exit(4)  # as ``Exit.UNDER_WAY`` says


__all__ = ["COLLECT_RARELY", "main"]
