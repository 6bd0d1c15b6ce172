"""The panel that is read along: the script, brightening as it is said, or the shape of a supplied sound."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image, ImageDraw

from batchgen.simulator.render.captions import Line, Word, joined, wrapped
from batchgen.simulator.render.fonts import is_right_to_left, legible
from batchgen.simulator.render.lettering import LINE_HEIGHT, folded, width, write
from batchgen.simulator.render.paint import ACCENT, MUTED, WHITE, Box

LETTER_SIZES = (44, 38, 33, 29)  # pixels at a short side of 720: the largest that needs one page, else the smallest
WAVES = 56  # bars of the drawn sound


class Panel(Protocol):
    """What fills the panel."""

    def show(self, picture: Image.Image, seconds: float) -> None:
        """Put the panel's content at a moment onto the picture."""


@dataclass(frozen=True, slots=True)
class Page:
    """The lines shown at one time, drawn unsaid and said; ``spans`` are each line's left and right end."""

    lines: tuple[Line, ...]
    unsaid: Image.Image
    said: Image.Image
    spans: tuple[tuple[int, int], ...]


class ScriptPanel:
    """The whole script, page after page; what has been said is bright."""

    def __init__(self, words: Sequence[Word], box: Box, unit: float) -> None:
        self._corner = box[:2]
        self._size = box[2] - box[0], box[3] - box[1]
        self._unit = unit
        self._from_right = is_right_to_left(joined(words[:20]))
        self._letters, lines = self._set(words)
        self._line_height = round(self._letters * LINE_HEIGHT)
        capacity = self._capacity(self._letters)
        count = math.ceil(len(lines) / capacity)
        self._pages = [
            self._page(tuple(lines[number * capacity : (number + 1) * capacity]), f"{number + 1}/{count}")
            for number in range(count)
        ]

    def _set(self, words: Sequence[Word]) -> tuple[int, list[Line]]:
        """The letters, and the script in lines."""
        for points in LETTER_SIZES:
            letters = round(points * self._unit)
            lines = self._wrapped(words, letters)
            if len(lines) <= self._capacity(letters):
                break
        return letters, lines

    def _wrapped(self, words: Sequence[Word], letters: int) -> list[Line]:
        return wrapped(words, lambda text: width(legible(text), letters) <= self._size[0])

    def _capacity(self, letters: int) -> int:
        return max(1, int(self._size[1] / (letters * LINE_HEIGHT)))

    def _page(self, lines: tuple[Line, ...], number: str) -> Page:
        unsaid, said = Image.new("RGBA", self._size), Image.new("RGBA", self._size)
        spans = []
        for index, line in enumerate(lines):
            text = legible(line.text)
            wide = width(text, self._letters)
            start = self._size[0] - wide if self._from_right else 0.0
            at = (start, index * self._line_height + self._letters)
            for layer, paint in ((unsaid, MUTED), (said, WHITE)):
                write(ImageDraw.Draw(layer), at, text, self._letters, paint, right_to_left=self._from_right)
            spans.append((math.floor(start), math.ceil(start + wide)))
        if number != "1/1":
            self._number(unsaid, number)
        return Page(lines, unsaid, said, tuple(spans))

    def _number(self, page: Image.Image, number: str) -> None:
        size = round(18 * self._unit)
        start = 0.0 if self._from_right else page.width - width(number, size, bold=True)
        write(ImageDraw.Draw(page), (start, page.height - 2), number, size, ACCENT, bold=True)

    def show(self, picture: Image.Image, seconds: float) -> None:
        """The page of this moment."""
        page = next((page for page in reversed(self._pages) if page.lines[0].start <= seconds), self._pages[0])
        picture.alpha_composite(page.unsaid, self._corner)
        for index, (line, span) in enumerate(zip(page.lines, page.spans, strict=True)):
            reach = round((span[1] - span[0]) * line.spoken_share(seconds))
            if reach <= 0:
                return
            self._brighten(picture, page, index, (span[1] - reach, span[1]) if self._from_right else (span[0], reach))

    def _brighten(self, picture: Image.Image, page: Page, index: int, across: tuple[int, int]) -> None:
        top = index * self._line_height
        band = (max(0, across[0]), top, min(across[1], page.said.width), top + self._line_height)
        picture.alpha_composite(page.said.crop(band), (self._corner[0] + band[0], self._corner[1] + top))


class SoundPanel:
    """A supplied sound: its file name and a drawn wave, which is not its real one."""

    def __init__(self, file: str, length_s: float, box: Box, unit: float) -> None:
        self._box = box
        self._length_s = length_s
        self._unit = unit
        self._name = folded(legible(f"Sound: {file}"), round(34 * unit), box[2] - box[0], 2)
        self._heights = [0.2 + 0.8 * byte / 255 for byte in hashlib.sha512(file.encode()).digest()[:WAVES]]

    def show(self, picture: Image.Image, seconds: float) -> None:
        """The name, and the wave filled up to this moment."""
        draw = ImageDraw.Draw(picture)
        left, top, right, bottom = self._box
        letters = round(34 * self._unit)
        for index, line in enumerate(self._name):
            write(draw, (left, top + letters + index * round(letters * LINE_HEIGHT)), line, letters, WHITE)
        top += round(letters * LINE_HEIGHT * len(self._name))
        middle, reach = (top + bottom) / 2, min(bottom - top, right - left) / 2 * 0.8
        step = (right - left) / len(self._heights)
        for index, height in enumerate(self._heights):
            paint = WHITE if (index + 0.5) / len(self._heights) <= seconds / self._length_s else MUTED
            x = left + index * step
            draw.rounded_rectangle(
                (x, middle - reach * height, x + step * 0.6, middle + reach * height), radius=step * 0.3, fill=paint
            )
