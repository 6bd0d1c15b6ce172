"""The one list of request fields: names, kinds, bounds and a line for people.

Source: the Create Video page of the video API (POST /v3/videos), arms ``avatar`` and ``image``. Columns, job
files, the request's checks and the template workbook all read this list; none has another.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

AVATAR, IMAGE = "avatar", "image"
BOTH_ARMS = frozenset({AVATAR, IMAGE})

ENGINES = ("avatar_iv", "avatar_v", "avatar_iii")
ELEVENLABS_MODELS = ("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3")
FISH_MODELS = ("s1", "s2-pro")
SCRIPT_MAX_CHARS = 5_000  # limits page


class Kind(StrEnum):
    """What one cell of a field holds."""

    TEXT = "text"
    ID = "id"  # an id of the provider: no spaces, no slashes
    LINK = "link"  # http:// or https://
    COLOR = "color"  # "#rrggbb"
    NUMBER = "number"
    FLAG = "flag"  # TRUE or FALSE
    CHOICE = "choice"
    ASSET = "asset"  # an object in the request; in one cell a link or an asset id
    BACKGROUND = "background"  # an object in the request; in one cell a colour, a link or an asset id
    CAPTION = "caption"  # an object in the request; in one cell one of its choices


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One request field. ``path`` is dotted; bounds are inclusive unless ``exclusive_minimum``.

    ``required`` means: whenever the object that holds it is there. ``everyday`` marks headers that are also
    ordinary words, which a sheet may hold without meaning the request.
    """

    path: str
    kind: Kind = Kind.TEXT
    note: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    max_chars: int | None = None
    arms: frozenset[str] = BOTH_ARMS
    required: bool = False
    everyday: bool = False

    @property
    def is_object(self) -> bool:
        """Whether the request holds an object here, for which one cell is a shorthand."""
        return self.kind in (Kind.ASSET, Kind.BACKGROUND, Kind.CAPTION)


def _choice(path: str, choices: tuple[str, ...], note: str, *, everyday: bool = False) -> Field:
    return Field(path=path, kind=Kind.CHOICE, choices=choices, note=note, everyday=everyday)


def _number(path: str, minimum: float, maximum: float, note: str) -> Field:
    return Field(path=path, kind=Kind.NUMBER, minimum=minimum, maximum=maximum, note=note)


def _asset(path: str, note: str, *, arms: frozenset[str] = BOTH_ARMS) -> tuple[Field, ...]:
    """An asset and its parts, for those who would rather have a column per part."""
    return (
        Field(path=path, kind=Kind.ASSET, note=note, arms=arms, required=True),
        Field(
            path=f"{path}.type",
            kind=Kind.CHOICE,
            choices=("url", "asset_id", "base64"),
            arms=arms,
            required=True,
            note="How the picture is given; follows from the other parts.",
        ),
        Field(path=f"{path}.url", kind=Kind.LINK, arms=arms, note="Public link of the picture."),
        Field(path=f"{path}.asset_id", kind=Kind.ID, arms=arms, note="Asset id of an uploaded picture."),
        Field(path=f"{path}.media_type", arms=arms, note="With base64: image/png or image/jpeg."),
        Field(path=f"{path}.data", arms=arms, note="With base64: the picture itself, as base64 text."),
    )


_VOICE = "voice_settings"
_VOICE_ENGINE = f"{_VOICE}.engine_settings"

