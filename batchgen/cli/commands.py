"""The next command to type, as it can be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path


def command_for(job: Path, *, verb: str = "run", simulated: bool = False, more: Sequence[str] = ()) -> str:
    """``batchgen VERB JOB MORE``, with ``--simulate`` in a simulated world."""
    return shlex.join(["batchgen", verb, str(job), *more, *(["--simulate"] if simulated else [])])


def cap_words(max_usd: float | None) -> list[str]:
    """The option that repeats a cap of the command line."""
    return [] if max_usd is None else ["--max-usd", f"{max_usd:.12g}"]
