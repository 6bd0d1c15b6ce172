"""The structure of a create-video request: every field, word and bound of the four arms, as data."""

from __future__ import annotations

from batchgen.simulator.shapes import Choice, Flag, Many, Number, Record, Shape, Text, Union

LONGEST_SCRIPT = 5_000  # characters; the provider's limits page

WORD = Text(nullable=False)
RESOLUTION = Choice(of=("4k", "1080p", "720p"))
ASPECT_RATIO = Choice(of=("16:9", "9:16", "4:5", "5:4", "1:1", "auto"))
OUTPUT_FORMAT = Choice(of=("mp4", "webm"), nullable=False)
ENGINES = ("avatar_iii", "avatar_iv", "avatar_v")

ASSET = Union(
    nullable=False,
    arms={
        "url": Record(fields={"type": WORD, "url": Text(minimum=1, nullable=False)}, required=("url",)),
        "asset_id": Record(fields={"type": WORD, "asset_id": Text(minimum=1, nullable=False)}, required=("asset_id",)),
        "base64": Record(fields={"type": WORD, "media_type": WORD, "data": WORD}, required=("media_type", "data")),
    },
)

BACKGROUND = Record(
    fields={
        "type": Choice(of=("color", "image"), nullable=False),
        "value": Text(),
        "url": Text(),
        "asset_id": Text(),
    },
    required=("type",),
)

SHARE = Number(minimum=0, maximum=1)
ENGINE_SETTINGS = Union(
    by="engine_type",
    arms={
        "elevenlabs": Record(
            fields={
                "engine_type": WORD,
                "model": Choice(of=("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3")),
                "stability": SHARE,
                "similarity_boost": SHARE,
                "style": SHARE,
                "use_speaker_boost": Flag(),
            }
        ),
        "fish": Record(
            fields={
                "engine_type": WORD,
                "model": Choice(of=("s1", "s2-pro")),
                "stability": SHARE,
                "similarity": SHARE,
            }
        ),
        "starfish": Record(fields={"engine_type": WORD}),
    },
)

VOICE_SETTINGS = Record(
    fields={
        "speed": Number(minimum=0.5, maximum=1.5, nullable=False),
        "pitch": Number(minimum=-50, maximum=50, nullable=False),
        "volume": Number(minimum=0, maximum=1, nullable=False),
        "locale": Text(),
        "engine_settings": ENGINE_SETTINGS,
    }
)

CAPTION = Record(fields={"file_format": Choice(of=("srt",), nullable=False), "style": Choice(of=("default",))})

WATERMARK = Record(
    fields={
        "image": ASSET,
        "scale": Number(above=0, maximum=2, nullable=False),
        "opacity": Number(minimum=0, maximum=1, nullable=False),
        "placement": Record(
            fields={
                "position": Choice(of=("top_left", "top_right", "bottom_left", "bottom_right"), nullable=False),
                "offset_x": Number(minimum=-1, maximum=1),
                "offset_y": Number(minimum=-1, maximum=1),
            }
        ),
    },
    required=("image",),
)

ENGINE = Union(
    arms={
        "avatar_iii": Record(fields={"type": WORD}),
        "avatar_iv": Record(fields={"type": WORD}),
        "avatar_v": Record(fields={"type": WORD, "reference_look_id": Text()}),
    }
)

VOICE: dict[str, Shape] = {
    "script": Text(minimum=1, maximum=LONGEST_SCRIPT),
    "audio_url": Text(minimum=1),
    "audio_asset_id": Text(minimum=1),
    "voice_id": Text(minimum=1),
    "voice_settings": VOICE_SETTINGS,
}
MOTION: dict[str, Shape] = {
    "motion_prompt": Text(),
    "expressiveness": Choice(of=("high", "medium", "low")),
}
CALLBACK: dict[str, Shape] = {"callback_url": Text(), "callback_id": Text()}
ONE_SPEAKER: dict[str, Shape] = {
    "type": WORD,
    "title": Text(),
    **CALLBACK,
    **VOICE,
    **MOTION,
    "folder_id": Text(),
    "brand_glossary_id": Text(),
    "resolution": RESOLUTION,
    "aspect_ratio": ASPECT_RATIO,
    "fit": Choice(of=("contain", "cover")),
    "background": BACKGROUND,
    "remove_background": Flag(),
    "output_format": OUTPUT_FORMAT,
    "caption": CAPTION,
    "watermark": WATERMARK,
}

AVATAR = Record(
    fields={**ONE_SPEAKER, "avatar_id": Text(minimum=1, nullable=False), "engine": ENGINE},
    required=("avatar_id",),
)
IMAGE = Record(fields={**ONE_SPEAKER, "image": ASSET}, required=("image",))

CINEMATIC = Record(
    fields={
        "type": WORD,
        "title": Text(),
        "prompt": Text(minimum=1, maximum=10_000, nullable=False),
        "avatar_id": Many(item=Text(minimum=1, nullable=False), minimum=1, maximum=3, nullable=False),
        "references": Many(item=ASSET),
        "duration": Number(minimum=4, maximum=15, whole=True),
        "auto_duration": Flag(nullable=False),
        "enhance_prompt": Flag(nullable=False),
        "aspect_ratio": Choice(of=("16:9", "9:16", "1:1"), nullable=False),
        "resolution": Choice(of=("720p", "1080p"), nullable=False),
    },
    required=("prompt", "avatar_id"),
)

SCENE_BACKGROUND = Union(
    arms={"color": Record(fields={"type": WORD, "color": Text(nullable=False)}, required=("color",))}
)
SCENE_INPUT = Union(
    nullable=False,
    arms={
        "avatar": Record(
            fields={
                "type": WORD,
                "avatar_id": Text(minimum=1, nullable=False),
                **VOICE,
                **MOTION,
                "engine": ENGINE,
                "background": SCENE_BACKGROUND,
            },
            required=("avatar_id",),
        ),
        "image": Record(fields={"type": WORD, "image": ASSET, **VOICE, **MOTION}, required=("image",)),
    },
)
SCENE = Union(
    nullable=False,
    arms={
        "avatar_video": Record(fields={"type": WORD, "input": SCENE_INPUT}, required=("input",)),
        "image": Record(
            fields={"type": WORD, "source": ASSET, **VOICE, "duration": Number(above=0)}, required=("source",)
        ),
        "video": Record(
            fields={
                "type": WORD,
                "source": ASSET,
                "playback": Record(
                    fields={
                        "mute": Flag(nullable=False),
                        "volume": Number(minimum=0, maximum=1, nullable=False),
                    }
                ),
            },
            required=("source",),
        ),
    },
)
STUDIO = Record(
    fields={
        "type": WORD,
        "title": Text(),
        **CALLBACK,
        "scenes": Many(item=SCENE, minimum=1, maximum=50, nullable=False),
        "resolution": RESOLUTION,
        "aspect_ratio": ASPECT_RATIO,
        "caption": CAPTION,
        "watermark": WATERMARK,
    },
    required=("scenes",),
)

CREATE_VIDEO = Union(
    nullable=False,
    arms={"avatar": AVATAR, "image": IMAGE, "cinematic_avatar": CINEMATIC, "studio": STUDIO},
)
