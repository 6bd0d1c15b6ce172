"""The options of ``batchgen run``, as they were given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from batchgen.cli.choosing import Choice


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of ``batchgen run``."""

    path: Path
    simulate: bool
    yes: bool
    skip_invalid: bool
    time_limit_s: float | None
    clock_speed: float | None
    faults: Path | None
    static: bool
    choice: Choice
    plan: Path | None
    allow_new: bool
    max_usd: float | None
    listen: bool
    public_url: str | None
    host: str | None
    port: int | None
    refresh: bool
    check_links: bool
