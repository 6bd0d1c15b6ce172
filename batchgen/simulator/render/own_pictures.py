"""Pictures of the person's own, as far as they are at hand: drawn where the video will show them."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageOps

from batchgen.simulator.render.paint import DEFAULT_SHADES
from batchgen.simulator.render.scene import OwnPicture

LARGEST_SIDE = 4_096  # pixels: what is larger is not decoded
KINDS = ("PNG", "JPEG")


@lru_cache(maxsize=16)
def filling(picture: OwnPicture, size: tuple[int, int]) -> Image.Image | None:
    """The picture cut to the shape of ``size``, RGBA; None when it cannot be shown."""
    opened = _opened(picture, size)
    return opened and ImageOps.fit(opened, size, Image.Resampling.LANCZOS)


@lru_cache(maxsize=16)
def framed(picture: OwnPicture, size: tuple[int, int]) -> Image.Image | None:
    """The whole picture within ``size``, on a plain ground, RGBA; None when it cannot be shown."""
    if (opened := _opened(picture, size)) is None:
        return None
    whole = ImageOps.contain(opened, size, Image.Resampling.LANCZOS)
    card = Image.new("RGBA", size, (*DEFAULT_SHADES[1], 255))
    card.alpha_composite(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return card


def _opened(picture: OwnPicture, size: tuple[int, int]) -> Image.Image | None:
    """The picture as people see it, upright. It may have changed since it was checked: nothing is taken for granted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is looked at before its pixels
        try:
            with Image.open(Path(picture.path), formats=KINDS) as opened:
                if max(opened.size) > LARGEST_SIDE:
                    return None
                side = 2 * max(size)
                opened.draft("RGB", (side, side))  # a JPEG is decoded no larger than that
                return ImageOps.exif_transpose(opened).convert("RGBA")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return None
