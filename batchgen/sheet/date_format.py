"""Dates and times as a spreadsheet shows them: the date half of the number format language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_FIRST_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 (a cell has no time zone)
_FIRST_BEFORE_MARCH = datetime(1899, 12, 31)  # noqa: DTZ001
_FIRST = datetime(1899, 12, 30)  # noqa: DTZ001
_DAY_SECONDS = 86_400
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31; Excel shows ##### from there on, and below 0."""


def from_serial(serial: Decimal, *, date1904: bool = False) -> datetime | None:
    """The moment that a serial number means, to the millisecond; None outside of the calendar.

    Excel believes in 29 February 1900 (serial 60), as Lotus did: smaller serials count from a day later.
    """
    if not 0 <= serial < _LAST_SERIAL:
        return None
    first = _FIRST_1904 if date1904 else _FIRST_BEFORE_MARCH if serial < 60 else _FIRST
    milliseconds = int((serial * _DAY_SECONDS * 1000).to_integral_value(ROUND_HALF_UP))
    return first + timedelta(milliseconds=milliseconds)


def show_date(serial: Decimal, tokens: Sequence[tuple[str, str]], *, date1904: bool = False) -> str | None:
    """The text of a date cell; None when its number is no date (negative, or beyond the year 9999)."""
    tokens = _with_minutes(tokens)
    fraction = _fraction_digits(tokens)
    precision = Decimal(_DAY_SECONDS * 10**fraction)
    serial = (serial * precision).to_integral_value(ROUND_HALF_UP) / precision
    moment = from_serial(serial, date1904=date1904)
    if moment is None:
        return None
    twelve = any(kind == "ampm" for kind, _ in tokens)
    shown = []
    after_point = False
    for kind, text in tokens:
        if kind == "point" and fraction:
            after_point = True
            shown.append(f".{moment.microsecond:06d}"[: fraction + 1])
        elif not (after_point and kind == "digit"):
            after_point = False
            shown.append(_show_token(moment, serial, kind, text, twelve))
    return "".join(shown).strip()


def _show_token(moment: datetime, serial: Decimal, kind: str, text: str, twelve: bool) -> str:
    match kind:
        case "date":
            return _show_part(moment, text.lower(), twelve)
        case "minute":
            return f"{moment.minute:0{min(len(text), 2)}d}"
        case "elapsed":
            return _show_elapsed(serial, text.lower())
        case "ampm":
            return _show_half_day(moment, text)
        case _:
            return text


def _show_half_day(moment: datetime, text: str) -> str:
    morning, afternoon = text.split("/")
    return morning if moment.hour < 12 else afternoon


def _show_elapsed(serial: Decimal, text: str) -> str:
    per_day = {"h": 24, "m": 1440, "s": _DAY_SECONDS}[text[0]]
    # Rounded before: 0.5 days stored as 0.49999999999 must not lose its last hour.
    whole = int((serial * _DAY_SECONDS).to_integral_value(ROUND_HALF_UP)) * per_day // _DAY_SECONDS
    return f"{whole:0{len(text)}d}"


def _show_part(moment: datetime, text: str, twelve: bool) -> str:
    width = len(text)
    match text[0]:
        case "y" | "e":
            return f"{moment.year % 100:02d}" if width <= 2 and text[0] == "y" else f"{moment.year:04d}"
        case "m":
            return _show_name(MONTHS[moment.month - 1], moment.month, width)
        case "d":
            return _show_name(DAYS[moment.weekday()], moment.day, width)
        case "h":
            hour = (moment.hour % 12 or 12) if twelve else moment.hour
            return f"{hour:0{min(width, 2)}d}"
        case _:
            return f"{moment.second:0{min(width, 2)}d}"


def _show_name(name: str, number: int, width: int) -> str:
    match width:
        case 1 | 2:
            return f"{number:0{width}d}"
        case 3:
            return name[:3]
        case 5:
            return name[0]
        case _:
            return name


def _with_minutes(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """``m`` after an hour or before a second means minutes, not months."""
    times = [place for place, (kind, _) in enumerate(tokens) if kind in ("date", "elapsed")]
    out = list(tokens)
    for order, place in enumerate(times):
        kind, text = tokens[place]
        if kind != "date" or text[0].lower() != "m" or len(text) > 2:
            continue
        before = tokens[times[order - 1]][1][0].lower() if order else ""
        after = tokens[times[order + 1]][1][0].lower() if order + 1 < len(times) else ""
        if before == "h" or after == "s":
            out[place] = ("minute", text)
    return out


def _fraction_digits(tokens: Sequence[tuple[str, str]]) -> int:
    """How many decimals of a second the format shows (``mm:ss.0`` one)."""
    kinds = [kind for kind, _ in tokens]
    if "point" not in kinds:
        return 0
    after = kinds[kinds.index("point") + 1 :]
    count = 0
    while count < len(after) and after[count] == "digit":
        count += 1
    return min(count, 3)
