"""One small simulated run inside the fork server: what Python loads at first use is there for all children.

It leaves no thread and no open file behind, because children are forked from this process.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path

from tests.crash.moved_time import MOVED


def run_once() -> None:
    """Run the job in a folder of its own; that it works is for the tests to say, not for this."""
    from batchgen.cli import main

    before, arguments = Path.cwd(), sys.argv
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("people.csv").write_text("avatar_id,script,title\nAnna_public,Hello,Hello\n", encoding="utf-8")
        sys.argv = ["batchgen", "run", "people.csv", "--simulate", "--static", "--clock-speed", "1000", "--json"]
        silence = io.TextIOWrapper(io.BytesIO())
        try:
            with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
                main()
        except SystemExit:
            pass
        finally:
            sys.argv = arguments
            os.chdir(before)
            assert MOVED.speed == 1.0
