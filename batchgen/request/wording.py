"""The validator's findings in the words of the person at the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchgen.fields import (
    FIELDS,
    LISTS,
    TEMPLATE,
    Field,
    Kind,
    NotParsed,
    closest,
    field_at,
    not_a_choice,
    number_range,
    parse,
    pattern_of,
    scene_words,
)
from batchgen.request.normal_form import COLOR_WORDS
from batchgen.request.pieces import Piece, arm_of
from batchgen.request.problems import FieldProblem, shown

_MISSING = {
    "type": (
        "Nothing says who speaks.",
        'Give avatar_id for an avatar or image for a picture; with both, set type to "avatar" or "image".',
    ),
    "avatar_id": ("An avatar video needs avatar_id.", "Give the id of an avatar look."),
    "image": (
        "An image video needs image.",
        "Give the picture that speaks: a link, an asset id, or a path.",
    ),
    "watermark.image": (
        "A watermark needs its image.",
        "Give a PNG or JPEG: a link, an asset id, or a path.",
    ),
    "engine.type": ("The engine has no type.", "Set engine to avatar_iv, avatar_v or avatar_iii."),
    "voice_settings.engine_settings.engine_type": (
        "The voice's engine settings do not say which engine they are for.",
        "Set engine_type to elevenlabs, fish or starfish.",
    ),
    "background.type": ("The background has no type.", 'Set it to "color" or "image".'),
    "prompt": ("A cinematic video needs a prompt.", "Say in words what happens in it."),
    "scenes": ("A studio video needs at least one scene.", 'Give "scene 1 script" and "scene 1 avatar", for example.'),
    "source": ("Nothing says which picture or film is shown.", "Give its link or its asset id as source."),
    "content": ("The text is missing.", "Give its content."),
    "asset": ("The file is missing.", "Give its link or its asset id."),
    "character_id": ("The avatar is missing.", "Give the id of an avatar look as character_id."),
    "character_type": ("What kind of character it is, is missing.", 'Set character_type, e.g. to "avatar".'),
    "voice_id": ("The voice is missing.", "Give the id of a voice."),
}
_OF_CINEMATIC = {"avatar_id": ("A cinematic video needs avatar_id.", "Give the ids of one to three avatar looks.")}


def unclear_piece(piece: Piece) -> FieldProblem:
    """Nobody can tell what a scene shows, or what a variable is."""
    noun, _, name = piece.path.partition(".")
    if noun == "variables":
        message = f'Nothing says what the variable "{name}" is.'
        return FieldProblem(
            path=piece.path, message=message, hint=f"Set its type: {_alternatives_of('variables.*.type')}."
        )
    message = "Nothing says what the scene shows."
    hint = "Give avatar_id or image for someone who speaks, or source with type image or video; one of them only."
    return FieldProblem(path=piece.path, message=message, hint=hint)


def _alternatives_of(path: str) -> str:
    (choices,) = (field.choices for field in FIELDS if field.path == path)
    return ", ".join(choices)


def problem_of_shape(path: str, finding: str, value: Any, payload: Mapping[str, Any]) -> FieldProblem:
    """One finding of the validator (``finding`` is its error type) as a problem for people."""
    if finding == "missing":
        message, hint = _missing(path, payload)
        return FieldProblem(path=path, message=message, hint=hint)
    field = field_at(path, of_template=arm_of(payload) == TEMPLATE)
    if finding == "extra_forbidden":
        message, hint = _not_a_field_here(path, payload)
    elif finding in ("too_short", "too_long") or (finding == "dict_type" and path in LISTS):
        message, hint = _bad_list(path, value)
    elif finding == "dict_type" or field is None or field.is_object:
        message, hint = f"{shown(value)} cannot stand for {path}.", _parts_of(path)
    else:
        message, hint = _bad_value(field, finding, value)
    return FieldProblem(path=path, value=shown(value), message=message, hint=hint)


def _missing(path: str, payload: Mapping[str, Any]) -> tuple[str, str]:
    if arm_of(payload) == "cinematic_avatar" and path in _OF_CINEMATIC:
        return _OF_CINEMATIC[path]
    within = pattern_of(path).removeprefix("scenes.*.").removeprefix("variables.*.")
    within = "image.type" if within.endswith(("source.type", "asset.type", "references.*.type")) else within
    return _MISSING.get(within) or (f"{path} is missing.", "")


def _bad_list(path: str, value: Any) -> tuple[str, str]:
    if not isinstance(value, Mapping):
        return f"{shown(value)} is no list.", f"Write {path}.1, {path}.2 and so on."
    bounds = LISTS[path]
    return f"{path} has {len(value)} entries; {bounds.most} are the most.", "Take some out."


def _not_a_field_here(path: str, payload: Mapping[str, Any]) -> tuple[str, str]:
    if path.startswith(("scenes.", "variables.")):
        return _not_of_the_piece(path)
    known = [field.path for field in FIELDS if (TEMPLATE in field.arms) == (arm_of(payload) == TEMPLATE)]
    if any(field.path == path or field.path.startswith(f"{path}.") for field in FIELDS):
        kind = "a provider's template" if arm_of(payload) == TEMPLATE else f'type "{payload.get("type")}"'
        return f"{path} does not go with {kind}.", f"Remove {path}, or change the type."
    meant = closest(path, [name for name in known if "*" not in name])
    message = f"{path} is not a field of a video request."
    return message, f'Did you mean "{meant}"?' if meant else ""


def _not_of_the_piece(path: str) -> tuple[str, str]:
    noun, name, within = path.split(".", 2)
    pattern = f"{noun}.*.{within}"
    if any(field.path == pattern or field.path.startswith(f"{pattern}.") for field in FIELDS):
        thing = "a scene" if noun == "scenes" else "a variable"
        return f"{within} does not go with {thing} of this kind.", f"Remove {path}."
    words = scene_words() if noun == "scenes" else [f.path[12:] for f in FIELDS if f.path.startswith("variables.*.")]
    meant = closest(within, words)
    return f"{within} is no field of {noun}.{name}.", f'Did you mean "{meant}"?' if meant else ""


def _parts_of(path: str) -> str:
    pattern = pattern_of(path)
    parts = [f"{path}{field.path.removeprefix(pattern)}" for field in FIELDS if field.path.startswith(f"{pattern}.")]
    return f"Set its parts: {', '.join(parts)}." if parts else ""


def _bad_value(field: Field, finding: str, value: Any) -> tuple[str, str]:
    if finding == "string_unicode":
        return "The text holds half a character that cannot be sent.", "Type the text anew."
    match field.kind:
        case Kind.NUMBER:
            return _bad_number(field, value)
        case Kind.FLAG:
            return f'"{shown(value)}" is neither TRUE nor FALSE.', "Write TRUE or FALSE."
        case Kind.CHOICE | Kind.CAPTION:
            complaint = not_a_choice(field, shown(value))
            return complaint.message, complaint.hint
    if not isinstance(value, str):
        return f"{shown(value)} is not text.", f'Put it in quotes: "{shown(value)}".'
    match field.kind:
        case Kind.COLOR:
            return f'"{shown(value)}" is not a colour code.', _meant_color(value)
        case Kind.LINK:
            return f'"{shown(value)}" is not a link.', "A link starts with https:// and has no spaces."
        case Kind.ID:
            return f'"{shown(value)}" is not an id: ids have no spaces and no slashes.', _meant_id(field)
    return _too_long(field, value)


def _bad_number(field: Field, value: Any) -> tuple[str, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if field.whole and isinstance(value, float):
            return f"{shown(value)} is not a whole number.", f"Write {number_range(field)}."
        return f"{shown(value)} is out of range.", f"Write {number_range(field)}."
    try:
        parse(field, shown(value))
    except NotParsed as complaint:
        return complaint.message, complaint.hint
    return f'"{shown(value)}" is text.', "Write it without quotes."


def _meant_color(text: str) -> str:
    digits = text.removeprefix("#")
    if len(digits) == 3 and digits.isalnum():
        digits = "".join(digit * 2 for digit in digits)
    color = COLOR_WORDS.get(text.casefold()) or f"#{digits}"
    looks_right = len(color) == 7 and all(digit in "0123456789abcdefABCDEF" for digit in color[1:])
    return f'Did you mean "{color}"?' if looks_right else 'Write six digits after "#", like "#1a2b3c".'


def _meant_id(field: Field) -> str:
    if field.path.endswith("asset_id"):
        return "Give a link that starts with https://, an asset id, or the path of a file."
    return "Copy the id from the dashboard; a name is not an id."


def _too_long(field: Field, text: str) -> tuple[str, str]:
    most = field.max_chars or 0
    return (
        f"The {field.path} has {len(text):,} characters; {most:,} are the most.",
        f"Shorten it by {len(text) - most:,}, or make two videos of it.",
    )
