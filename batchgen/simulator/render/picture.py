"""The storyboard as pictures: what stays is drawn once, each frame adds the spoken words and the time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

from PIL import Image, ImageDraw

from batchgen.simulator.render.captions import cues
from batchgen.simulator.render.figures import presenter_card
from batchgen.simulator.render.fonts import is_right_to_left, legible, missing
from batchgen.simulator.render.layout import layout_of
from batchgen.simulator.render.lettering import ELLIPSIS, LINE_HEIGHT, folded, shortened, width, write
from batchgen.simulator.render.own_pictures import filling, framed
from batchgen.simulator.render.paint import (
    ACCENT,
    DEFAULT_SHADES,
    INK,
    MUTED,
    PANEL,
    PICTURE_SHADES,
    WHITE,
    Box,
    Paint,
    faded,
    letters_on,
)
from batchgen.simulator.render.panel import Panel, ScriptPanel, SoundPanel
from batchgen.simulator.render.scene import Scene

EQUALIZER_BARS = 5


class Storyboard:
    """Draws the frames of one scene; ``captioned`` adds subtitles as the provider burns them in."""

    def __init__(self, scene: Scene, *, captioned: bool = False) -> None:
        self._scene = scene
        self._captioned = captioned
        self._layout = layout_of(scene.size)
        self._px = self._layout.px
        self._cues = cues(scene.words) if captioned else []
        own = scene.background_picture
        self._background = None if own is None or scene.transparent else filling(own, scene.size)

    def frames(self, fps: int) -> Iterator[Image.Image]:
        """Every frame of the video, RGBA."""
        for index in range(max(1, round(self._scene.seconds * fps))):
            yield self.at(index / fps)

    def at(self, seconds: float) -> Image.Image:
        """The picture at a moment."""
        picture = self._still.copy()
        self._panel.show(picture, seconds)
        draw = ImageDraw.Draw(picture)
        self._draw_bar(draw, seconds)
        self._draw_equalizer(draw, seconds)
        self._burn_caption(picture, seconds)
        return picture

    # -- what stays --------------------------------------------------------------------------------------------

    @cached_property
    def _still(self) -> Image.Image:
        picture = self._backdrop()
        self._plate(picture, self._layout.panel)
        if self._is_busy:
            self._plate(picture, _grown(self._layout.heading, self._px(18)))
            self._plate(picture, _grown(self._layout.bar, self._px(12)))
        draw = ImageDraw.Draw(picture)
        self._draw_heading(draw)
        self._draw_presenter(picture)
        return picture

    @property
    def _is_busy(self) -> bool:
        """Whether anything may be behind the letters."""
        return self._scene.transparent or self._background is not None

    @cached_property
    def _panel(self) -> Panel:
        scene, box = self._scene, _grown(self._layout.panel, -self._px(28))
        if self._captioned:
            box = (*box[:3], box[3] - self._px(88))
        if scene.words:
            return ScriptPanel(scene.words, box, self._layout.unit)
        return SoundPanel(scene.audio_file or "none", scene.seconds, box, self._layout.unit)

    def _backdrop(self) -> Image.Image:
        scene = self._scene
        if scene.transparent:
            return Image.new("RGBA", scene.size, (0, 0, 0, 0))
        if self._background is not None:
            return self._background.copy()
        if scene.colour is not None:
            return Image.new("RGBA", scene.size, (*scene.colour, 255))
        above, below = PICTURE_SHADES if scene.background_file else DEFAULT_SHADES
        shade = Image.linear_gradient("L").resize(scene.size)
        return Image.composite(Image.new("RGBA", scene.size, below), Image.new("RGBA", scene.size, above), shade)

    @cached_property
    def _letters(self) -> Paint:
        if self._scene.transparent or self._scene.colour is None:
            return WHITE
        return letters_on(*self._scene.colour)

    def _plate(self, picture: Image.Image, box: Box) -> None:
        """A dark plate on which text is legible whatever is behind it."""
        plate = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]))
        inside = (0, 0, plate.width - 1, plate.height - 1)
        ImageDraw.Draw(plate).rounded_rectangle(inside, radius=self._px(20), fill=PANEL)
        picture.alpha_composite(plate, box[:2])

    def _draw_heading(self, draw: ImageDraw.ImageDraw) -> None:
        left, top, right, bottom = self._layout.heading
        room_end = self._draw_mark(draw, right, top) - self._px(24)
        letters, lines = self._title(room_end - left)
        baseline = top + letters - self._px(2)
        for line in lines:
            start = room_end - width(line, letters, bold=True) if is_right_to_left(line) else left
            write(draw, (start, baseline), line, letters, self._letters, bold=True)
            baseline += round(letters * 1.14)
        small = self._px(22)
        baseline += round(small * 1.6) - round(letters * 1.14)
        room = max(1, int((bottom - baseline) / (small * LINE_HEIGHT)) + 1)
        for line in folded(legible(" · ".join(self._facts())), small, right - left, room):
            write(draw, (left, baseline), line, small, faded(self._letters))
            baseline += round(small * LINE_HEIGHT)

    def _title(self, room: float) -> tuple[int, list[str]]:
        """The title in the largest letters that show all of it, else cut."""
        title = legible(self._scene.title)
        most = 3 if self._layout.is_tall else 2
        for points, lines in ((54, 1), (40, 2), (32, most)):
            letters = self._px(points)
            shown = folded(title, letters, room, lines, bold=True)
            if ELLIPSIS not in shown[-1]:
                break
        return letters, shown

    def _facts(self) -> list[str]:
        scene = self._scene
        unshown = missing(legible("".join(word.text for word in scene.words)))
        remarks = [
            f"{unshown} characters have no font here: read them in the .srt" if unshown else None,
            *scene.facts,
            "background #{:02x}{:02x}{:02x}".format(*scene.colour) if scene.colour else None,
            f"background {scene.background_file}" if scene.background_file else None,
            "transparent" if scene.transparent else None,
        ]
        return [remark for remark in remarks if remark]

    def _draw_mark(self, draw: ImageDraw.ImageDraw, right: int, top: int) -> int:
        """The mark that tells a storyboard from the provider's video; its left end."""
        text, size = ("PREVIEW · CC" if self._captioned else "PREVIEW"), self._px(20)
        left = right - round(width(text, size, bold=True)) - self._px(32)
        draw.rounded_rectangle((left, top, right, top + self._px(40)), radius=self._px(20), fill=ACCENT)
        write(draw, (left + self._px(16), top + self._px(27)), text, size, INK, bold=True)
        return left

    def _draw_presenter(self, picture: Image.Image) -> None:
        left, top, right, bottom = self._layout.card
        scene, size = self._scene, self._px(24)
        card = self._card((right - left, bottom - top))
        picture.alpha_composite(card, (left, top))
        is_beside = self._layout.panel[0] > right
        room = right - left if is_beside else picture.width - 2 * left if left < 90 else picture.width * 0.8
        name = shortened(legible(scene.presenter_name), size, room, bold=True)
        wide = width(name, size, bold=True)
        start = (left + right - wide) / 2
        if self._is_busy:
            inset = self._px(14)
            self._plate(
                picture,
                (round(start) - inset, bottom + self._px(6), round(start + wide) + inset, bottom + self._px(46)),
            )
        write(ImageDraw.Draw(picture), (start, bottom + self._px(34)), name, size, self._letters, bold=True)

    def _card(self, size: tuple[int, int]) -> Image.Image:
        own = self._scene.presenter_picture
        shown = None if own is None else framed(own, size)
        return shown or presenter_card(self._scene.presenter, self._scene.presenter_name, size)

    # -- what moves ----------------------------------------------------------------------------------------------

    def _draw_bar(self, draw: ImageDraw.ImageDraw, seconds: float) -> None:
        left, top, right, bottom = self._layout.bar
        size = self._px(22)
        text = f"{_clock(seconds)} / {_clock(self._scene.seconds)}"
        end = right - round(width("0:00 / 0:00" if self._scene.seconds < 600 else "00:00 / 00:00", size)) - self._px(20)
        middle, thick = (top + bottom) // 2, self._px(5)
        reach = left + (end - left) * min(1.0, seconds / self._scene.seconds)
        draw.rounded_rectangle((left, middle - thick, end, middle + thick), radius=thick, fill=MUTED)
        draw.rounded_rectangle((left, middle - thick, max(reach, left + 2 * thick), middle + thick), thick, fill=ACCENT)
        write(draw, (end + self._px(20), middle + self._px(8)), text, size, self._letters)

    def _draw_equalizer(self, draw: ImageDraw.ImageDraw, seconds: float) -> None:
        """Bars that dance while something is said."""
        card = self._layout.card
        unit = (card[2] - card[0]) / 320
        left, bottom = card[2] - unit * (24 + 13 * EQUALIZER_BARS), card[1] + unit * 62
        speaking = self._is_speaking(seconds)
        for index in range(EQUALIZER_BARS):
            swing = abs(math.sin(seconds * (3.1 + 0.7 * index) + index)) if speaking else 0.0
            x = left + index * unit * 13
            draw.rounded_rectangle((x, bottom - unit * (7 + 30 * swing), x + unit * 7, bottom), unit * 3, fill=ACCENT)

    def _is_speaking(self, seconds: float) -> bool:
        words = self._scene.words
        return not words or any(word.start <= seconds < word.end for word in words if not word.is_pause)

    def _burn_caption(self, picture: Image.Image, seconds: float) -> None:
        cue = next((cue for cue in self._cues if cue.start <= seconds < cue.end), None)
        if cue is None:
            return
        size = self._px(34)
        lines = folded(legible(cue.text), size, picture.width * 0.84, 2, bold=True)
        wide = max(width(line, size, bold=True) for line in lines)
        high = round(size * LINE_HEIGHT * len(lines))
        middle, floor = picture.width / 2, self._layout.bar[1] - self._px(14)
        inset = self._px(18)
        box = (round(middle - wide / 2) - inset, floor - high - inset, round(middle + wide / 2) + inset, floor)
        picture.paste((0, 0, 0, 255), box)
        draw = ImageDraw.Draw(picture)
        for index, line in enumerate(lines):
            start = middle - width(line, size, bold=True) / 2
            write(draw, (start, box[1] + size + round(index * size * LINE_HEIGHT)), line, size, WHITE, bold=True)


def _grown(box: Box, by: int) -> Box:
    """The box with every side moved outwards."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"
