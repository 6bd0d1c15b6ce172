"""Fields as people write them become the one form that is checked, hashed and sent.

Shorthands become objects, what is empty counts as not given, and 1.0 is 1: what means the same is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from batchgen.fields import CINEMATIC, STUDIO
from batchgen.request.pieces import Payload, numbered

_LINK = re.compile(r"https?://", re.IGNORECASE)
_BETWEEN_IDS = re.compile(r"[,;\s]+")
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
    """The payload that nested ``fields`` stand for, its lists as numbered objects; ``fields`` stay as they are."""
    payload = expanded(without_empties(numbered(fields)))
    if "type" not in payload and "template_id" not in payload:
        payload.update(_type_that_follows(payload))
    if payload.get("type") == CINEMATIC:
        payload.update(_listed_looks(payload))
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
    return _with_expansions(fields, _EXPANSIONS)


def _with_audio(payload: Payload) -> Payload:
    """``audio`` as the field that it stands for. A field that is there already stays: both are told to be too many."""
    given = payload.get("audio")
    if isinstance(given, str):
        del payload["audio"]
        payload.setdefault("audio_url" if _LINK.match(given) else "audio_asset_id", given)
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
    if not speakers and "scenes" in payload:
        return {"type": STUDIO}
    return {"type": "image" if "image" in speakers else "avatar"} if len(speakers) == 1 else {}


def _listed_looks(payload: Payload) -> Payload:
    """The looks of a cinematic video, which one cell holds with commas between them."""
    looks = payload.get("avatar_id")
    if not isinstance(looks, str):
        return {}
    return {"avatar_id": {str(number): look for number, look in enumerate(_BETWEEN_IDS.split(looks.strip(",; ")), 1)}}


def _each(expand: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The expansion of every item of a numbered list, or of every named variable."""

    def expand_each(given: Any) -> Any:
        return {key: expand(item) for key, item in given.items()} if isinstance(given, dict) else given

    return expand_each


def _scene(given: Any) -> Any:
    return _with_expansions(given, _SCENE_EXPANSIONS) if isinstance(given, dict) else given


def _scene_background(given: Any) -> Any:
    return {"type": "color", "color": given} if isinstance(given, str) else _with_type(given, {"color": "color"})


def _references(given: Any) -> Any:
    """A cell may hold several links and asset ids, with spaces or line breaks between."""
    if isinstance(given, str):
        given = {str(number): item for number, item in enumerate(given.replace(", ", " ").split(), start=1)}
    return _each(_asset)(given)


def _variable(given: Any) -> Any:
    """A text stands for a text variable."""
    if isinstance(given, str):
        return {"type": "text", "content": given}
    return _with_expansions(given, {"asset": _asset}) if isinstance(given, dict) else given


def _with_expansions(fields: Mapping[str, Any], expansions: Mapping[str, Callable[[Any], Any]]) -> Payload:
    payload = _with_audio(dict(fields))
    for name, expand in expansions.items():
        if name in payload:
            payload[name] = expand(payload[name])
    return payload


_SCENE_EXPANSIONS: Mapping[str, Callable[[Any], Any]] = {
    "background": _scene_background,
    "engine": _engine,
    "image": _asset,
    "source": _asset,
}
_EXPANSIONS: Mapping[str, Callable[[Any], Any]] = {
    "background": _background,
    "caption": _caption,
    "engine": _engine,
    "image": _asset,
    "references": _references,
    "scenes": _each(_scene),
    "variables": _each(_variable),
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
