"""What the list of request fields is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

AVATAR, IMAGE, CINEMATIC, STUDIO = "avatar", "image", "cinematic_avatar", "studio"
TEMPLATE = "template"
"""Not a type of POST /v3/videos: a video from one of the provider's own templates, which has a route of its own."""

BOTH_ARMS = frozenset({AVATAR, IMAGE})
VIDEO_ARMS = frozenset({AVATAR, IMAGE, CINEMATIC, STUDIO})
ARMS = VIDEO_ARMS | {TEMPLATE}

EACH = "*"
"""Stands in a path for the number of a list's item, or for the name of a template's variable."""


class SceneKind(StrEnum):
    """What a scene of a studio video shows."""

    AVATAR = "avatar"  # an avatar speaks
    PHOTO = "photo"  # a picture speaks
    STILL = "still"  # a picture is shown, with or without a voice
    FILM = "film"


class Kind(StrEnum):
    """What one cell of a field holds."""

    TEXT = "text"
    ID = "id"  # an id of the provider: no spaces, no slashes
    LINK = "link"  # http:// or https://
    COLOR = "color"  # "#rrggbb"
    NUMBER = "number"
    FLAG = "flag"  # TRUE or FALSE
    CHOICE = "choice"
    ASSET = "asset"  # an object in the request; in one cell a link, an asset id or the path of a local file
    ASSETS = "assets"  # a list of objects; in one cell what an asset takes, with spaces between
    BACKGROUND = "background"  # an object in the request; in one cell a colour, or what an asset takes
    AUDIO = "audio"  # never in the request: one cell for audio_url and audio_asset_id
    CAPTION = "caption"  # an object in the request; in one cell one of its choices


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One request field. ``path`` is dotted; bounds are inclusive unless ``exclusive_minimum``.

    ``required`` means: whenever the object that holds it is there. ``everyday`` marks headers that are also
    ordinary words, which a sheet may hold without meaning the request. ``goes_with`` are the kinds of scene, or the
    types of variable, that have the field; empty: all.
    """

    path: str
    kind: Kind = Kind.TEXT
    note: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    whole: bool = False
    max_chars: int | None = None
    arms: frozenset[str] = BOTH_ARMS
    required: bool = False
    everyday: bool = False
    goes_with: frozenset[str] = frozenset()

    @property
    def is_object(self) -> bool:
        """Whether one cell is a shorthand here: the request holds an object, or another field, in its place."""
        return self.kind in (Kind.ASSET, Kind.ASSETS, Kind.BACKGROUND, Kind.CAPTION, Kind.AUDIO)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How many items a list holds; ``required``: whether its arms are nothing without it."""

    least: int
    most: int | None
    required: bool = False


def asset(
    path: str,
    note: str,
    *,
    noun: str = "picture",
    media: str = "image/png or image/jpeg",
    arms: frozenset[str] = BOTH_ARMS,
    goes_with: frozenset[str] = frozenset(),
) -> tuple[Field, ...]:
    """An asset and its parts, for those who would rather have a column per part."""

    def part(name: str, note: str, *, kind: Kind = Kind.TEXT) -> Field:
        return Field(path=f"{path}.{name}", kind=kind, arms=arms, goes_with=goes_with, note=note)

    return (
        Field(path=path, kind=Kind.ASSET, note=note, arms=arms, required=True, goes_with=goes_with),
        Field(
            path=f"{path}.type",
            kind=Kind.CHOICE,
            choices=("url", "asset_id", "base64"),
            arms=arms,
            required=True,
            goes_with=goes_with,
            note=f"How the {noun} is given; follows from the other parts.",
        ),
        part("url", f"Public link of the {noun}.", kind=Kind.LINK),
        part("asset_id", f"Asset id of an uploaded {noun}.", kind=Kind.ID),
        part("media_type", f"With base64: {media}."),
        part("data", f"With base64: the {noun} itself, as base64 text."),
    )


def choice(
    path: str,
    choices: tuple[str, ...],
    note: str,
    *,
    arms: frozenset[str] = BOTH_ARMS,
    required: bool = False,
    everyday: bool = False,
) -> Field:
    return Field(
        path=path, kind=Kind.CHOICE, choices=choices, note=note, arms=arms, required=required, everyday=everyday
    )


def number(
    path: str,
    minimum: float | None,
    maximum: float | None,
    note: str,
    *,
    arms: frozenset[str] = BOTH_ARMS,
    whole: bool = False,
    required: bool = False,
) -> Field:
    return Field(
        path=path,
        kind=Kind.NUMBER,
        minimum=minimum,
        maximum=maximum,
        note=note,
        arms=arms,
        whole=whole,
        required=required,
    )


def flag(path: str, note: str, *, arms: frozenset[str] = BOTH_ARMS) -> Field:
    return Field(path=path, kind=Kind.FLAG, note=note, arms=arms)
