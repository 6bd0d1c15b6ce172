"""Where everything is on a storyboard of a given size."""

from __future__ import annotations

from dataclasses import dataclass

from batchgen.simulator.render.paint import Box

WIDE = 1.3  # from this ratio on, presenter and panel stand side by side
TALL = 0.75  # below this ratio there is room for a large presenter


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes in pixels; ``unit`` is a pixel of a picture whose short side is 720."""

    unit: float
    heading: Box
    card: Box
    panel: Box
    bar: Box
    is_tall: bool = False

    def px(self, length: float) -> int:
        """A length on this picture, given for one whose short side is 720."""
        return max(1, round(length * self.unit))


def layout_of(size: tuple[int, int]) -> Layout:
    """Side by side on wide pictures, stacked on all others."""
    wide, high = size
    unit = min(size) / 720
    margin = round(44 * unit)
    bar = (margin, high - round(66 * unit), wide - margin, high - round(36 * unit))
    floor = bar[1] - round(20 * unit)
    if wide / high > WIDE:
        return _side_by_side(wide, unit, margin, bar, floor)
    return _stacked(size, unit, margin, bar, floor)


def _side_by_side(wide: int, unit: float, margin: int, bar: Box, floor: int) -> Layout:
    heading = (margin, round(34 * unit), wide - margin, round(152 * unit))
    card = (margin, round(182 * unit), margin + round(wide * 0.25), floor - round(44 * unit))
    panel = (card[2] + round(32 * unit), card[1], wide - margin, floor)
    return Layout(unit, heading, card, panel, bar)


def _stacked(size: tuple[int, int], unit: float, margin: int, bar: Box, floor: int) -> Layout:
    wide, high = size
    is_tall = wide / high < TALL
    heading = (margin, round(34 * unit), wide - margin, round((206 if is_tall else 152) * unit))
    card_high = round((floor - heading[3]) * (0.42 if is_tall else 0.34))
    card_wide = min(card_high, wide - 2 * margin)
    left = (wide - card_wide) // 2
    card = (left, heading[3] + round(20 * unit), left + card_wide, heading[3] + round(20 * unit) + card_high)
    panel = (margin, card[3] + round(60 * unit), wide - margin, floor)
    return Layout(unit, heading, card, panel, bar, is_tall)
