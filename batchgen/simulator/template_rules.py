"""A video from one of the account's templates: what its request must obey (POST /v3/templates/{template_id})."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchgen.simulator.request_rules import check_existence
from batchgen.simulator.request_shapes import ASSET, CALLBACK, WORD
from batchgen.simulator.shapes import Flag, Many, Number, Record, Shape, Text, Union, check, refused

Request = Mapping[str, Any]

ID = Text(minimum=1, nullable=False)
SIDE = Number(minimum=128, maximum=4096, whole=True, nullable=False)
FRAMES_PER_SECOND = (25, 30, 60)

_ASSET_FIELDS: dict[str, Shape] = {"type": WORD, "asset": ASSET}
VARIABLE = Union(
    nullable=False,
    arms={
        "text": Record(fields={"type": WORD, "content": WORD}, required=("content",)),
        "image": Record(fields={**_ASSET_FIELDS, "fit": Text()}, required=("asset",)),
        "video": Record(
            fields={**_ASSET_FIELDS, "fit": Text(), "play_style": Text(), "volume": Number(minimum=0, maximum=1)},
            required=("asset",),
        ),
        "audio": Record(fields=_ASSET_FIELDS, required=("asset",)),
        "character": Record(
            fields={"type": WORD, "character_id": ID, "character_type": ID},
            required=("character_id", "character_type"),
        ),
        "voice": Record(fields={"type": WORD, "voice_id": ID, "locale": Text()}, required=("voice_id",)),
    },
)
GENERATE = Record(
    nullable=False,
    fields={
        "title": Text(),
        **CALLBACK,
        "folder_id": Text(),
        "brand_voice_id": Text(),
        "caption": Flag(nullable=False),
        "dimension": Record(fields={"width": SIDE, "height": SIDE}, required=("width", "height")),
        "enable_sharing": Flag(nullable=False),
        "fps": Number(nullable=False),
        "include_gif": Flag(nullable=False),
        "keep_text_vertically_centered": Flag(nullable=False),
        "reorder_music": Flag(nullable=False),
        "scene_ids": Many(item=ID, minimum=1),
        "subtitles": Record(
            fields={
                "preset_name": ID,
                "alignment": Number(whole=True),
                "font_size": Number(whole=True),
                "disable_highlight": Flag(),
                "position": Record(fields={"x": Number(nullable=False), "y": Number(nullable=False)}),
            },
            required=("preset_name",),
        ),
    },
)


def check_template_request(request: Any, template: Request) -> None:
    """Raise the API's refusal, or return. Variables that are left out keep what the template has."""
    _check_shape(request)
    for name, side in (request.get("dimension") or {}).items():
        if side % 2:
            raise refused(f"dimension.{name}", "must be even.")
    if request.get("fps", 25) not in FRAMES_PER_SECOND:
        raise refused("fps", "must be one of 25, 30, 60.")
    for index, scene_id in enumerate(request.get("scene_ids") or ()):
        if scene_id not in template["scene_ids"]:
            raise refused(f"scene_ids[{index}]", "is no scene of this template.")
    _check_variables(request["variables"], template["variables"])
    check_existence(request)


def _check_shape(request: Any) -> None:
    """The names of variables are the template's own: each is checked by itself."""
    if not isinstance(request, dict) or not isinstance(request.get("variables"), dict):
        raise refused("variables", "is required.")
    check(GENERATE, {name: part for name, part in request.items() if name != "variables"})
    for name, variable in request["variables"].items():
        check(VARIABLE, variable, f"variables.{name}")


def _check_variables(variables: Request, known: Request) -> None:
    for name, variable in variables.items():
        if name not in known:
            raise refused(f"variables.{name}", "is no variable of this template.")
        if variable["type"] != known[name]["type"]:
            raise refused(f"variables.{name}.type", f"must be {known[name]['type']}.")
