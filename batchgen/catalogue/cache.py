"""What was learnt about looks and voices, kept for an hour in the job's folder. Only a help: never trusted blindly.

It holds what the provider said about ids, and whose account that was; no key, and never that something does not
exist: who makes an avatar wants to use it at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import orjson

from batchgen.video_api import Look, Voice

FRESH_S = 3600.0

Item = TypeVar("Item", Look, Voice)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Looks and voices by id, each with the time (unix seconds) at which the provider told it."""

    username: str | None = None
    looks: Mapping[str, tuple[float, Look]] = field(default_factory=dict)
    voices: Mapping[str, tuple[float, Voice]] = field(default_factory=dict)

    def fresh(self, username: str | None, now: float) -> Kept:
        """What still counts for this account; nothing when it is another's."""
        if self.username != username:
            return Kept(username=username)
        return Kept(username=username, looks=_fresh(self.looks, now), voices=_fresh(self.voices, now))


def _fresh(items: Mapping[str, tuple[float, Item]], now: float) -> dict[str, tuple[float, Item]]:
    return {id_: (at, item) for id_, (at, item) in items.items() if 0 <= now - at <= FRESH_S}


def cache_file(folder: Path, base_url: str) -> Path:
    """Where what a provider said is kept."""
    host = re.sub(r"[^A-Za-z0-9.-]", "-", urlsplit(base_url).netloc)
    return folder / f"catalogue-{host}.json"


def read_kept(file: Path) -> Kept:
    """What is in the file; nothing when there is none, or when it is not one of ours."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Kept).validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return Kept()


def write_kept(file: Path, kept: Kept) -> None:
    """Keep it, whole or not at all. Where it cannot be kept, the provider is asked again."""
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(orjson.dumps(kept))
        part.replace(file)
    except OSError:
        with suppress(OSError):
            part.unlink()
