"""What kind of value a formula of an .xls file gives, as far as its last step tells.

A formula is stored as steps in the order in which they are carried out: operands, then what is done with them.
Sizes and numbers of the steps: [MS-XLS] §2.5.198 (Ptg), §2.5.198.17 (Ftab).
"""

from __future__ import annotations

from collections.abc import Iterator

_CALCULATIONS = frozenset([*range(0x03, 0x08), 0x12, 0x13, 0x14])
"""Plus, minus, times, divided by, to the power of, the signs and percent."""
_COMPARISONS = range(0x09, 0x0F)
_TEXT, _ATTRIBUTES, _PARENTHESES, _FUNCTION, _FUNCTION_OF_ANY = 0x17, 0x19, 0x15, 0x21, 0x22
_CHOOSE = 0x04
_SIZES = {
    0x01: 4, 0x02: 4, _ATTRIBUTES: 3, 0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8, 0x20: 7, _FUNCTION: 2, _FUNCTION_OF_ANY: 3,
    0x23: 4, 0x24: 4, 0x25: 8, 0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x2A: 4, 0x2B: 8, 0x2C: 4, 0x2D: 8, 0x39: 6,
    0x3A: 6, 0x3B: 10, 0x3C: 6, 0x3D: 10,
}  # fmt: skip
"""Bytes after a step's own; a step that is not listed has none."""
_NUMERIC = frozenset([
    0, 4, 5, 6, 7, 8, 9, 12, *range(15, 28), 32, 33, 39, 56, 57, 58, 59, 63, 64, 65, 66, *range(67, 78), 82, 124, 169,
    183, 184, 197, 212, 213, 220, 221, 227, 228, 269, 270, 321, 325, 326, 327, 328, 329, 330, 342, 343, 344, 345, 346,
    347,
])  # fmt: skip
"""Functions that give numbers and nothing else, such as COUNT (0), SUM (4) and ROUND (27)."""


def gives_a_number(steps: bytes) -> bool:
    """Whether the result can only be a number (or an error); False when it may be a text, or nobody can tell."""
    try:
        walked = [each for each in _walked(steps) if each[0] not in (_ATTRIBUTES, _PARENTHESES)]
    except IndexError:  # cut off, or steps that are not listed here
        return False
    last, rest = walked[-1] if walked else (0, b"")
    if last in (_FUNCTION, _FUNCTION_OF_ANY):
        return int.from_bytes(rest[-2:], "little") in _NUMERIC
    return last in _CALCULATIONS or last in _COMPARISONS


def _walked(steps: bytes) -> Iterator[tuple[int, bytes]]:
    """Each step, without what it says of its operand's class, and the bytes that belong to it."""
    place = 0
    while place < len(steps):
        step = steps[place]
        step = step if step < 0x40 else 0x20 | (step & 0x1F)
        end = place + 1 + _size(step, steps[place + 1 : place + 4])
        yield step, steps[place + 1 : end]
        place = end


def _size(step: int, after: bytes) -> int:
    if step == _TEXT:
        return 2 + after[0] * (2 if after[1] & 1 else 1)
    if step == _ATTRIBUTES and after[0] & _CHOOSE:
        return 3 + 2 * (int.from_bytes(after[1:3], "little") + 1)
    return _SIZES.get(step, 0)
