"""How long a video will be and what it costs: dated tables, one length estimate, an override from the job.

Money is whole micro-USD everywhere. Estimates come as a likely value and an upper one; the upper one is reserved.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import Any, TypeVar

from batchgen.errors import JobInvalid, PriceUnknown, Problem
from batchgen.fields import closest
from batchgen.job import Prices

MICRO = 1_000_000

SHORTEST_S = 1.0
# Nobody knows how long a linked recording is before it is fetched: a minute is usual, ten are the API's limit.
AUDIO_S, AUDIO_HIGH_S = 60.0, 600.0
CINEMATIC_S, CINEMATIC_HIGH_S = 10, 15

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Length:
    """How long the video will be: likely, and at most as far as one can tell. Seconds."""

    seconds: float
    seconds_high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one video will take and cost, likely and at most. Seconds and micro-USD."""

    seconds: float
    seconds_high: float
    microusd: int
    microusd_high: int
    table: str
    """The price table that was used, or "job file"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceTable:
    """The prices of one day, as far as that reading goes."""

    day: date
    reported: bool
    source: str
    microusd_per_s: Mapping[str, Mapping[str, int]]  # engine → avatar type → price
    resolution_factor: Mapping[str, Decimal]
    flat_microusd: Mapping[str, int]  # type of video → price

    @property
    def label(self) -> str:
        return f"{self.day} (reported)" if self.reported else f"{self.day}"


@dataclass(frozen=True, slots=True)
class _Price:
    """What one kind of video costs: so much per second, or so much whatever its length."""

    microusd_per_s: int
    flat_microusd: int
    table: str

    def of(self, seconds: float) -> float:
        return self.flat_microusd + self.microusd_per_s * seconds


def estimate(payload: Mapping[str, Any], prices: Prices, *, avatar_type: str | None = None) -> Estimate:
    """What the video will take and cost. ``avatar_type`` None: not known, the dearest of its engine counts.

    Raises PriceUnknown, and JobInvalid when the job names a price table that does not exist.
    """
    price = _price(payload, prices, avatar_type)
    length = length_of(payload)
    return Estimate(
        seconds=length.seconds,
        seconds_high=length.seconds_high,
        microusd=round(price.of(length.seconds)),
        microusd_high=math.ceil(price.of(length.seconds_high)),
        table=price.table,
    )


def cost(payload: Mapping[str, Any], duration_s: float, prices: Prices, *, avatar_type: str | None = None) -> int:
    """What a video of this true length costs, in micro-USD. Raises as `estimate` does."""
    return round(_price(payload, prices, avatar_type).of(duration_s))


def length_of(payload: Mapping[str, Any]) -> Length:
    """How long the video will be, from what it says."""
    if payload.get("type") == "cinematic_avatar":
        fixed = payload.get("duration")
        return Length(fixed or CINEMATIC_S, fixed or CINEMATIC_HIGH_S)
    script = payload.get("script")
    if script is None:
        return Length(AUDIO_S, AUDIO_HIGH_S)
    return spoken_length(script, speed=payload.get("voice_settings", {}).get("speed", 1.0))


_BREAK = re.compile(r"""<break\s+time\s*=\s*["']?(\d{1,4}(?:\.\d{1,3})?)\s*(ms|s)["']?\s*/?>""", re.IGNORECASE)
_SYLLABLES = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]"
)
_SOUTHEAST_ASIAN = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_FULL_WIDTH_PUNCTUATION = re.compile("[\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How much is spoken in a second, by what a script is made of."""

    words: float
    letters: float  # long words (German, Finnish) take longer than their number says
    syllables: float  # characters of Chinese, Japanese and Korean
    southeast_asian: float  # characters of Thai, Lao, Khmer and Burmese


# 150 words a minute at speed 1 is the provider's figure; the others are our choice, near the pace of newsreaders.
LIKELY_PACE = Pace(words=2.5, letters=15, syllables=4.5, southeast_asian=12)
SLOW_PACE = Pace(words=2.0, letters=12, syllables=3, southeast_asian=8)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Speech:
    """What a script is made of."""

    words: int
    letters: int
    syllables: int = 0
    southeast_asian: int = 0

    def seconds_at(self, pace: Pace) -> float:
        spaced = max(self.words / pace.words, self.letters / pace.letters)
        return spaced + self.syllables / pace.syllables + self.southeast_asian / pace.southeast_asian


def spoken_length(script: str, *, speed: float) -> Length:
    """How long a script takes to speak. Pauses count in full; a faster voice never lowers the upper value.

    The upper value is never below 1 s more than words ÷ 2.0 per s.
    """
    text, pauses_s = _without_pauses(script)
    speech = _speech(text)
    slow = max(speech.seconds_at(SLOW_PACE), len(text.split()) / SLOW_PACE.words)
    high = slow / min(speed, 1.0) + pauses_s + 1.0
    return Length(
        seconds=round(max(speech.seconds_at(LIKELY_PACE) / speed + pauses_s, SHORTEST_S), 2),
        seconds_high=math.ceil(high * 100) / 100,
    )


def _without_pauses(script: str) -> tuple[str, float]:
    if "<" not in script:
        return script, 0.0
    pauses_s = sum(float(time) / (1000 if unit.lower() == "ms" else 1) for time, unit in _BREAK.findall(script))
    return _BREAK.sub(" ", script), pauses_s


def _speech(text: str) -> _Speech:
    if text.isascii():
        return _Speech(words=_words(text), letters=_letters(text))
    spaced, syllables = _SYLLABLES.subn(" ", _FULL_WIDTH_PUNCTUATION.sub(" ", text))
    spaced, southeast_asian = _SOUTHEAST_ASIAN.subn(" ", spaced)
    return _Speech(words=_words(spaced), letters=_letters(spaced), syllables=syllables, southeast_asian=southeast_asian)


def _words(text: str) -> int:
    """Spoken words. A number is spoken about digit by digit: "2026" takes as long as four words."""
    return len(text.split()) + sum(len(run) - 1 for run in _DIGITS.findall(text))


def _letters(text: str) -> int:
    return sum(map(len, text.split()))


def _price(payload: Mapping[str, Any], prices: Prices, avatar_type: str | None) -> _Price:
    video = payload.get("type", "avatar")
    engine = payload.get("engine", {}).get("type", "avatar_iv")
    resolution = payload.get("resolution", "1080p")
    if video == "image":
        avatar_type = "photo_avatar"
    listed = prices.usd_per_s or {}
    usd_per_s = listed.get(engine, listed.get("any"))
    return _looked_up(video, engine, resolution, avatar_type, prices.table, usd_per_s)


@lru_cache(maxsize=1024)
def _looked_up(
    video: str, engine: str, resolution: str, avatar_type: str | None, day: str | None, usd_per_s: float | None
) -> _Price:
    """The price of one kind of video. The job's own price is for 720p and 1080p, as the tables' prices are."""
    tables = _tables_from(day)
    flat = _first(tables, lambda table: table.flat_microusd.get(video))
    if flat is not None:
        return _Price(0, *flat)
    factor = _first(tables, lambda table: table.resolution_factor.get(resolution))
    if usd_per_s is not None:
        per_s: tuple[int, str] | None = (round(usd_per_s * MICRO), "job file")
    else:
        per_s = _first(tables, lambda table: _per_second(table, engine, avatar_type))
    if per_s is None or factor is None or video not in ("avatar", "image"):
        raise PriceUnknown(f"No price is known for {video} videos with engine {engine} at {resolution}.")
    microusd_per_s, label = per_s
    return _Price(math.ceil(microusd_per_s * factor[0]), 0, label)


def _per_second(table: PriceTable, engine: str, avatar_type: str | None) -> int | None:
    """The price of this avatar type; the dearest of the engine when the type is not known or not listed."""
    listed = table.microusd_per_s.get(engine)
    if not listed:
        return None
    return listed.get(avatar_type or "") or max(listed.values())


def _first(tables: tuple[PriceTable, ...], get: Callable[[PriceTable], T | None]) -> tuple[T, str] | None:
    """The newest table's answer, and the name of that table."""
    answers = ((get(table), table.label) for table in tables)
    return next(((answer, label) for answer, label in answers if answer is not None), None)


def _tables_from(day: str | None) -> tuple[PriceTable, ...]:
    """The tables that count, newest first: from the day that the job names, or all."""
    tables = price_tables()
    days = [str(table.day) for table in tables]
    if day is None:
        return tables
    if day not in days:
        meant = closest(day, days)
        hint = f'Did you mean "{meant}"?' if meant else f"There are tables of {' and '.join(days)}."
        raise JobInvalid([Problem(message=f'[price] table: there is no price table "{day}".', hint=hint, value=day)])
    return tables[days.index(day) :]


@cache
def price_tables() -> tuple[PriceTable, ...]:
    """Every price table that comes with batchgen, newest first."""
    text = resources.files("batchgen").joinpath("prices.toml").read_text(encoding="utf-8")
    tables = map(_read_table, tomllib.loads(text, parse_float=Decimal)["table"])
    return tuple(sorted(tables, key=lambda table: table.day, reverse=True))


def _read_table(entry: Mapping[str, Any]) -> PriceTable:
    return PriceTable(
        day=entry["date"],
        reported=entry["reported"],
        source=entry["source"],
        microusd_per_s={engine: _in_micro(listed) for engine, listed in entry["usd_per_s"].items()},
        resolution_factor=entry.get("resolution_factor", {}),
        flat_microusd=_in_micro(entry.get("flat_usd", {})),
    )


def _in_micro(usd: Mapping[str, Decimal]) -> dict[str, int]:
    return {name: int(price * MICRO) for name, price in usd.items()}
