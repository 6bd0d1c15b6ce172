"""The text of one cell → the value that it means for its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import assert_never

from batchgen.fields.field import Field, Kind
from batchgen.fields.words import closest, normal


class NotParsed(ValueError):
    """A cell's text is not what its field wants; ``message`` and ``hint`` are for people."""

    def __init__(self, message: str, hint: str) -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}")


def parse(field: Field, text: str) -> str | int | float | bool:
    """The value that a cell's text means for this field; bounds are the request's business.

    Text stays exactly as it is. Raises NotParsed.
    """
    match field.kind:
        case Kind.TEXT:
            return text
        case Kind.ID | Kind.LINK | Kind.COLOR | Kind.ASSET | Kind.ASSETS | Kind.BACKGROUND | Kind.AUDIO:
            return text.strip()
        case Kind.NUMBER:
            return _parse_number(field, text.strip())
        case Kind.FLAG:
            return _parse_flag(text.strip())
        case Kind.CHOICE | Kind.CAPTION:
            return _parse_choice(field, text.strip())
        case _:
            assert_never(field.kind)


_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")


def _parse_number(field: Field, text: str) -> int | float:
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _DECIMAL_COMMA.fullmatch(text):
        raise NotParsed(f'"{text}" has a decimal comma.', f'Write it with a point: "{text.replace(",", ".")}".')
    raise NotParsed(f'"{text}" is not a number.', f"Write {number_range(field)}.")


def number_range(field: Field) -> str:
    """The numbers that a field takes, in words: ``a number from 0.5 to 1.5``."""
    number = "a whole number" if field.whole else "a number"
    if field.minimum is None:
        return number
    if field.maximum is None:
        return f"{number} above {field.minimum:g}"
    start = "above" if field.exclusive_minimum else "from"
    return f"{number} {start} {field.minimum:g} to {field.maximum:g}"


_FLAGS = {"true": True, "false": False}


def _parse_flag(text: str) -> bool:
    flag = _FLAGS.get(text.casefold())
    if flag is None:
        raise NotParsed(f'"{text}" is neither TRUE nor FALSE.', "Write TRUE or FALSE.")
    return flag


_CLOCK_TIME = re.compile(r"0?(\d{1,2}):0?(\d{1,2})(?::00)?")


def _parse_choice(field: Field, text: str) -> str:
    if text in field.choices:
        return text
    chosen = _same_choice(field, text, normal)
    # Spreadsheet programs take 16:9 for a time of day and show 16:09.
    clock = _CLOCK_TIME.fullmatch(text) if field.path == "aspect_ratio" else None
    if chosen is None and clock:
        chosen = _same_choice(field, f"{int(clock[1])}:{int(clock[2])}", str)
    if chosen is None:
        raise not_a_choice(field, text)
    return chosen


def _same_choice(field: Field, text: str, fold: Callable[[str], str]) -> str | None:
    wanted = fold(text)
    return next((choice for choice in field.choices if fold(choice) == wanted), None)


def not_a_choice(field: Field, text: str) -> NotParsed:
    """The complaint about a word that is none of the field's choices."""
    listed = ", ".join(field.choices)
    message = f'"{text}" is not one of {listed}.' if len(field.choices) > 1 else f'"{text}" is not "{listed}".'
    meant = closest(text, field.choices)
    return NotParsed(message, f'Did you mean "{meant}"?' if meant else f"Write {_alternatives(field.choices)}.")


def _alternatives(choices: tuple[str, ...]) -> str:
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last
