"""Whether a cell still holds the number or the time that we wrote there, however it looks by now.

Excel and LibreOffice write values anew when they save: ``12.0`` becomes ``12`` or ``12,00 €``, and a time the local
``22.11.2026 09:05``. None of these is a person's own word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from math import isclose

_SERIAL = re.compile(r"\d{4,6}(?:\.\d+)?")
_EPOCHS = (datetime(1899, 12, 30), datetime(1904, 1, 1))  # noqa: DTZ001  # a sheet's times know no zone
"""Day 0 of the two ways in which workbooks count days."""
_ROUNDED_S = 1.0
_NUMBER = re.compile(r"[^\w.,+-]*([+-]?\d[\d.,'\u2019\s]*)([^\w.,+-]*)")
"""A number with nothing around it but signs such as ``$``; words beside it are a person's."""


def same_number(seen: str, written: str) -> bool:
    """Whether a cell's text is this number, which we wrote as ``repr`` of a float."""
    found = _NUMBER.fullmatch(seen)
    if found is None or not written:
        return False
    scale = 100 if "%" in found[2] else 1
    return any(isclose(number, float(written) * scale, rel_tol=1e-9, abs_tol=1e-12) for number in _readings(found[1]))


def same_moment(seen: str, written: str) -> bool:
    """Whether a cell's text, or the number of days that a workbook stores for it, is this ISO time.

    Of a text the seconds may be missing, and the time of the day, and its parts may stand in any country's order.
    """
    if not written:
        return False
    moment = datetime.fromisoformat(written)
    if _SERIAL.fullmatch(seen):
        days = timedelta(days=float(seen))
        return any(abs((epoch + days - moment).total_seconds()) <= _ROUNDED_S for epoch in _EPOCHS)
    return tuple(map(int, re.findall(r"\d+", seen))) in _spellings(moment)


def _readings(digits: str) -> Iterator[float]:
    """The number with a decimal point, and with a decimal comma."""
    plain = re.sub(r"['\u2019\s]", "", digits)
    for point, thousands in ((".", ","), (",", ".")):
        try:
            yield float(plain.replace(thousands, "").replace(point, "."))
        except ValueError:
            continue


@lru_cache(maxsize=4096)
def _spellings(moment: datetime) -> frozenset[tuple[int, ...]]:
    """The numbers in every usual spelling; a month may be a word."""
    month, day = moment.month, moment.day
    days = {
        order
        for year in (moment.year, moment.year % 100)
        for order in ((year, month, day), (day, month, year), (month, day, year), (day, year))
    }
    hours = {moment.hour, moment.hour % 12 or 12}
    times = {time for hour in hours for time in ((hour, moment.minute, moment.second), (hour, moment.minute), ())}
    return frozenset(date + time for date in days for time in times)
