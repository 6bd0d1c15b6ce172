"""Pages for people: HTML that needs nothing but itself, in which text from a sheet can never become markup."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from batchgen.durable import sync_folder
from batchgen.errors import UsageError
from batchgen.report.figures import clock, cost, dollars, span

OURS = '<meta name="generator" content="batchgen">'
HEAD_BYTES = 1_000
PIECES_AT_ONCE = 200


def write_page(target: Path, template: str, values: dict[str, Any]) -> None:
    """Write a page whole or not at all; rows may be an iterator, they are written as they come.

    Raises ``UsageError`` when ``target`` is a file that batchgen did not make, or cannot be written.
    """
    refuse_not_ours(target)
    stream = _pages().get_template(template).stream(values)
    stream.enable_buffering(PIECES_AT_ONCE)
    part = target.with_name(f"{target.name}.part")
    try:
        _write(part, stream)
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{target} cannot be written: {error.strerror}.") from error


def _write(part: Path, pieces: Iterable[str]) -> None:
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def refuse_not_ours(target: Path) -> None:
    """Raise ``UsageError`` for a name that is no page's, or is taken by a file of the person's own."""
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{target.name} must end with .html.")
    if target.is_dir():
        raise UsageError(f"{target} is a folder. Name a file.")
    if target.exists() and OURS.encode() not in target.read_bytes()[:HEAD_BYTES]:
        raise UsageError(f"{target.name} is there already, and batchgen did not make it. Name another file.")


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=PackageLoader("batchgen.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"dollars": dollars, "clock": clock, "cost": cost, "span": span}
    return pages
