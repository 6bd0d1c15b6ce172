"""What a request asks of the catalogue: who speaks, with which voice and engine, and what only some avatars can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from batchgen.request import BuiltRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One speaker of a request, without what the catalogue cannot judge: thousands of rows ask for the same.

    ``path`` is where the speaker stands in the request: "" or ``scenes.1.``.
    """

    path: str = ""
    look_id: str | None = None
    voice_id: str | None = None
    engine: str | None = None
    """None where the request has no engine: pictures, cinematic videos."""
    reference_look_id: str | None = None
    speaks_script: bool = False
    locale: str | None = None
    transparent: bool = False
    """The person is cut out: WebM, or ``remove_background``."""
    aspect_ratio: str | None = None
    watermark: bool = False
    pauses: bool = False
    template_id: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    """What is put into the provider's template: name and type."""


def asked_by(rows: Iterable[BuiltRow]) -> dict[Asked, list[BuiltRow]]:
    """Everything that rows ask for, each with the rows that do, in the sheet's order."""
    asked: dict[Asked, list[BuiltRow]] = {}
    for row in rows:
        for one in dict.fromkeys(_speakers(row.request.payload)):
            asked.setdefault(one, []).append(row)
    return asked


def looks_named(asked: Iterable[Asked]) -> list[str]:
    """Every look that is asked for, once."""
    named = (look_id for one in asked for look_id in (one.look_id, one.reference_look_id))
    return list(dict.fromkeys(look_id for look_id in named if look_id))


def voices_named(asked: Iterable[Asked]) -> list[str]:
    """Every voice that is asked for, once."""
    return list(dict.fromkeys(one.voice_id for one in asked if one.voice_id))


def templates_named(asked: Iterable[Asked]) -> list[str]:
    """Every template that is asked for, once."""
    return list(dict.fromkeys(one.template_id for one in asked if one.template_id))


def _of_template(payload: Mapping[str, Any]) -> Iterator[Asked]:
    variables: Mapping[str, Mapping[str, Any]] = payload["variables"]
    kinds = tuple((name, variable["type"]) for name, variable in sorted(variables.items()))
    yield Asked(template_id=payload["template_id"], variables=kinds)
    for name, variable in variables.items():
        if variable.get("character_type") == "avatar":
            yield Asked(path=f"variables.{name}.", look_id=variable["character_id"])
        if "voice_id" in variable:
            yield Asked(path=f"variables.{name}.", voice_id=variable["voice_id"], locale=variable.get("locale"))


def _speakers(payload: Mapping[str, Any]) -> Iterator[Asked]:
    scenes = payload.get("scenes")
    if "template_id" in payload:
        yield from _of_template(payload)
    elif isinstance(scenes, list):
        for index, scene in enumerate(scenes):
            inner = scene.get("input")
            speaker = inner if isinstance(inner, dict) else scene
            yield from _one(payload, speaker, f"scenes.{index + 1}.")
    else:
        yield from _one(payload, payload, "")


def _one(payload: Mapping[str, Any], speaker: Mapping[str, Any], path: str) -> Iterator[Asked]:
    """The speaker, once for each of its looks: a cinematic video has up to three."""
    avatar = speaker.get("avatar_id")
    engine: Mapping[str, Any] = speaker.get("engine") or {}
    script = speaker.get("script")
    for look_id in avatar if isinstance(avatar, list) else [avatar]:
        yield Asked(
            path=path,
            look_id=look_id,
            voice_id=speaker.get("voice_id"),
            engine=engine.get("type", "avatar_iv") if isinstance(avatar, str) else None,
            reference_look_id=engine.get("reference_look_id"),
            speaks_script=script is not None,
            locale=(speaker.get("voice_settings") or {}).get("locale"),
            transparent=payload.get("output_format") == "webm" or speaker.get("remove_background") is True,
            aspect_ratio=payload.get("aspect_ratio"),
            watermark="watermark" in payload,
            pauses=isinstance(script, str) and "<break" in script,
        )
