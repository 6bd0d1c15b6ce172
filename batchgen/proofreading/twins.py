"""Rows that would pay twice for one and the same video."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from batchgen.errors import Doubt

NOT_SEEN = frozenset({"title", "callback_url", "callback_id", "folder_id"})
"""What two requests may differ in and still show the same."""


class Twins:
    """Finds rows whose requests show and say the same."""

    def __init__(self) -> None:
        self._first: dict[bytes, int] = {}
        self._more: dict[int, list[int]] = {}

    def look_at(self, number: int, payload: Mapping[str, Any]) -> None:
        seen = {name: part for name, part in payload.items() if name not in NOT_SEEN}
        said = orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)
        first = self._first.setdefault(hashlib.blake2b(said, digest_size=16).digest(), number)
        if first != number:
            self._more.setdefault(first, []).append(number)

    def told(self) -> Iterator[Doubt]:
        if not self._more:
            return
        first, more = next(iter(self._more.items()))
        yield Doubt(
            kind="same_video",
            message="These rows ask for a video that another row asks for, too: each is paid for.",
            hint="Delete the rows that are meant once, or have the script say what differs.",
            rows=tuple(sorted([*self._more, *(number for others in self._more.values() for number in others)])),
            example=f"rows {first} and {more[0]}.",
        )
