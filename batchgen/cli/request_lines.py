"""A request as a person reads it: a field a line, files by the paths that the sheet has for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchgen.media import digest_of

FIRST = ("type", "template_id", "title", "script", "prompt")
WRITTEN_AS = {"audio_url": "audio", "audio_asset_id": "audio"}
"""What people write for the API's names, whatever they name."""
MOST_OF_A_VALUE = 300  # characters; a script may have thousands
DIGEST_CHARS = 8


def request_lines(request: Mapping[str, Any], files: Mapping[str, str]) -> Iterator[str]:
    """``field: value`` of every field; lists count from 1. ``files``: sha256 → path."""
    for name in sorted(request, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name)):
        for path, value in _fields(name, request[name], files):
            parent, dot, last = path.rpartition(".")
            yield f"{parent}{dot}{WRITTEN_AS.get(last, last)}: {value}"


def _fields(path: str, asked: Any, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    value = _plain(asked)
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _fields(f"{path}.{name}", member, files)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value, start=1):
            yield from _fields(f"{path}.{number}", item, files)
    else:
        items = value if isinstance(value, list) else [value]
        yield path, ", ".join(_word(item, files) for item in items)


def _plain(value: Any) -> Any:
    """Objects as people write them: who speaks in a scene beside its other fields, and for an object that says
    nothing but its kind and one value that value.
    """
    if not isinstance(value, Mapping):
        return value
    if isinstance(speaker := value.get("input"), Mapping):
        return {**speaker, **{name: member for name, member in value.items() if name != "input"}}
    rest = [_plain(member) for name, member in value.items() if name != "type"]
    is_scene = "source" in value
    if "type" not in value or is_scene or len(rest) > 1 or any(isinstance(member, Mapping | list) for member in rest):
        return value
    return rest[0] if rest else value["type"]


def _word(value: Any, files: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if (digest := digest_of(value)) is not None:
        return files.get(digest) or f"file sha256 {digest[:DIGEST_CHARS]}…"
    flat = " ".join(str(value).split())
    return flat if len(flat) <= MOST_OF_A_VALUE else f"{flat[:MOST_OF_A_VALUE]}…"
