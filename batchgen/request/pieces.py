"""The pieces that a request is put together from: scenes of a studio video, variables of a template.

People write a scene flat; the API wants who speaks in an ``input`` of its own. Both forms and the way between them
are here. Lists are numbered objects until the request is sent (``{"1": …, "3": …}``), so that a problem can name the
scene that the person numbered, also when others of the row are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from batchgen.fields import CONTENT_OF, LISTS, STUDIO, TEMPLATE, SceneKind

Payload = dict[str, Any]

SPEECH = ("script", "audio_url", "audio_asset_id")
_VOICED = (*SPEECH, "voice_id", "voice_settings")
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif"})
_FILMS = frozenset({".mp4", ".webm", ".mov"})
_RECORDINGS = frozenset({".mp3", ".wav"})
_WIRE_TYPES = {SceneKind.AVATAR: "avatar", SceneKind.PHOTO: "image"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One scene or variable. ``kind`` None: it cannot be told what it is."""

    path: str
    kind: str | None
    fields: Any


def arm_of(payload: Mapping[str, Any]) -> Any:
    """The type of a video, or ``template``; whatever stands there when it is neither."""
    return TEMPLATE if "template_id" in payload else payload.get("type")


def pieces_of(payload: Mapping[str, Any]) -> Iterator[Piece]:
    """The scenes or variables of a payload in normal form."""
    of_payload = arm_of(payload)
    for name, arm, kind_of in _KINDS_OF_PIECES:
        pieces = payload.get(name) if of_payload == arm else None
        for key, fields in pieces.items() if isinstance(pieces, dict) else ():
            yield Piece(f"{name}.{key}", kind_of(fields), fields)


def scene_kind(scene: Any) -> SceneKind | None:
    """What a flat scene shows: by its type, and by who or what is named."""
    if not isinstance(scene, Mapping):
        return None
    match scene.get("type"):
        case "image":
            return SceneKind.STILL
        case "video":
            return SceneKind.FILM
        case None if "source" in scene:
            return _of_source(scene)
        case None | "avatar_video":
            speakers = scene.keys() & {"avatar_id", "image"}
            if len(speakers) == 1:
                return SceneKind.PHOTO if "image" in speakers else SceneKind.AVATAR
    return None


def _of_source(scene: Mapping[str, Any]) -> SceneKind | None:
    """By its link where that tells, so that a film with a duration is refused and never sent as a picture."""
    suffix = _suffix(scene["source"])
    if suffix in _PICTURES | _FILMS:
        return SceneKind.STILL if suffix in _PICTURES else SceneKind.FILM
    if "duration" in scene or any(name in scene for name in _VOICED):
        return SceneKind.STILL
    return SceneKind.FILM if "playback" in scene else None


def is_film(asset: Any) -> bool | None:
    """Whether an asset is a film (else a picture), as far as its link or media type tells."""
    if isinstance(asset, Mapping) and isinstance(kind := asset.get("media_type"), str):
        return kind.startswith("video/")
    suffix = _suffix(asset)
    return True if suffix in _FILMS else False if suffix in _PICTURES else None


def _suffix(asset: Any) -> str:
    """The file name's end of a link, in lower case."""
    link = asset.get("url") if isinstance(asset, Mapping) else None
    return PurePosixPath(urlsplit(link).path).suffix.lower() if isinstance(link, str) and "[" not in link else ""


def variable_type(variable: Any) -> str | None:
    """The type of a template's variable, as it says, or as follows from its parts."""
    if not isinstance(variable, Mapping):
        return None
    if "type" in variable:
        return variable["type"] if variable["type"] in CONTENT_OF else None
    for kind in ("text", "character", "voice"):
        if CONTENT_OF[kind] in variable:
            return kind
    suffix = _suffix(variable.get("asset"))
    found = {"image": _PICTURES, "video": _FILMS, "audio": _RECORDINGS}
    return next((kind for kind, suffixes in found.items() if suffix in suffixes), None)


_KINDS_OF_PIECES = (("scenes", STUDIO, scene_kind), ("variables", TEMPLATE, variable_type))


def numbered(payload: Mapping[str, Any]) -> Payload:
    """A copy in which the lists of a request are objects by number, and scenes are flat."""
    copy = dict(payload)
    for name in LISTS:
        if isinstance(copy.get(name), list):
            copy[name] = {str(number): item for number, item in enumerate(copy[name], start=1)}
    if isinstance(copy.get("scenes"), dict):
        copy["scenes"] = {number: _flat(scene) for number, scene in copy["scenes"].items()}
    return copy


def _flat(scene: Any) -> Any:
    if not isinstance(scene, Mapping) or not isinstance(scene.get("input"), Mapping):
        return scene
    outer = {name: part for name, part in scene.items() if name != "input"}
    return outer | {name: part for name, part in scene["input"].items() if name != "type"}


def wire_form(payload: Mapping[str, Any]) -> Payload:
    """A payload in normal form, and right, as it is sent."""
    copy = dict(payload)
    for name in LISTS:
        if isinstance(copy.get(name), dict):
            copy[name] = [copy[name][number] for number in sorted(copy[name], key=int)]
    if arm_of(copy) == STUDIO:
        copy["scenes"] = [_wire_scene(scene) for scene in copy["scenes"]]
    elif arm_of(copy) == TEMPLATE:
        variables = copy.get("variables", {})
        copy["variables"] = {name: {"type": variable_type(part), **part} for name, part in variables.items()}
    return copy


def _wire_scene(scene: Mapping[str, Any]) -> Payload:
    kind = scene_kind(scene)
    fields = {name: part for name, part in scene.items() if name != "type"}
    if kind in _WIRE_TYPES:
        return {"type": "avatar_video", "input": {"type": _WIRE_TYPES[kind], **fields}}
    return {"type": "image" if kind is SceneKind.STILL else "video", **fields}


def spoken(payload: Mapping[str, Any]) -> str:
    """Everything that a request as it is sent has spoken or written: its script, or those of its scenes."""
    texts = [payload.get("script")]
    if arm_of(payload) == STUDIO:
        texts = [scene.get("input", scene).get("script") for scene in payload["scenes"]]
    elif arm_of(payload) == TEMPLATE:
        texts = [variable.get("content") for variable in payload["variables"].values()]
    return "\n".join(text for text in texts if text)
