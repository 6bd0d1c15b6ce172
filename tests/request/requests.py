"""Requests to test with: small valid ones, one that has everything, and strategies that draw them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from batchgen.fields import BY_PATH, Field, Kind

AVATAR: dict[str, Any] = {"type": "avatar", "avatar_id": "Anna_public", "script": "Hello."}
IMAGE: dict[str, Any] = {
    "type": "image",
    "image": {"type": "url", "url": "https://example.com/anna.jpg"},
    "script": "Hello.",
    "voice_id": "v1",
}

EVERYTHING_SHARED: dict[str, Any] = {
    "title": "Welcome Anna",
    "script": 'Hi <break time="1s"/> Anna.',
    "voice_id": "v1",
    "voice_settings": {
        "speed": 1.05,
        "pitch": -3,
        "volume": 0.9,
        "locale": "de-DE",
        "engine_settings": {
            "engine_type": "elevenlabs",
            "model": "eleven_v3",
            "stability": 0.5,
            "similarity_boost": 0.7,
            "style": 0.1,
            "use_speaker_boost": True,
        },
    },
    "resolution": "1080p",
    "aspect_ratio": "9:16",
    "fit": "cover",
    "output_format": "mp4",
    "background": {"type": "color", "value": "#1a2b3c"},
    "remove_background": True,
    "caption": {"file_format": "srt", "style": "default"},
    "watermark": {
        "image": {"type": "asset_id", "asset_id": "as1"},
        "scale": 0.5,
        "opacity": 0.8,
        "placement": {"position": "top_left", "offset_x": 0.1, "offset_y": -0.1},
    },
    "motion_prompt": "waves",
    "folder_id": "f1",
    "brand_glossary_id": "g1",
    "callback_url": "https://example.com/hook?s=1",
    "callback_id": "row 14",
}
EVERYTHING_AVATAR: dict[str, Any] = {
    "type": "avatar",
    "avatar_id": "Anna_public",
    **EVERYTHING_SHARED,
    "engine": {"type": "avatar_v", "reference_look_id": "look2"},
}
EVERYTHING_IMAGE: dict[str, Any] = {
    "type": "image",
    "image": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
    **EVERYTHING_SHARED,
    "expressiveness": "high",
}


def paths_of(payload: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted path → value, for every leaf."""
    paths: dict[str, Any] = {}
    for name, value in payload.items():
        paths |= paths_of(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return paths


def with_value(payload: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the payload with one dotted path set; None takes it out."""
    head, _, rest = path.partition(".")
    copy = dict(payload)
    if rest:
        below = copy.get(head)
        copy[head] = with_value(below if isinstance(below, dict) else {}, rest, value)
    elif value is None:
        copy.pop(head, None)
    else:
        copy[head] = value
    return copy


def with_values(payload: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    for path, value in values.items():
        payload = with_value(payload, path, value)
    return payload


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
IDS = st.from_regex(r"[A-Za-z0-9_\-]{1,20}", fullmatch=True)
LINKS = st.from_regex(r"https://[a-z]{1,9}\.example/[a-z0-9]{0,9}", fullmatch=True)
COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values that fit one field by itself."""
    match field.kind:
        case Kind.TEXT:
            return WORDS
        case Kind.ID:
            return IDS
        case Kind.LINK:
            return LINKS
        case Kind.COLOR:
            return COLORS
        case Kind.FLAG:
            return st.booleans()
        case Kind.NUMBER:
            return _numbers(field)
        case Kind.CHOICE | Kind.CAPTION:
            return st.sampled_from(field.choices)
        case Kind.ASSET | Kind.ASSETS | Kind.AUDIO:
            return LINKS | IDS
        case Kind.BACKGROUND:
            return LINKS | IDS | COLORS


def _numbers(field: Field) -> st.SearchStrategy[Any]:
    assert field.minimum is not None
    if field.whole:
        return st.integers(int(field.minimum), None if field.maximum is None else int(field.maximum))
    return st.floats(field.minimum, field.maximum, exclude_min=field.exclusive_minimum)


def any_fields() -> st.SearchStrategy[dict[str, Any]]:
    """Nested fields of the arms, each fitting by itself; together they may contradict each other."""
    flat = st.fixed_dictionaries(
        {}, optional={field.path: values_of(field) for field in BY_PATH.values() if not field.is_object}
    )
    return st.builds(with_values, st.sampled_from([{}, AVATAR, IMAGE]), flat)


# Fields that get along with every other one, so that a drawn request is accepted.
_PEACEFUL = (
    "title",
    "resolution",
    "aspect_ratio",
    "fit",
    "remove_background",
    "voice_settings.speed",
    "voice_settings.pitch",
    "voice_settings.locale",
    "caption.style",
    "folder_id",
    "callback_url",
    "callback_id",
    "motion_prompt",
)


def accepted_fields() -> st.SearchStrategy[dict[str, Any]]:
    """Nested fields that make a request."""
    flat = st.fixed_dictionaries({}, optional={path: values_of(BY_PATH[path]) for path in _PEACEFUL})
    return st.builds(with_values, st.sampled_from([AVATAR, IMAGE]), flat)
