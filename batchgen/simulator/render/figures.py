"""Who presents: a drawn bust for an avatar, a framed one for a photo, a picture sign, a film frame."""

from __future__ import annotations

import colorsys
import hashlib
from functools import lru_cache

from PIL import Image, ImageDraw

from batchgen.simulator.render.scene import Colour, Presenter

SMOOTH = 3  # drawn so many times larger, then shrunk: soft edges


@lru_cache(maxsize=64)
def presenter_card(kind: Presenter, name: str, size: tuple[int, int]) -> Image.Image:
    """A card with a figure, in colours that always belong to the same name."""
    big = size[0] * SMOOTH, size[1] * SMOOTH
    card = Image.new("RGBA", big)
    draw = ImageDraw.Draw(card)
    dark, light, skin = _palette(name)
    _backdrop(card, _between(dark, light), light)
    match kind:
        case "avatar" | "photo":
            _bust(draw, big, skin, dark)
        case "picture":
            _landscape(draw, big, skin)
        case "film":
            _film(draw, big, skin)
    if kind == "photo":
        draw.rectangle((0, 0, big[0] - 1, big[1] - 1), outline=(255, 255, 255, 255), width=10 * SMOOTH)
    card.putalpha(_rounded(big, min(big) // 12))
    return card.resize(size, Image.Resampling.LANCZOS)


def _palette(name: str) -> tuple[Colour, Colour, Colour]:
    hue = hashlib.sha256(name.encode()).digest()[0] / 255
    return _hsl(hue, 0.22, 0.48), _hsl(hue, 0.62, 0.50), _hsl(hue, 0.93, 0.45)


def _hsl(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _between(one: Colour, other: Colour) -> Colour:
    red, green, blue = ((a + b) // 2 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _backdrop(card: Image.Image, dark: Colour, light: Colour) -> None:
    shade = Image.linear_gradient("L").resize(card.size)
    card.paste(Image.composite(Image.new("RGBA", card.size, dark), Image.new("RGBA", card.size, light), shade))


def _bust(draw: ImageDraw.ImageDraw, size: tuple[int, int], pale: Colour, dark: Colour) -> None:
    wide, high = size
    unit, middle, eyes = min(wide, high) * 0.19, wide / 2, high * 0.44

    def oval(x: float, y: float, across: float, down: float, fill: Colour) -> None:
        box = (middle + unit * (x - across), eyes + unit * (y - down), middle + unit * (x + across))
        draw.ellipse((*box, eyes + unit * (y + down)), fill=fill)

    oval(0, -0.30, 1.22, 1.32, dark)  # hair
    shoulders = eyes + unit * 1.72
    draw.rounded_rectangle(
        (middle - unit * 2.05, shoulders, middle + unit * 2.05, high * 1.4), radius=unit * 1.35, fill=dark
    )
    oval(0, 1.70, 0.52, 0.40, pale)  # neckline
    draw.rectangle((middle - unit * 0.42, eyes + unit * 0.8, middle + unit * 0.42, shoulders), fill=pale)
    oval(0, 0.12, 1.0, 1.18, pale)  # face
    oval(0.16, -0.92, 0.92, 0.46, dark)  # fringe
    oval(-0.38, 0.10, 0.085, 0.11, dark)
    oval(0.38, 0.10, 0.085, 0.11, dark)
    mouth = (middle - unit * 0.36, eyes + unit * 0.28, middle + unit * 0.36, eyes + unit * 0.78)
    draw.arc(mouth, 20, 160, fill=dark, width=max(2, round(unit * 0.08)))


def _landscape(draw: ImageDraw.ImageDraw, size: tuple[int, int], pale: Colour) -> None:
    wide, high = size
    unit = min(wide, high)
    left, top = wide / 2 - unit * 0.34, high / 2 - unit * 0.28
    frame = (left, top, left + unit * 0.68, top + unit * 0.56)
    draw.rounded_rectangle(frame, radius=unit * 0.04, outline=pale, width=round(unit * 0.025))
    draw.ellipse((left + unit * 0.09, top + unit * 0.08, left + unit * 0.21, top + unit * 0.20), fill=pale)
    floor = top + unit * 0.49
    peaks = ((0.07, 0.49), (0.27, 0.24), (0.38, 0.36), (0.48, 0.28), (0.61, 0.49))
    draw.polygon([(left + unit * x, min(top + unit * y, floor)) for x, y in peaks], fill=pale)


def _film(draw: ImageDraw.ImageDraw, size: tuple[int, int], pale: Colour) -> None:
    wide, high = size
    unit = min(wide, high)
    left, top = wide / 2 - unit * 0.34, high / 2 - unit * 0.24
    draw.rounded_rectangle((left, top, left + unit * 0.68, top + unit * 0.48), radius=unit * 0.04, fill=pale)
    middle, centre = wide / 2, high / 2
    triangle = [(middle - unit * 0.08, centre - unit * 0.13), (middle - unit * 0.08, centre + unit * 0.13)]
    draw.polygon([*triangle, (middle + unit * 0.15, centre)], fill=(30, 41, 59))


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=radius, fill=255)
    return mask