FIELDS: tuple[Field, ...] = (
    Field(
        path="type",
        kind=Kind.CHOICE,
        choices=(AVATAR, IMAGE),
        required=True,
        everyday=True,
        note='"avatar": an avatar speaks (avatar_id). "image": a picture speaks (image).',
    ),
    Field(
        path="avatar_id",
        kind=Kind.ID,
        arms=frozenset({AVATAR}),
        required=True,
        note="Id of the avatar look (of a look, not of a group).",
    ),
    *_asset("image", "The picture that speaks: a link or an asset id.", arms=frozenset({IMAGE})),
    Field(
        path="script",
        max_chars=SCRIPT_MAX_CHARS,
        note='What is spoken, up to 5,000 characters. A pause: <break time="1.5s"/>.',
    ),
    Field(
        path="audio_url",
        kind=Kind.LINK,
        note="Link of a recording (WAV or MP3, at most 10 minutes, 50 MB) instead of a script.",
    ),
    Field(path="audio_asset_id", kind=Kind.ID, note="Asset id of an uploaded recording instead of a script."),
    Field(
        path="voice_id",
        kind=Kind.ID,
        note="Id of the voice that speaks the script; empty: the avatar's own voice.",
    ),
    _number(f"{_VOICE}.speed", 0.5, 1.5, "Speed of speech, 0.5 to 1.5; 1 is normal."),
    _number(f"{_VOICE}.pitch", -50, 50, "Pitch, -50 to 50; 0 is normal."),
    _number(f"{_VOICE}.volume", 0, 1, "Volume, 0 to 1; 1 is full."),
    Field(path=f"{_VOICE}.locale", note='Accent of a multilingual voice, e.g. "de-DE".'),
    Field(
        path=f"{_VOICE_ENGINE}.engine_type",
        kind=Kind.CHOICE,
        choices=("elevenlabs", "fish", "starfish"),
        required=True,
        note="The speech engine of the voice; must fit the voice.",
    ),
    _choice(
        f"{_VOICE_ENGINE}.model",
        ELEVENLABS_MODELS + FISH_MODELS,
        "Model of the speech engine (elevenlabs, fish).",
    ),
    _number(f"{_VOICE_ENGINE}.stability", 0, 1, "elevenlabs and fish: 0 to 1; with eleven_v3 exactly 0, 0.5 or 1."),
    _number(f"{_VOICE_ENGINE}.similarity_boost", 0, 1, "elevenlabs: closeness to the original voice, 0 to 1."),
    _number(f"{_VOICE_ENGINE}.similarity", 0, 1, "fish: closeness to the original voice, 0 to 1."),
    _number(f"{_VOICE_ENGINE}.style", 0, 1, "elevenlabs: exaggeration of style, 0 to 1."),
    Field(
        path=f"{_VOICE_ENGINE}.use_speaker_boost",
        kind=Kind.FLAG,
        note="elevenlabs: TRUE brings the voice closer to its speaker.",
    ),
    Field(path="title", everyday=True, note="Title in the video dashboard."),
    _choice("resolution", ("4k", "1080p", "720p"), "Size of the picture; 1080p when empty."),
    _choice(
        "aspect_ratio",
        ("16:9", "9:16", "4:5", "5:4", "1:1", "auto"),
        "Shape of the picture; 16:9 when empty.",
    ),
    _choice("fit", ("contain", "cover"), "How the avatar or picture fills the frame.", everyday=True),
    _choice("output_format", ("mp4", "webm"), "mp4, or webm for a transparent background."),
    Field(
        path="background",
        kind=Kind.BACKGROUND,
        everyday=True,
        note='A colour like "#1a2b3c", the link of a picture, or its asset id.',
    ),
    Field(
        path="background.type",
        kind=Kind.CHOICE,
        choices=("color", "image"),
        required=True,
        note="color or image; follows from the other parts.",
    ),
    Field(path="background.value", kind=Kind.COLOR, note='Background colour like "#1a2b3c".'),
    Field(path="background.url", kind=Kind.LINK, note="Link of the background picture."),
    Field(path="background.asset_id", kind=Kind.ID, note="Asset id of the background picture."),
    Field(
        path="remove_background",
        kind=Kind.FLAG,
        note="TRUE cuts the person out; video avatars must be trained with matting.",
    ),
    Field(
        path="caption",
        kind=Kind.CAPTION,
        choices=("default", "srt"),
        everyday=True,
        note='"default" burns captions into the picture; "srt" only gives the subtitle file.',
    ),
    _choice("caption.file_format", ("srt",), "Format of the subtitle file."),
    _choice("caption.style", ("default",), "Burns captions into the picture."),
    *_asset("watermark.image", "Picture of the watermark (PNG or JPEG; Enterprise only): a link or an asset id."),
    Field(
        path="watermark.scale",
        kind=Kind.NUMBER,
        minimum=0,
        maximum=2,
        exclusive_minimum=True,
        note="Size of the watermark, above 0 to 2; 1 is its own size.",
    ),
    _number("watermark.opacity", 0, 1, "Opacity of the watermark, 0 to 1."),
    _choice(
        "watermark.placement.position",
        ("top_left", "top_right", "bottom_left", "bottom_right"),
        "Corner of the watermark; bottom_right when empty.",
    ),
    _number("watermark.placement.offset_x", -1, 1, "Sideways shift of the watermark, -1 to 1."),
    _number("watermark.placement.offset_y", -1, 1, "Up or down shift of the watermark, -1 to 1."),
    Field(path="motion_prompt", note="The body's motion in words, e.g. waves at the camera."),
    _choice("expressiveness", ("high", "medium", "low"), "Photo avatars and pictures on Avatar IV only."),
    Field(
        path="engine.type",
        kind=Kind.CHOICE,
        choices=ENGINES,
        arms=frozenset({AVATAR}),
        required=True,
        note="Avatar engine; avatar_iv when empty.",
    ),
    Field(
        path="engine.reference_look_id",
        kind=Kind.ID,
        arms=frozenset({AVATAR}),
        note="avatar_v: another look of the same group to take the appearance from.",
    ),
    Field(path="folder_id", kind=Kind.ID, note="Folder of the dashboard that the video goes to."),
    Field(path="brand_glossary_id", kind=Kind.ID, note="Brand glossary: how names and terms are spoken."),
    Field(path="callback_url", kind=Kind.LINK, note="Address that is called when the video is done."),
    Field(path="callback_id", note="Your own mark, echoed to the callback address."),
)

