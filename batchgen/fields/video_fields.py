"""The fields of POST /v3/videos but for scenes: arms ``avatar``, ``image``, ``cinematic_avatar`` and ``studio``."""

from __future__ import annotations

from batchgen.fields.field import (
    AVATAR,
    BOTH_ARMS,
    CINEMATIC,
    IMAGE,
    STUDIO,
    TEMPLATE,
    VIDEO_ARMS,
    Field,
    Kind,
    asset,
    choice,
    flag,
    number,
)

ENGINES = ("avatar_iv", "avatar_v", "avatar_iii")
ELEVENLABS_MODELS = ("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3")
FISH_MODELS = ("s1", "s2-pro")
SCRIPT_MAX_CHARS = 5_000  # limits page
PROMPT_MAX_CHARS = 10_000

_VOICE = "voice_settings"
_VOICE_ENGINE = f"{_VOICE}.engine_settings"
_BUT_CINEMATIC = VIDEO_ARMS - {CINEMATIC}
_ONLY_AVATAR, _ONLY_CINEMATIC = frozenset({AVATAR}), frozenset({CINEMATIC})

AVATAR_ID = Field(
    path="avatar_id",
    kind=Kind.ID,
    arms=_ONLY_AVATAR,
    required=True,
    note="Id of the avatar look (of a look, not of a group); for a cinematic video up to three, with commas between.",
)
IMAGE_FIELDS = asset(
    "image",
    "The picture that speaks: a link, an asset id, or the path of a PNG or JPEG.",
    arms=frozenset({IMAGE}),
)
SPEECH_FIELDS = (
    Field(
        path="script",
        max_chars=SCRIPT_MAX_CHARS,
        note='What is spoken, up to 5,000 characters. A pause: <break time="1.5s"/>.',
    ),
    Field(
        path="audio",
        kind=Kind.AUDIO,
        everyday=True,
        note="A recording instead of a script: a link, an asset id, or the path of a WAV or MP3.",
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
    number(f"{_VOICE}.speed", 0.5, 1.5, "Speed of speech, 0.5 to 1.5; 1 is normal."),
    number(f"{_VOICE}.pitch", -50, 50, "Pitch, -50 to 50; 0 is normal."),
    number(f"{_VOICE}.volume", 0, 1, "Volume, 0 to 1; 1 is full."),
    Field(path=f"{_VOICE}.locale", note='Accent of a multilingual voice, e.g. "de-DE".'),
    choice(
        f"{_VOICE_ENGINE}.engine_type",
        ("elevenlabs", "fish", "starfish"),
        "The speech engine of the voice; must fit the voice.",
        required=True,
    ),
    choice(
        f"{_VOICE_ENGINE}.model",
        ELEVENLABS_MODELS + FISH_MODELS,
        "Model of the speech engine (elevenlabs, fish).",
    ),
    number(f"{_VOICE_ENGINE}.stability", 0, 1, "elevenlabs and fish: 0 to 1; with eleven_v3 exactly 0, 0.5 or 1."),
    number(f"{_VOICE_ENGINE}.similarity_boost", 0, 1, "elevenlabs: closeness to the original voice, 0 to 1."),
    number(f"{_VOICE_ENGINE}.similarity", 0, 1, "fish: closeness to the original voice, 0 to 1."),
    number(f"{_VOICE_ENGINE}.style", 0, 1, "elevenlabs: exaggeration of style, 0 to 1."),
    flag(f"{_VOICE_ENGINE}.use_speaker_boost", "elevenlabs: TRUE brings the voice closer to its speaker."),
)
MOTION_FIELDS = (
    Field(path="motion_prompt", note="The body's motion in words, e.g. waves at the camera."),
    choice("expressiveness", ("high", "medium", "low"), "Photo avatars and pictures on Avatar IV only."),
)
ENGINE_FIELDS = (
    choice("engine.type", ENGINES, "Avatar engine; avatar_iv when empty.", arms=_ONLY_AVATAR, required=True),
    Field(
        path="engine.reference_look_id",
        kind=Kind.ID,
        arms=_ONLY_AVATAR,
        note="avatar_v: another look of the same group to take the appearance from.",
    ),
)

VIDEO_FIELDS: tuple[Field, ...] = (
    choice(
        "type",
        (AVATAR, IMAGE, CINEMATIC, STUDIO),
        '"avatar": an avatar speaks (avatar_id). "image": a picture speaks (image). The others: see below.',
        arms=VIDEO_ARMS,
        required=True,
        everyday=True,
    ),
    AVATAR_ID,
    *IMAGE_FIELDS,
    *SPEECH_FIELDS,
    Field(path="title", everyday=True, arms=VIDEO_ARMS | {TEMPLATE}, note="Title in the video dashboard."),
    choice("resolution", ("4k", "1080p", "720p"), "Size of the picture; 1080p when empty.", arms=VIDEO_ARMS),
    choice(
        "aspect_ratio",
        ("16:9", "9:16", "4:5", "5:4", "1:1", "auto"),
        "Shape of the picture; 16:9 when empty.",
        arms=VIDEO_ARMS,
    ),
    choice("fit", ("contain", "cover"), "How the avatar or picture fills the frame.", everyday=True),
    choice("output_format", ("mp4", "webm"), "mp4, or webm for a transparent background."),
    Field(
        path="background",
        kind=Kind.BACKGROUND,
        everyday=True,
        note='A colour like "#1a2b3c", or a picture: a link, an asset id, or the path of a PNG or JPEG.',
    ),
    choice("background.type", ("color", "image"), "color or image; follows from the other parts.", required=True),
    Field(path="background.value", kind=Kind.COLOR, note='Background colour like "#1a2b3c".'),
    Field(path="background.url", kind=Kind.LINK, note="Link of the background picture."),
    Field(path="background.asset_id", kind=Kind.ID, note="Asset id of the background picture."),
    flag("remove_background", "TRUE cuts the person out; video avatars must be trained with matting."),
    Field(
        path="caption",
        kind=Kind.CAPTION,
        choices=("default", "srt"),
        everyday=True,
        arms=_BUT_CINEMATIC,
        note='"default" burns captions into the picture; "srt" only gives the subtitle file.',
    ),
    choice("caption.file_format", ("srt",), "Format of the subtitle file.", arms=_BUT_CINEMATIC),
    choice("caption.style", ("default",), "Burns captions into the picture.", arms=_BUT_CINEMATIC),
    *asset(
        "watermark.image",
        "Watermark, a PNG or JPEG (Enterprise only): a link, an asset id or a path.",
        arms=_BUT_CINEMATIC,
    ),
    Field(
        path="watermark.scale",
        kind=Kind.NUMBER,
        minimum=0,
        maximum=2,
        exclusive_minimum=True,
        arms=_BUT_CINEMATIC,
        note="Size of the watermark, above 0 to 2; 1 is its own size.",
    ),
    number("watermark.opacity", 0, 1, "Opacity of the watermark, 0 to 1.", arms=_BUT_CINEMATIC),
    choice(
        "watermark.placement.position",
        ("top_left", "top_right", "bottom_left", "bottom_right"),
        "Corner of the watermark; bottom_right when empty.",
        arms=_BUT_CINEMATIC,
    ),
    number("watermark.placement.offset_x", -1, 1, "Sideways shift of the watermark, -1 to 1.", arms=_BUT_CINEMATIC),
    number("watermark.placement.offset_y", -1, 1, "Up or down shift of the watermark, -1 to 1.", arms=_BUT_CINEMATIC),
    *MOTION_FIELDS,
    *ENGINE_FIELDS,
    Field(
        path="folder_id",
        kind=Kind.ID,
        arms=BOTH_ARMS | {TEMPLATE},
        note="Folder of the dashboard that the video goes to.",
    ),
    Field(path="brand_glossary_id", kind=Kind.ID, note="Brand glossary: how names and terms are spoken."),
    Field(
        path="callback_url",
        kind=Kind.LINK,
        arms=_BUT_CINEMATIC | {TEMPLATE},
        note="Address that is called when the video is done.",
    ),
    Field(
        path="callback_id",
        arms=_BUT_CINEMATIC | {TEMPLATE},
        note="Your own mark, echoed to the callback address.",
    ),
)

CINEMATIC_FIELDS: tuple[Field, ...] = (
    Field(
        path="prompt",
        max_chars=PROMPT_MAX_CHARS,
        arms=_ONLY_CINEMATIC,
        required=True,
        everyday=True,
        note="What happens in the video, up to 10,000 characters.",
    ),
    Field(path="avatar_id.*", kind=Kind.ID, arms=_ONLY_CINEMATIC, note="One of the looks: avatar_id.1 to avatar_id.3."),
    *asset(
        "references.*",
        "A picture or film to go by (references.1, references.2, …): a link, an asset id or a path.",
        noun="reference",
        media="the media type, like image/png",
        arms=_ONLY_CINEMATIC,
    ),
    Field(
        path="references",
        kind=Kind.ASSETS,
        arms=_ONLY_CINEMATIC,
        note="All of them in one cell: links, asset ids and paths with spaces between.",
    ),
    Field(
        path="duration",
        kind=Kind.NUMBER,
        minimum=4,
        maximum=15,
        whole=True,
        arms=_ONLY_CINEMATIC,
        everyday=True,
        note="Length in whole seconds, 4 to 15; 10 when empty.",
    ),
    flag("auto_duration", "TRUE lets the provider choose the length.", arms=_ONLY_CINEMATIC),
    flag("enhance_prompt", "TRUE lets the provider work on the prompt.", arms=_ONLY_CINEMATIC),
)
