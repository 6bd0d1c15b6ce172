"""The colours of the storyboard."""

from __future__ import annotations

Paint = tuple[int, int, int, int]  # red, green, blue, opacity
Box = tuple[int, int, int, int]  # left, top, right, bottom

INK: Paint = (15, 23, 42, 255)
WHITE: Paint = (255, 255, 255, 255)
MUTED: Paint = (130, 145, 170, 255)
PANEL: Paint = (15, 23, 42, 226)
ACCENT: Paint = (250, 204, 21, 255)
DEFAULT_SHADES = ((67, 83, 120), (30, 38, 64))  # above, below: where nothing was asked for
PICTURE_SHADES = ((132, 146, 166), (71, 85, 105))  # where an image was asked for that is not at hand


def letters_on(red: int, green: int, blue: int) -> Paint:
    """Dark letters on a light colour, light letters on a dark one."""
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else WHITE


def faded(paint: Paint) -> Paint:
    """The same colour for what matters less."""
    return (*paint[:3], 205)
