"""Text on pictures: measured, wrapped, shaped, in any script and direction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Literal

from PIL import ImageDraw, features

from batchgen.simulator.render.fonts import Run, is_right_to_left, runs
from batchgen.simulator.render.paint import Paint

ELLIPSIS = "…"
LINE_HEIGHT = 1.36  # of the letter size


@cache
def _shapes_text() -> bool:
    """Whether Pillow can join Arabic letters and order both directions (raqm)."""
    return bool(features.check("raqm"))


def _direction(right_to_left: bool) -> Literal["rtl", "ltr"] | None:
    if not _shapes_text():
        return None
    return "rtl" if right_to_left else "ltr"


@lru_cache(maxsize=16384)
def width(text: str, size: int, bold: bool = False) -> float:
    """Pixels that a line takes."""
    direction = _direction(is_right_to_left(text))
    return sum(_run_width(run, size, direction) for run in runs(text, bold))


def _run_width(run: Run, size: int, direction: Literal["rtl", "ltr"] | None) -> float:
    return run.face.at(size).getlength(run.text, direction=direction)


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    paint: Paint,
    *,
    bold: bool = False,
    right_to_left: bool | None = None,
) -> None:
    """Write one line with its left end on the baseline at ``at``.

    ``right_to_left``: the direction of the paragraph that the line is part of; None reads it from the line.
    """
    x, baseline = at
    right_to_left = is_right_to_left(text) if right_to_left is None else right_to_left
    direction = _direction(right_to_left)
    in_order = reversed(runs(text, bold)) if right_to_left else runs(text, bold)
    for run in in_order:
        font = run.face.at(size)
        draw.text((x, baseline), run.text, fill=paint, font=font, anchor="ls", direction=direction)
        x += _run_width(run, size, direction)


def shortened(text: str, size: int, room: float, bold: bool = False) -> str:
    """The line, with an ellipsis before its last word when it needs more room: titles end in what tells rows apart."""
    if width(text, size, bold) <= room:
        return text
    head, _, last = text.rpartition(" ")
    tail = f"{ELLIPSIS} {last}" if head and width(last, size, bold) < room / 2 else ELLIPSIS
    start = head if len(tail) > 1 else text
    while start and width(start.rstrip() + tail, size, bold) > room:
        start = start[:-1]
    return start.rstrip() + tail


def folded(text: str, size: int, room: float, most: int, bold: bool = False) -> list[str]:
    """The text in at most so many lines; what is too much ends in an ellipsis."""
    lines: list[str] = []
    rest = text.split()
    while rest and len(lines) < most - 1:
        count = _fitting(rest, size, room, bold)
        lines.append(shortened(" ".join(rest[:count]), size, room, bold))
        rest = rest[count:]
    return [*lines, shortened(" ".join(rest), size, room, bold)] if rest else lines


def _fitting(words: Sequence[str], size: int, room: float, bold: bool) -> int:
    """How many words fit into a line; one at least."""
    count = 1
    while count < len(words) and width(" ".join(words[: count + 1]), size, bold) <= room:
        count += 1
    return count
