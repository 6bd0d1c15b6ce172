"""What templates may do with texts, numbers and lists: the filters, methods and operators, each bounded."""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Callable, Iterable
from html import escape
from itertools import islice
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context

from batchgen.template.work import MOST_STEPS, Refused, Work

_TEXT_METHODS = """
    capitalize casefold center count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace
    istitle isupper join ljust lower lstrip partition removeprefix removesuffix replace rfind rindex rjust rpartition
    rsplit rstrip split splitlines startswith strip swapcase title upper zfill
"""
_LOOP_ATTRIBUTES = "index index0 revindex revindex0 first last length depth depth0"
_TESTS = """
    defined undefined none string number integer float boolean true false even odd divisibleby lower upper in
    eq equalto ne lt lessthan le gt greaterthan ge == != < <= > >=
"""
TEXT_METHODS = frozenset(_TEXT_METHODS.split())
LOOP_ATTRIBUTES = frozenset(_LOOP_ATTRIBUTES.split())
TESTS = frozenset(_TESTS.split())

_OF_TEXT = ("capitalize", "lower", "title", "trim", "truncate", "upper", "wordcount")
_OF_LISTS = ("first", "last", "length", "count", "list", "max", "min", "reverse", "sort", "sum", "unique")

_MOST_BITS = 128
_MOST_DIGITS = 15
_FRACTION = re.compile(r"[.eE]")
_WIDEST_PRINTF = 1_000  # of one "%999d"
_PRINTF = re.compile(r"%(?:%|[-+ 0#]{0,5}\d{0,3}(?:\.\d{1,2})?[sdifeg])")

Operation = Callable[..., Any]


def text_of(value: Any) -> str:
    """A text, number or boolean as text. Raises when it is a list or undefined."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Undefined):
        return str(value)
    raise Refused(f"{_kind(value)} is not a text.", "Join a list with |join(', ').")


def markup_of(value: Any) -> str:
    """A value's text for HTML: it can begin and end no tag, no quoted attribute and no entity. Raises as `text_of`."""
    return escape(text_of(value), quote=True)


def filters(work: Work) -> dict[str, Operation]:
    """The filters that templates have, by name."""
    table = {name: _text_filter(JINJA_FILTERS[name], work) for name in _OF_TEXT}
    table |= {name: _list_filter(JINJA_FILTERS[name], work) for name in _OF_LISTS}
    return table | {
        "abs": JINJA_FILTERS["abs"],
        "center": functools.partial(_pad, work, str.center),
        "d": _default,
        "default": _default,
        "float": functools.partial(_number, float),
        "format": functools.partial(_printf, work),
        "int": functools.partial(_number, lambda text: int(float(text)) if _FRACTION.search(text) else int(text)),
        "join": functools.partial(_join_filter, work),
        "replace": functools.partial(_replace, work),
        "round": _round,
        "string": text_of,
    }


def rewritten(work: Work) -> dict[str, Operation]:
    """What `language.bounded` puts in place of loops, lists and ``~``; templates cannot name these."""

    @pass_context  # never folded into a constant: it must be charged at every rendering
    def counted(_: Context, values: Any, cost: int) -> list[Any]:
        items = list(islice(values, MOST_STEPS + 1))
        work.step(len(items) * cost)
        return items

    def flat(values: list[Any]) -> list[Any]:
        # A list in a list could be shared a thousandfold and then unrolled.
        work.touch(sum(len(text_of(value)) for value in values))
        return values

    def concat(values: list[Any]) -> str:
        return _join(work, "", values)

    return {"counted": counted, "flat": flat, "concat": concat}


def sized_methods(work: Work) -> dict[str, Operation]:
    """The methods of texts whose result can be much longer than the text."""
    pads: dict[str, Operation] = {
        name: functools.partial(_pad, work, getattr(str, name)) for name in ("center", "ljust", "rjust", "zfill")
    }
    return pads | {
        "join": functools.partial(_join, work),
        "replace": functools.partial(_replace, work),
    }


