"""The next command to type, as it can be pasted."""

from __future__ import annotations

import shlex
from pathlib import Path


def command_for(job: Path, *, verb: str = "run", simulated: bool = False) -> str:
    """``batchgen VERB JOB``, with ``--simulate`` in a simulated world."""
    return shlex.join(["batchgen", verb, str(job), *(["--simulate"] if simulated else [])])
