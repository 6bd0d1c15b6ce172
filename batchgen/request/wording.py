"""The validator's findings in the words of the person at the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchgen.fields import BY_PATH, Field, Kind, NotParsed, closest, not_a_choice, number_range, parse
from batchgen.request.normal_form import COLOR_WORDS
from batchgen.request.problems import FieldProblem, shown

_MISSING = {
    "type": (
        "Nothing says who speaks.",
        'Give avatar_id for an avatar or image for a picture; with both, set type to "avatar" or "image".',
    ),
    "avatar_id": ("An avatar video needs avatar_id.", "Give the id of an avatar look."),
    "image": ("An image video needs image.", "Give the link or the asset id of the picture that speaks."),
    "watermark.image": ("A watermark needs its image.", "Give the link or the asset id of a PNG or JPEG."),
    "engine.type": ("The engine has no type.", "Set engine to avatar_iv, avatar_v or avatar_iii."),
    "voice_settings.engine_settings.engine_type": (
        "The voice's engine settings do not say which engine they are for.",
        "Set engine_type to elevenlabs, fish or starfish.",
    ),
    "background.type": ("The background has no type.", 'Set it to "color" or "image".'),
}


def problem_of_shape(path: str, finding: str, value: Any, payload: Mapping[str, Any]) -> FieldProblem:
    """One finding of the validator (``finding`` is its error type) as a problem for people."""
    if finding == "missing":
        message, hint = _MISSING.get(path) or (f"{path} is missing.", "")
        return FieldProblem(path=path, message=message, hint=hint)
    if finding == "extra_forbidden":
        message, hint = _not_a_field_here(path, payload)
    elif finding == "dict_type":
        message, hint = f"{shown(value)} cannot stand for {path}.", _parts_of(path)
    else:
        message, hint = _bad_value(BY_PATH[path], finding, value)
    return FieldProblem(path=path, value=shown(value), message=message, hint=hint)


def _not_a_field_here(path: str, payload: Mapping[str, Any]) -> tuple[str, str]:
    arm = payload.get("type")
    known_elsewhere = any(name == path or name.startswith(f"{path}.") for name in BY_PATH)
    if known_elsewhere:
        return f'{path} does not go with type "{arm}".', f"Remove {path}, or change the type."
    meant = closest(path, BY_PATH)
    message = f"{path} is not a field of a video request."
    return message, f'Did you mean "{meant}"?' if meant else ""


def _parts_of(path: str) -> str:
    parts = [name for name in BY_PATH if name.startswith(f"{path}.")]
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
        return "Give a link that starts with https://, or the asset id of an uploaded file."
    return "Copy the id from the dashboard; a name is not an id."


def _too_long(field: Field, text: str) -> tuple[str, str]:
    most = field.max_chars or 0
    return (
        f"The {field.path} has {len(text):,} characters; {most:,} are the most.",
        f"Shorten it by {len(text) - most:,}, or make two videos of it.",
    )
