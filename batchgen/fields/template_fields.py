"""The fields of a video from one of the provider's own templates (POST /v3/templates/{template_id}).

Words that no page lists (``fit``, ``play_style``, ``character_type``) are taken as they are.
"""

from __future__ import annotations

from batchgen.fields.field import TEMPLATE, Field, Kind, asset, choice, flag, number

VARIABLE_TYPES = ("text", "image", "video", "audio", "character", "voice")
CONTENT_OF: dict[str, str] = {
    "text": "content",
    "image": "asset",
    "video": "asset",
    "audio": "asset",
    "character": "character_id",
    "voice": "voice_id",
}
"""Type of variable → its one part that a cell holds."""

_TEMPLATE = frozenset({TEMPLATE})


def _part(name: str, *types: str, note: str, kind: Kind = Kind.TEXT, required: bool = False) -> Field:
    return Field(
        path=f"variables.*.{name}",
        kind=kind,
        note=note,
        arms=_TEMPLATE,
        required=required,
        goes_with=frozenset(types),
    )


TEMPLATE_FIELDS: tuple[Field, ...] = (
    Field(path="template_id", kind=Kind.ID, arms=_TEMPLATE, required=True, note="Id of the provider's template."),
    choice("variables.*.type", VARIABLE_TYPES, "What the variable is.", arms=_TEMPLATE, required=True),
    _part("content", "text", required=True, note="text: what is written or said."),
    *asset(
        "variables.*.asset",
        "image, video, audio: a link, an asset id or a path.",
        noun="file",
        media="the media type, like image/png",
        arms=_TEMPLATE,
        goes_with=frozenset({"image", "video", "audio"}),
    ),
    _part("fit", "image", "video", note="image, video: how it fills its place, e.g. contain or cover."),
    _part("play_style", "video", note="video: how it plays when the scene is longer, e.g. loop or freeze."),
    Field(
        path="variables.*.volume",
        kind=Kind.NUMBER,
        minimum=0,
        maximum=1,
        arms=_TEMPLATE,
        goes_with=frozenset({"video"}),
        note="video: its volume, 0 to 1.",
    ),
    _part("character_id", "character", kind=Kind.ID, required=True, note="character: id of the avatar look."),
    _part("character_type", "character", required=True, note="character: avatar or talking_photo."),
    _part("voice_id", "voice", kind=Kind.ID, required=True, note="voice: id of the voice."),
    _part("locale", "voice", note='voice: accent of a multilingual voice, e.g. "de-DE".'),
    Field(
        path="scene_ids.*",
        kind=Kind.ID,
        arms=_TEMPLATE,
        note="Only these scenes of the template, in this order (scene_ids.1, scene_ids.2, …).",
    ),
    number("dimension.width", 128, 4096, "Width in pixels, an even number.", arms=_TEMPLATE, whole=True, required=True),
    number(
        "dimension.height", 128, 4096, "Height in pixels, an even number.", arms=_TEMPLATE, whole=True, required=True
    ),
    number("fps", 25, 60, "Frames per second: 25, 30 or 60; 25 when empty.", arms=_TEMPLATE),
    flag("caption", "TRUE burns captions into the picture.", arms=_TEMPLATE),
    Field(path="subtitles.preset_name", arms=_TEMPLATE, required=True, note="Look of the subtitles, by its name."),
    number("subtitles.alignment", None, None, "Alignment of the subtitles; 2 when empty.", arms=_TEMPLATE, whole=True),
    number("subtitles.font_size", None, None, "Size of the letters.", arms=_TEMPLATE, whole=True),
    flag("subtitles.disable_highlight", "TRUE: the spoken word is not highlighted.", arms=_TEMPLATE),
    number("subtitles.position.x", None, None, "Sideways place of the subtitles.", arms=_TEMPLATE),
    number("subtitles.position.y", None, None, "Up and down place of the subtitles.", arms=_TEMPLATE),
    Field(path="brand_voice_id", kind=Kind.ID, arms=_TEMPLATE, note="Brand glossary: how names and terms are spoken."),
    flag("keep_text_vertically_centered", "TRUE centres replaced texts by their height.", arms=_TEMPLATE),
    flag("reorder_music", "FALSE: the music stays where it was when scenes are left out.", arms=_TEMPLATE),
    flag("include_gif", "TRUE: callbacks name a GIF, too.", arms=_TEMPLATE),
    flag("enable_sharing", "TRUE makes the video public at once.", arms=_TEMPLATE),
)
