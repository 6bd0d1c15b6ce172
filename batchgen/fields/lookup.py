"""Fields by what people write: dotted paths, headers, short names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from batchgen.fields.field import BOTH_ARMS, EACH, TEMPLATE, VIDEO_ARMS, Bounds, Field
from batchgen.fields.scene_fields import SCENE_FIELDS
from batchgen.fields.template_fields import TEMPLATE_FIELDS
from batchgen.fields.video_fields import CINEMATIC_FIELDS, VIDEO_FIELDS
from batchgen.fields.words import normal

FIELDS: tuple[Field, ...] = (*VIDEO_FIELDS, *CINEMATIC_FIELDS, *SCENE_FIELDS, *TEMPLATE_FIELDS)

LISTS: dict[str, Bounds] = {
    "avatar_id": Bounds(least=1, most=3, required=True),
    "references": Bounds(least=0, most=12),
    "scenes": Bounds(least=1, most=50, required=True),
    "scene_ids": Bounds(least=1, most=None),
}
"""The lists of a request, which stand in paths with the number of the item: ``scenes.2.script``."""

BY_PATH: dict[str, Field] = {
    field.path: field for field in FIELDS if EACH not in field.path and field.arms & VIDEO_ARMS
}
"""The fields of POST /v3/videos that stand for themselves."""

_VIDEO = {field.path: field for field in FIELDS if field.arms & VIDEO_ARMS}
_TEMPLATE = {field.path: field for field in FIELDS if TEMPLATE in field.arms}

# A header that names an object by its one part that people mean.
_BY_SHORTHAND: dict[str, Field] = {
    "engine": replace(BY_PATH["engine.type"], everyday=True),
    "watermark": BY_PATH["watermark.image"],
}
# One field in place of several: whoever sets it, or one of these, sets the same thing.
STANDS_FOR: dict[str, tuple[str, ...]] = {"audio": ("audio_url", "audio_asset_id")}
SHORTHANDS: dict[str, str] = {header: field.path for header, field in _BY_SHORTHAND.items()}
SCENE_SHORTHANDS: dict[str, str] = {"avatar": "avatar_id", "voice": "voice_id", "engine": "engine.type"}

_NUMBERED_HEADER = re.compile(r"(scene|reference)s?[_.]?([0-9]{1,3})(?:[_.](.+))?")
_NUMBERED_PATH = re.compile(rf"({'|'.join(LISTS)})\.([1-9][0-9]{{0,2}})(\..+)?")
_VARIABLE_PATH = re.compile(r"variables\.([^.]+)(\..+)?")


def field_at(path: str, *, of_template: bool = False) -> Field | None:
    """The field at a path as it stands in requests: ``voice_id``, ``scenes.2.script``, ``variables.logo.asset``."""
    known = _TEMPLATE if of_template else _VIDEO
    found = known.get(pattern_of(path))
    return found if found is None or EACH not in found.path else replace(found, path=path)


def pattern_of(path: str) -> str:
    """The path with ``*`` for the number of an item and for the name of a variable."""
    if numbered := _NUMBERED_PATH.fullmatch(path):
        return f"{numbered[1]}.{EACH}{numbered[3] or ''}"
    if variable := _VARIABLE_PATH.fullmatch(path):
        return f"variables.{EACH}{variable[2] or ''}"
    return path


def path_of_header(header: str) -> str:
    """What a header spells: ``Scene 2 Avatar`` → ``scenes.2.avatar_id``, ``Voice ID`` → ``voice_id``."""
    name = normal(header)
    numbered = _NUMBERED_HEADER.fullmatch(name)
    if numbered is None:
        return SHORTHANDS.get(name, name)
    noun, number, rest = numbered[1], int(numbered[2]), numbered[3]
    if rest is not None and noun == "scene":
        rest = rest.removeprefix("input.")
        rest = SCENE_SHORTHANDS.get(rest, rest)
    return f"{noun}s.{number}" + (f".{rest}" if rest else "")


def field_for_header(header: str, *, of_template: bool = False) -> Field | None:
    """The field that a column of this name sets, or None when it is a plain value."""
    name = normal(header)
    if EACH in name:
        return None
    return _BY_SHORTHAND.get(name) or field_at(path_of_header(header), of_template=of_template)


def is_of_first_page(field: Field) -> bool:
    """Whether it is a field of the arms ``avatar`` and ``image``: those count in any job, whatever its type."""
    return bool(field.arms & BOTH_ARMS)


def scene_words() -> Iterable[str]:
    """What a scene's fields are called, without the number of the scene."""
    return [*(field.path.removeprefix("scenes.*.") for field in SCENE_FIELDS), *SCENE_SHORTHANDS]
