"""Fields as people write them become the one form that is checked, hashed and sent.

Shorthands become objects, what is empty counts as not given, and 1.0 is 1: what means the same is the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Payload = dict[str, Any]

_LINK = re.compile(r"https?://", re.IGNORECASE)
_BARE_HEX = re.compile(r"[0-9A-Fa-f]{6}")
COLOR_WORDS = {
    "black": "#000000",
    "white": "#ffffff",
    "grey": "#808080",
    "gray": "#808080",
    "red": "#ff0000",
    "green": "#00ff00",
    "blue": "#0000ff",
    "yellow": "#ffff00",
    "orange": "#ffa500",
}


def normal_form(fields: Mapping[str, Any]) -> Payload:
    """The payload that nested ``fields`` stand for; ``fields`` stay as they are."""
    payload = expanded(without_empties(fields))
    if "type" not in payload:
        payload.update(_type_that_follows(payload))
    return payload


def without_empties(fields: Mapping[str, Any]) -> Payload:
    """A copy without None, blank text and empty objects, and with whole numbers as integers."""
    kept: Payload = {}
    for name, value in fields.items():
        if isinstance(value, str):
            if value and not value.isspace():
                kept[name] = value
        elif isinstance(value, Mapping):
            if inner := without_empties(value):
                kept[name] = inner
        elif value is not None:
            kept[name] = int(value) if isinstance(value, float) and value.is_integer() else value
    return kept


def expanded(fields: Mapping[str, Any]) -> Payload:
    """A copy in which every shorthand (``background = "#ffffff"``, ``engine = "avatar_v"``) is its object."""
    payload = dict(fields)
    for name, expand in _EXPANSIONS.items():
        if name in payload:
            payload[name] = expand(payload[name])
    return payload


def _engine(given: Any) -> Any:
    return {"type": given} if isinstance(given, str) else given


def _caption(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    return {"file_format": given} if given == "srt" else {"style": given}


def _watermark(given: Any) -> Any:
    if isinstance(given, str):
        return {"image": _asset(given)}
    return {**given, "image": _asset(given["image"])} if isinstance(given, dict) and "image" in given else given


def _asset(given: Any) -> Any:
    if isinstance(given, str):
        kind = "url" if _LINK.match(given) else "asset_id"
        return {"type": kind, kind: given}
    return _with_type(given, {"url": "url", "asset_id": "asset_id", "data": "base64"})


def _background(given: Any) -> Any:
    if not isinstance(given, str):
        return _with_type(given, {"value": "color", "url": "image", "asset_id": "image"})
    if _looks_like_color(given):
        return {"type": "color", "value": given}
    return {"type": "image", **{name: part for name, part in _asset(given).items() if name != "type"}}


def _looks_like_color(text: str) -> bool:
    return text.startswith("#") or text.casefold() in COLOR_WORDS or bool(_BARE_HEX.fullmatch(text))


def _with_type(given: Any, types: Mapping[str, str]) -> Any:
    """``given`` with the type that follows from its parts; as it is when they contradict each other."""
    if not isinstance(given, dict) or "type" in given:
        return given
    meant = {types[part] for part in given.keys() & types.keys()}
    return {"type": meant.pop(), **given} if len(meant) == 1 else given


def _type_that_follows(payload: Payload) -> Payload:
    speakers = payload.keys() & {"avatar_id", "image"}
    return {"type": "image" if "image" in speakers else "avatar"} if len(speakers) == 1 else {}


_EXPANSIONS = {
    "background": _background,
    "caption": _caption,
    "engine": _engine,
    "image": _asset,
    "watermark": _watermark,
}


def leaves(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload laid flat: dotted path → value."""
    flat: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, dict):
            for path, leaf in leaves(value).items():
                flat[f"{name}.{path}"] = leaf
        else:
            flat[name] = value
    return flat
