"""The provider's contract in our own words: what a request of each kind may hold, and what it must not.

Written from the provider's public pages (POST /v3/videos, POST /v3/templates/{template_id}), apart from the list of
fields and from the simulator, so that a drift of either shows. Values are such as any account has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Request = dict[str, Any]
Strategy = st.SearchStrategy[Any]

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=20)
IDS = st.from_regex(r"id_[a-z0-9]{1,12}", fullmatch=True)
LINKS = st.from_regex(r"https://[a-z]{1,9}\.example/[a-z0-9]{1,9}", fullmatch=True)
COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
FLAGS = st.booleans()
SHARE = st.floats(0, 1)


def record(required: Mapping[str, Strategy], **optional: Strategy) -> Strategy:
    """An object with these fields."""
    return st.fixed_dictionaries(dict(required), optional=optional)


def one_of(*words: str) -> Strategy:
    return st.sampled_from(words)


def with_type(kind: str, **required: Strategy) -> dict[str, Strategy]:
    return {"type": st.just(kind), **required}


ASSETS = (
    record(with_type("url", url=LINKS))
    | record(with_type("asset_id", asset_id=IDS))
    | record(with_type("base64", media_type=st.just("image/png"), data=st.just("aGk=")))
)
ENGINE_SETTINGS = (
    record(
        {"engine_type": st.just("elevenlabs")},
        model=one_of("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5"),
        stability=SHARE,
        similarity_boost=SHARE,
        style=SHARE,
        use_speaker_boost=FLAGS,
    )
    | record(
        {"engine_type": st.just("elevenlabs"), "model": st.just("eleven_v3")}, stability=st.sampled_from([0, 0.5, 1])
    )
    | record({"engine_type": st.just("fish")}, model=one_of("s1", "s2-pro"), stability=SHARE, similarity=SHARE)
    | record({"engine_type": st.just("starfish")})
)
VOICE_SETTINGS = record(
    {},
    speed=st.floats(0.5, 1.5),
    pitch=st.floats(-50, 50),
    volume=SHARE,
    locale=one_of("de-DE", "en-US"),
    engine_settings=ENGINE_SETTINGS,
)
SHAPE = {
    "resolution": one_of("4k", "1080p", "720p"),
    "aspect_ratio": one_of("16:9", "9:16", "4:5", "5:4", "1:1", "auto"),
}
CAPTION = record({}, file_format=st.just("srt"), style=st.just("default"))
WATERMARK = record(
    {"image": ASSETS},
    scale=st.floats(0, 2, exclude_min=True),
    opacity=SHARE,
    placement=record(
        {},
        position=one_of("top_left", "top_right", "bottom_left", "bottom_right"),
        offset_x=st.floats(-1, 1),
        offset_y=st.floats(-1, 1),
    ),
)
CALLBACK = {"callback_url": LINKS, "callback_id": WORDS}
DRESSED_UP = {"title": WORDS, **CALLBACK, **SHAPE, "caption": CAPTION, "watermark": WATERMARK}
MOTION = {"motion_prompt": WORDS, "expressiveness": one_of("high", "medium", "low")}

BACKGROUNDS = (
    record(with_type("color", value=COLORS))
    | record(with_type("image", url=LINKS))
    | record(with_type("image", asset_id=IDS))
)
PICTURE = record({}, output_format=st.just("mp4"), background=BACKGROUNDS, fit=one_of("contain", "cover")) | record(
    {"output_format": st.just("webm")}, remove_background=FLAGS
)
SCRIPTED = record({"script": WORDS}, voice_id=IDS, voice_settings=VOICE_SETTINGS)
VOICED = record({"script": WORDS, "voice_id": IDS}, voice_settings=VOICE_SETTINGS)
RECORDED = record({"audio_url": LINKS}) | record({"audio_asset_id": IDS})
ENGINES = (
    record({}, engine=record(with_type("avatar_iv")), **MOTION)
    | record(
        {"engine": record(with_type("avatar_v"), reference_look_id=IDS)},
        motion_prompt=WORDS,
    )
    | record({"engine": record(with_type("avatar_iii"))})
)


def together(*parts: Strategy) -> Strategy:
    """One object with the fields of all parts."""
    return st.tuples(*parts).map(lambda drawn: {name: part for each in drawn for name, part in each.items()})


AVATAR = together(
    record(with_type("avatar", avatar_id=IDS), **DRESSED_UP, folder_id=IDS, brand_glossary_id=IDS),
    SCRIPTED | RECORDED,
    ENGINES,
    PICTURE,
)
IMAGE = together(
    record(with_type("image", image=ASSETS), **DRESSED_UP, **MOTION, folder_id=IDS, brand_glossary_id=IDS),
    VOICED | RECORDED,
    PICTURE,
)
CINEMATIC = together(
    record(
        with_type("cinematic_avatar", prompt=WORDS, avatar_id=st.lists(IDS, min_size=1, max_size=3)),
        title=WORDS,
        references=st.lists(ASSETS, min_size=1, max_size=6),  # with the looks nine pictures, the most
        enhance_prompt=FLAGS,
        aspect_ratio=one_of("16:9", "9:16", "1:1"),
        resolution=one_of("720p", "1080p"),
    ),
    record({}, duration=st.integers(4, 15), auto_duration=st.just(False)) | record({"auto_duration": st.just(True)}),
)
SPEAKERS = together(
    record(with_type("avatar", avatar_id=IDS), background=record(with_type("color", color=COLORS))),
    SCRIPTED | RECORDED,
    ENGINES,
) | together(record(with_type("image", image=ASSETS), **MOTION), VOICED | RECORDED)
SCENES = (
    record(with_type("avatar_video", input=SPEAKERS))
    | together(record(with_type("image", source=ASSETS), duration=st.floats(0.1, 60)), VOICED | RECORDED | st.just({}))
    | record(with_type("video", source=ASSETS), playback=record({}, mute=FLAGS, volume=SHARE))
)
STUDIO = record(with_type("studio", scenes=st.lists(SCENES, min_size=1, max_size=3)), **DRESSED_UP)

VARIABLES: dict[str, Strategy] = {
    "text": record(with_type("text", content=WORDS)),
    "image": record(with_type("image", asset=ASSETS), fit=one_of("contain", "cover")),
    "video": record(
        with_type("video", asset=ASSETS), fit=one_of("contain"), play_style=one_of("loop", "freeze"), volume=SHARE
    ),
    "audio": record(with_type("audio", asset=ASSETS)),
    "character": record(with_type("character", character_id=IDS, character_type=one_of("avatar", "talking_photo"))),
    "voice": record(with_type("voice", voice_id=IDS), locale=one_of("de-DE")),
}
EVEN = st.integers(64, 2048).map(lambda half: half * 2)


def template_requests(template: Mapping[str, Any]) -> Strategy:
    """Requests for a template as GET /v3/templates/{id} shows it, with ``template_id`` in them."""
    named = {name: VARIABLES[variable["type"]] for name, variable in template["variables"].items()}
    return record(
        {"template_id": st.just(template["id"]), "variables": record({}, **named)},
        title=WORDS,
        **CALLBACK,
        folder_id=IDS,
        brand_voice_id=IDS,
        caption=FLAGS,
        dimension=record({"width": EVEN, "height": EVEN}),
        enable_sharing=FLAGS,
        fps=st.sampled_from([25, 30, 60]),
        include_gif=FLAGS,
        keep_text_vertically_centered=FLAGS,
        reorder_music=FLAGS,
        scene_ids=st.lists(st.sampled_from(template["scene_ids"]), min_size=1, max_size=3),
        subtitles=record(
            {"preset_name": WORDS},
            alignment=st.integers(0, 9),
            font_size=st.integers(1, 200),
            disable_highlight=FLAGS,
            position=record({}, x=st.floats(0, 1), y=st.floats(0, 1)),
        ),
    )


# What no account's request may be: the kind of request it is done to, and the fields that are set; None takes one out.
BROKEN: tuple[tuple[str, dict[str, Any]], ...] = (
    *((kind, {"zzz": 1}) for kind in ("avatar", "image", "cinematic", "studio", "template")),
    *((kind, {"resolution": "8k"}) for kind in ("avatar", "image", "cinematic", "studio")),
    *((kind, {"aspect_ratio": "3:2"}) for kind in ("avatar", "image", "cinematic", "studio")),
    *((kind, {"caption": {"style": "bold"}}) for kind in ("avatar", "image", "studio")),
    *((kind, {"watermark": {"scale": 1}}) for kind in ("avatar", "image", "studio")),
    *((kind, {"title": 7}) for kind in ("avatar", "image", "cinematic", "studio", "template")),
    ("avatar", {"avatar_id": None}),
    ("avatar", {"image": {"type": "asset_id", "asset_id": "id_1"}}),
    ("avatar", {"script": None, "audio_url": None, "audio_asset_id": None}),
    ("avatar", {"script": "Hi.", "audio_url": "https://a.example/a", "audio_asset_id": None}),
    ("avatar", {"voice_settings": {"speed": 1.6}}),
    ("avatar", {"voice_settings": {"engine_settings": {"engine_type": "elevenlabs", "similarity": 0.5}}}),
    ("avatar", {"output_format": "webm", "background": {"type": "color", "value": "#ffffff"}}),
    ("avatar", {"engine": {"type": "avatar_iii"}, "motion_prompt": "waves"}),
    ("avatar", {"engine": {"type": "avatar_v"}, "expressiveness": "low"}),
    ("avatar", {"engine": {"type": "avatar_iv", "reference_look_id": "id_1"}}),
    ("avatar", {"prompt": "A walk"}),
    ("image", {"image": None}),
    ("image", {"engine": {"type": "avatar_iv"}}),
    ("image", {"script": "Hi.", "audio_url": None, "audio_asset_id": None, "voice_id": None}),
    ("cinematic", {"prompt": None}),
    ("cinematic", {"prompt": "x" * 10_001}),
    ("cinematic", {"avatar_id": None}),
    ("cinematic", {"avatar_id": ["id_1"] * 4}),
    ("cinematic", {"duration": 3, "auto_duration": None}),
    ("cinematic", {"duration": 16, "auto_duration": None}),
    ("cinematic", {"duration": 4.5, "auto_duration": None}),
    ("cinematic", {"duration": 5, "auto_duration": True}),
    ("cinematic", {"resolution": "4k"}),
    ("cinematic", {"aspect_ratio": "4:5"}),
    ("cinematic", {"script": "Hi."}),
    ("cinematic", {"callback_url": "https://a.example/a"}),
    ("cinematic", {"references": [{"type": "asset_id", "asset_id": "id_1"}] * 12}),
    ("studio", {"scenes": None}),
    ("studio", {"scenes": [{"type": "video", "source": {"type": "asset_id", "asset_id": "id_1"}}] * 51}),
    ("studio", {"scenes": [{"type": "avatar_video", "input": {"type": "avatar", "script": "Hi."}}]}),
    ("studio", {"scenes": [{"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "id_1"}}]}),
    ("studio", {"scenes": [{"type": "image", "source": {"type": "asset_id", "asset_id": "a"}, "script": "Hi."}]}),
    ("studio", {"scenes": [{"type": "image", "duration": 3}]}),
    ("studio", {"scenes": [{"type": "image", "source": {"type": "asset_id", "asset_id": "id_1"}, "duration": 0}]}),
    ("studio", {"scenes": [{"type": "video", "source": {"type": "asset_id", "asset_id": "id_1"}, "script": "Hi."}]}),
    ("studio", {"scenes": [{"type": "hologram", "source": {"type": "asset_id", "asset_id": "id_1"}}]}),
    ("studio", {"avatar_id": "id_1"}),
    ("studio", {"folder_id": "id_1"}),
    ("template", {"dimension": {"width": 1281, "height": 720}}),
    ("template", {"dimension": {"width": 1280}}),
    ("template", {"dimension": {"width": 64, "height": 64}}),
    ("template", {"fps": 24}),
    ("template", {"caption": "default"}),
    ("template", {"subtitles": {"alignment": 2}}),
    ("template", {"type": "avatar"}),
    ("template", {"script": "Hi."}),
    ("template", {"variables": {"first_name": {"type": "text"}}}),
    ("template", {"variables": {"first_name": {"type": "colour", "content": "red"}}}),
    ("template", {"variables": {"logo": {"type": "image", "content": "x"}}}),
)  # fmt: skip
