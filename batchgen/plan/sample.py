"""Which rows make a sample: the first ones, those that were named, or those that differ most."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from batchgen.plan.plan import Plan, PlannedRow
from batchgen.request import spoken

VARIED = (
    "type",
    "avatar_id",
    "voice_id",
    "voice_settings.locale",
    "engine.type",
    "aspect_ratio",
    "resolution",
    "output_format",
    "background.type",
)
"""The fields by which the videos of a sheet differ most to the eye and the ear."""

Feature = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What is wanted: so many rows, spread over the variety of the sheet or its first ones; or rows by their ids."""

    count: int = 0
    spread: bool = False
    rows: frozenset[str] = frozenset()

    def of(self, plan: Plan) -> frozenset[str]:
        """The ids of the rows to be sent. The same plan gives the same rows."""
        if not self.count:
            return self.rows
        chosen = spread(plan.to_send, self.count) if self.spread else plan.to_send[: self.count]
        return frozenset(planned.row.id for planned in chosen)


def spread(rows: Sequence[PlannedRow], count: int) -> list[PlannedRow]:
    """Up to ``count`` rows that show as much of the variety as they can, in their order.

    The longest and the shortest script first, then always the row that shows most of what none of the others does;
    when all is shown, the first rows that are left. Of equal rows the first.
    """
    looks = list(map(_look, rows))
    chosen = dict.fromkeys(_ends(looks) if count > 1 else ())
    more = chain(_most_varied(looks, chosen), range(len(rows)))
    while len(chosen) < min(count, len(rows)):
        chosen[next(more)] = None
    return [rows[index] for index in sorted(chosen)]


@dataclass(frozen=True, slots=True)
class _Look:
    """What of a row counts here; ``seconds`` is how long its script probably takes, 0 without one."""

    seconds: float
    features: frozenset[Feature]


def _look(planned: PlannedRow) -> _Look:
    payload = planned.row.request.payload
    seconds = planned.estimate.seconds if planned.estimate and _script(payload) else 0.0
    return _Look(seconds, frozenset(features(payload)))


def _ends(looks: Sequence[_Look]) -> list[int]:
    """The longest and the shortest script."""
    scripts = [index for index, look in enumerate(looks) if look.seconds]
    if not scripts:
        return []
    return [end(scripts, key=lambda index: looks[index].seconds) for end in (max, min)]


def _most_varied(looks: Sequence[_Look], chosen: Mapping[int, None]) -> Iterator[int]:
    """Row after row, each the one that shows most features that no row before it shows."""
    first_with: dict[frozenset[Feature], int] = {}
    for index, look in enumerate(looks):
        first_with.setdefault(look.features, index)
    shown = frozenset[Feature]().union(*(looks[index].features for index in chosen))
    while first_with:
        best = max(first_with, key=lambda kind: (len(kind - shown), -first_with[kind]))
        if best <= shown:
            return
        shown |= best
        yield first_with.pop(best)


def features(payload: Mapping[str, Any]) -> Iterator[Feature]:
    """What is to be seen and heard of a request: avatar, voice, language, engine, shape; and which fields it sets."""
    yield "fields", " ".join(sorted(payload))
    yield "writing", _writing(_script(payload))
    for path in VARIED:
        if (value := _at(payload, path)) is not None:
            yield path, str(value)


def _at(payload: Mapping[str, Any], path: str) -> Any:
    value: Any = payload
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _script(payload: Mapping[str, Any]) -> str:
    return spoken(payload)


def _writing(text: str) -> str:
    """The alphabet of the first letter: ``LATIN``, ``ARABIC``, ``CJK``; empty without one."""
    letter = next((each for each in text if each.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""