BY_PATH: dict[str, Field] = {field.path: field for field in FIELDS}

# A header that names an object by its one part that people mean.
_BY_SHORTHAND: dict[str, Field] = {
    "engine": replace(BY_PATH["engine.type"], everyday=True),
    "watermark": BY_PATH["watermark.image"],
}
SHORTHANDS: dict[str, str] = {header: field.path for header, field in _BY_SHORTHAND.items()}


class NotParsed(ValueError):
    """A cell's text is not what its field wants; ``message`` and ``hint`` are for people."""

    def __init__(self, message: str, hint: str) -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}")


_SEPARATORS = re.compile(r"[\s_\-]+")
_AROUND_DOTS = re.compile(r"_?\._?")


def normal(header: str) -> str:
    """``First Name``, ``first-name`` and `` FIRST_NAME `` as one: ``first_name``. Dots stay."""
    folded = _SEPARATORS.sub("_", unicodedata.normalize("NFKC", header).strip().casefold())
    return _AROUND_DOTS.sub(".", folded)


def field_for_header(header: str) -> Field | None:
    """The field that a column of this name sets, or None when it is a plain value."""
    name = normal(header)
    return _BY_SHORTHAND.get(name) or BY_PATH.get(name)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant ("did you mean"), or None rather than a wild guess."""
    by_normal = {normal(name): name for name in known}
    wanted = normal(word)
    near = difflib.get_close_matches(wanted, by_normal, n=1, cutoff=0.7)
    if near:
        return by_normal[near[0]]
    holding = [name for folded, name in by_normal.items() if len(wanted) > 1 and wanted in folded]
    return holding[0] if len(holding) == 1 else None


def parse(field: Field, text: str) -> str | int | float | bool:
    """The value that a cell's text means for this field; bounds are the request's business.

    Text stays exactly as it is. Raises NotParsed.
    """
    match field.kind:
        case Kind.TEXT:
            return text
        case Kind.ID | Kind.LINK | Kind.COLOR | Kind.ASSET | Kind.BACKGROUND:
            return text.strip()
        case Kind.NUMBER:
            return _parse_number(field, text.strip())
        case Kind.FLAG:
            return _parse_flag(text.strip())
        case Kind.CHOICE | Kind.CAPTION:
            return _parse_choice(field, text.strip())
        case _:
            assert_never(field.kind)


_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")


def _parse_number(field: Field, text: str) -> int | float:
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _DECIMAL_COMMA.fullmatch(text):
        raise NotParsed(f'"{text}" has a decimal comma.', f'Write it with a point: "{text.replace(",", ".")}".')
    raise NotParsed(f'"{text}" is not a number.', f"Write {number_range(field)}.")


def number_range(field: Field) -> str:
    """The numbers that a field takes, in words: ``a number from 0.5 to 1.5``."""
    start = "above" if field.exclusive_minimum else "from"
    return f"a number {start} {field.minimum:g} to {field.maximum:g}"


_FLAGS = {"true": True, "false": False}


def _parse_flag(text: str) -> bool:
    flag = _FLAGS.get(text.casefold())
    if flag is None:
        raise NotParsed(f'"{text}" is neither TRUE nor FALSE.', "Write TRUE or FALSE.")
    return flag


_CLOCK_TIME = re.compile(r"0?(\d{1,2}):0?(\d{1,2})(?::00)?")


def _parse_choice(field: Field, text: str) -> str:
    if text in field.choices:
        return text
    chosen = _same_choice(field, text, normal)
    # Spreadsheet programs take 16:9 for a time of day and show 16:09.
    clock = _CLOCK_TIME.fullmatch(text) if field.path == "aspect_ratio" else None
    if chosen is None and clock:
        chosen = _same_choice(field, f"{int(clock[1])}:{int(clock[2])}", str)
    if chosen is None:
        raise not_a_choice(field, text)
    return chosen


def _same_choice(field: Field, text: str, fold: Callable[[str], str]) -> str | None:
    wanted = fold(text)
    return next((choice for choice in field.choices if fold(choice) == wanted), None)


def not_a_choice(field: Field, text: str) -> NotParsed:
    """The complaint about a word that is none of the field's choices."""
    listed = ", ".join(field.choices)
    message = f'"{text}" is not one of {listed}.' if len(field.choices) > 1 else f'"{text}" is not "{listed}".'
    meant = closest(text, field.choices)
    return NotParsed(message, f'Did you mean "{meant}"?' if meant else f"Write {_alternatives(field.choices)}.")


def _alternatives(choices: tuple[str, ...]) -> str:
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last
