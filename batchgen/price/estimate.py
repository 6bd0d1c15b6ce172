"""What one video will take and cost: the length from its script, the price from the dated tables or the job.

Money is whole micro-USD everywhere. Estimates come as a likely value and an interval; its upper end is reserved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from batchgen.errors import PriceUnknown
from batchgen.job import Prices
from batchgen.price.calibration import NOTHING_LEARNT, Calibration
from batchgen.price.length import NO_RECORDINGS, length_of
from batchgen.price.scenes import scenes_of
from batchgen.price.tables import MICRO, PriceTable, tables_for

T = TypeVar("T")

Kinds = Mapping[str, str]
"""Look id → avatar type, as far as the provider has said it."""

NO_KINDS: Kinds = {}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one video will take and cost: likely, at least and at most. Seconds and micro-USD."""

    seconds: float
    seconds_low: float
    seconds_high: float
    microusd: int
    microusd_low: int
    microusd_high: int
    """This is what gets reserved."""
    table: str
    """The price table that was used, or "job file"."""


@dataclass(frozen=True, slots=True)
class _Price:
    """What one kind of video costs: so much per second, or so much whatever its length."""

    microusd_per_s: int
    flat_microusd: int
    table: str

    def of(self, seconds: float) -> float:
        return self.flat_microusd + self.microusd_per_s * seconds


def estimate(
    payload: Mapping[str, Any],
    prices: Prices,
    *,
    calibration: Calibration = NOTHING_LEARNT,
    kinds: Kinds = NO_KINDS,
    recordings: Mapping[str, float] = NO_RECORDINGS,
) -> Estimate:
    """What the video will take and cost. Of a look that is not among ``kinds``, the dearest of its engine counts.
    ``recordings``: asset id → seconds, of those that are known.

    Raises PriceUnknown, and JobInvalid when the job's price tables cannot be used.
    """
    if payload.get("type") == "studio":
        scenes = scenes_of(payload)
        return _together(
            [estimate(scene, prices, calibration=calibration, kinds=kinds, recordings=recordings) for scene in scenes]
        )
    price = _price(payload, prices, kinds)
    length = length_of(payload, calibration, recordings)
    return Estimate(
        seconds=length.seconds,
        seconds_low=length.seconds_low,
        seconds_high=length.seconds_high,
        microusd=round(price.of(length.seconds)),
        microusd_low=math.floor(price.of(length.seconds_low)),
        microusd_high=math.ceil(price.of(length.seconds_high)),
        table=price.table,
    )


def cost(payload: Mapping[str, Any], duration_s: float, prices: Prices, *, kinds: Kinds = NO_KINDS) -> int:
    """What a video of this true length costs, in micro-USD. Raises as `estimate` does."""
    if payload.get("type") == "studio":
        expected = estimate(payload, prices, kinds=kinds)
        return round(expected.microusd * duration_s / expected.seconds)
    return round(_price(payload, prices, kinds).of(duration_s))


def _together(scenes: list[Estimate]) -> Estimate:
    """The sum; the table is that of the first scene."""
    return Estimate(
        seconds=round(sum(scene.seconds for scene in scenes), 2),
        seconds_low=round(sum(scene.seconds_low for scene in scenes), 2),
        seconds_high=round(sum(scene.seconds_high for scene in scenes), 2),
        microusd=sum(scene.microusd for scene in scenes),
        microusd_low=sum(scene.microusd_low for scene in scenes),
        microusd_high=sum(scene.microusd_high for scene in scenes),
        table=scenes[0].table,
    )


def _price(payload: Mapping[str, Any], prices: Prices, kinds: Kinds) -> _Price:
    # What is made from one of the provider's templates has no price of its own: the dearest speaker's counts.
    video = payload.get("type", "avatar")
    engine = payload.get("engine", {}).get("type", "avatar_iv")
    resolution = payload.get("resolution", "1080p")
    avatar_type = "photo_avatar" if video == "image" else _kind(payload.get("avatar_id"), kinds)
    listed = prices.usd_per_s or {}
    usd_per_s = listed.get(engine, listed.get("any"))
    return _looked_up(video, engine, resolution, avatar_type, prices.table, prices.file, usd_per_s)


def _kind(look: Any, kinds: Kinds) -> str | None:
    """The avatar type of the look that speaks, as far as it is known; cinematic videos may show several."""
    return kinds.get(look) if isinstance(look, str) else None


@lru_cache(maxsize=1024)
def _looked_up(
    video: str,
    engine: str,
    resolution: str,
    avatar_type: str | None,
    day: str | None,
    file: Path | None,
    usd_per_s: float | None,
) -> _Price:
    """The price of one kind of video. The job's own price is for 720p and 1080p, as the tables' prices are."""
    tables = tables_for(Prices(table=day, file=file))
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