def calculate(work: Work, sign: str, left: Any, right: Any) -> Any:
    """``left sign right`` for the arithmetic operators, refused when the result would be huge."""
    if isinstance(left, str) or isinstance(right, str):
        return _calculate_text(work, sign, left, right)
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise Refused(f"{_kind(left)} {sign} {_kind(right)} cannot be calculated.")
    if sign in ("*", "**") and _bits(left) * (abs(right) if sign == "**" else 1) + _bits(right) > _MOST_BITS:
        raise Refused("it calculates a number that is too large.")
    return _ARITHMETIC[sign](left, right)


_ARITHMETIC: dict[str, Operation] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}


def _calculate_text(work: Work, sign: str, left: Any, right: Any) -> str:
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return _join(work, "", (left, right))
    # Not even "a" * 3: for a cell that shows 3, "3" * 2 would be "33".
    hint = "Cells are texts: write |int or |float to calculate, ~ to join texts."
    raise Refused(f"{_kind(left)} {sign} {_kind(right)} cannot be calculated.", hint)


def _bits(number: float) -> int:
    return number.bit_length() if isinstance(number, int) else 0


def _text_filter(function: Operation, work: Work) -> Operation:
    place = _place_of_value(function)

    @functools.wraps(function)  # keeps Jinja's mark of who gets the environment as first argument
    def bounded(*args: Any, **options: Any) -> Any:
        text_of(args[place])
        work.touch(sum(len(arg) for arg in args if isinstance(arg, str)))
        return function(*args, **options)

    return bounded


def _list_filter(function: Operation, work: Work) -> Operation:
    place = _place_of_value(function)

    @functools.wraps(function)
    def bounded(*args: Any, **options: Any) -> Any:
        values = args[place]
        if not isinstance(values, str | list | tuple):
            values = list(islice(values, MOST_STEPS))
        work.touch(len(values))
        return function(*args[:place], values, *args[place + 1 :], **options)

    return bounded


def _place_of_value(function: Operation) -> int:
    return 1 if hasattr(function, "jinja_pass_arg") else 0


def _default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """Unlike Jinja's own, an empty text counts as missing: that is what an empty cell is."""
    missing = isinstance(value, Undefined) or value is None or value == ""
    return default_value if missing or (boolean and not value) else value


def _number(make: Callable[[str], float], value: Any, default: Any = None) -> Any:
    """Unlike Jinja's own, no silent 0 for what is not a number: nobody wants "0.00 EUR" spoken for "3,50"."""
    text = text_of(value).strip()
    try:
        number = make(text)
    except (ValueError, OverflowError):
        number = math.nan
    if math.isfinite(number):
        return number
    if default is None:
        raise Refused(
            f'"{text[:40]}" is not a number.', "Write it with digits and a point, or give a default: |float(0)."
        )
    return default


def _replace(work: Work, value: Any, old: str, new: str, count: int = -1) -> str:
    text = text_of(value)
    work.touch(len(text))
    found = text.count(old)
    work.grow(len(text) + (found if count < 0 else min(found, count)) * len(new))
    return text.replace(old, new, count)


def _pad(work: Work, method: Callable[..., str], value: Any, width: int = 80, *fill: str) -> str:
    text = text_of(value)
    work.grow(max(len(text), width))
    return method(text, width, *fill)


def _join_filter(work: Work, values: Iterable[Any], separator: str = "") -> str:
    return _join(work, separator, values)


def _join(work: Work, separator: str, values: Iterable[Any]) -> str:
    texts = [text_of(value) for value in islice(values, MOST_STEPS)]
    work.grow(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _printf(work: Work, value: Any, *values: Any) -> str:
    pattern = text_of(value)
    if "%" in _PRINTF.sub("", pattern):
        raise Refused(f'"{pattern[:40]}" is not a number format.', 'Write for example "%.2f"|format(price|float).')
    widest = _WIDEST_PRINTF * pattern.count("%")
    work.grow(len(pattern) + widest + sum(len(text_of(value)) for value in values))
    return pattern % values


def _round(value: Any, precision: int = 0, method: str = "common") -> Any:
    if abs(precision) > _MOST_DIGITS:
        raise Refused(f"numbers are rounded to at most {_MOST_DIGITS} digits.")
    return JINJA_FILTERS["round"](value, precision, method)


def _kind(value: Any) -> str:
    match value:
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
        case None:
            return "none"
        case _:
            return "this"
