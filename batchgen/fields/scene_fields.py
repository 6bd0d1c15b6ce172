"""The fields of one scene of a studio video (POST /v3/videos, arm ``studio``), as people write them.

The API wraps who speaks into ``input``; here a scene is flat, and what it shows follows from its fields.
"""

from __future__ import annotations

from dataclasses import replace

from batchgen.fields.field import STUDIO, Field, Kind, SceneKind, asset, choice
from batchgen.fields.video_fields import AVATAR_ID, ENGINE_FIELDS, IMAGE_FIELDS, MOTION_FIELDS, SPEECH_FIELDS

SCENE_TYPES = ("avatar_video", "image", "video")

_STUDIO = frozenset({STUDIO})
_AVATAR, _PHOTO = frozenset({SceneKind.AVATAR}), frozenset({SceneKind.PHOTO})
_STILL, _FILM = frozenset({SceneKind.STILL}), frozenset({SceneKind.FILM})


def _of(kinds: frozenset[SceneKind], *fields: Field) -> tuple[Field, ...]:
    """The fields as those of a scene of these kinds."""
    goes_with = frozenset(map(str, kinds))
    return tuple(
        replace(field, path=f"scenes.*.{field.path}", arms=_STUDIO, everyday=False, goes_with=goes_with)
        for field in fields
    )


SCENE_FIELDS: tuple[Field, ...] = (
    *_of(
        frozenset(),
        choice("type", SCENE_TYPES, "Someone speaks, a picture, or a film is shown; follows from the other fields."),
    ),
    *_of(_AVATAR, replace(AVATAR_ID, note="Id of the avatar look that speaks.")),
    *_of(_PHOTO, *IMAGE_FIELDS),
    *_of(
        _STILL | _FILM,
        *asset("source", "The picture or film that is shown: a link, an asset id or a path.", noun="file"),
    ),
    *_of(_AVATAR | _PHOTO | _STILL, *SPEECH_FIELDS),
    *_of(_AVATAR | _PHOTO, *MOTION_FIELDS),
    *_of(
        _AVATAR,
        *ENGINE_FIELDS,
        Field(path="background", kind=Kind.BACKGROUND, note='A colour like "#1a2b3c".'),
        choice("background.type", ("color",), "color; follows from the colour.", required=True),
        Field(path="background.color", kind=Kind.COLOR, required=True, note='Background colour like "#1a2b3c".'),
    ),
    *_of(
        _STILL,
        Field(
            path="duration",
            kind=Kind.NUMBER,
            minimum=0,
            exclusive_minimum=True,
            note="How long the picture is shown, in seconds.",
        ),
    ),
    *_of(
        _FILM,
        Field(path="playback.mute", kind=Kind.FLAG, note="TRUE plays the film without its sound."),
        Field(path="playback.volume", kind=Kind.NUMBER, minimum=0, maximum=1, note="Volume of the film, 0 to 1."),
    ),
)
