"""The contract of the legacy route in our own words (POST /v2/video/generate), apart from our code and the simulator's.

A row asks for what it asks for anyway, in the words of POST /v3/videos, as far as the legacy route has words for it.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.request.contract import COLORS, IDS, LINKS, WORDS, Request, one_of, record, with_type

SIZES = {
    ("720p", "16:9"): (1280, 720),
    ("720p", "9:16"): (720, 1280),
    ("720p", "4:5"): (720, 900),
    ("720p", "5:4"): (900, 720),
    ("720p", "1:1"): (720, 720),
    ("1080p", "16:9"): (1920, 1080),
    ("1080p", "9:16"): (1080, 1920),
    ("1080p", "4:5"): (1080, 1350),
    ("1080p", "5:4"): (1350, 1080),
    ("1080p", "1:1"): (1080, 1080),
}
PLAIN_BACKGROUNDS = record(with_type("color", value=COLORS)) | record(with_type("image", url=LINKS))
AVATAR_III = record(
    with_type("avatar", avatar_id=IDS, engine=record(with_type("avatar_iii")), script=WORDS, voice_id=IDS),
    title=WORDS,
    callback_id=WORDS,
    resolution=one_of("720p", "1080p"),
    aspect_ratio=one_of("16:9", "9:16", "4:5", "5:4", "1:1"),
    output_format=one_of("mp4"),
    background=PLAIN_BACKGROUNDS,
)
FIELDS = {
    "type", "avatar_id", "engine", "script", "voice_id", "title", "callback_id", "resolution", "aspect_ratio",
    "output_format", "background",
}  # fmt: skip
BODIES = record(
    {
        "video_inputs": st.lists(
            record(
                {
                    "character": record(with_type("avatar", avatar_id=IDS), avatar_style=one_of("normal")),
                    "voice": record(with_type("text", input_text=WORDS, voice_id=IDS)),
                },
                background=PLAIN_BACKGROUNDS,
            ),
            min_size=1,
            max_size=1,
        ),
        "dimension": st.sampled_from(list(SIZES.values())).map(lambda size: {"width": size[0], "height": size[1]}),
    },
    title=WORDS,
    callback_id=WORDS,
)


def has_words_for(request: Request) -> bool:
    """Whether the legacy route can make the avatar video that a request asks for."""
    return (
        {name for name, part in request.items() if _asks(part)} <= FIELDS
        and request.get("engine") == {"type": "avatar_iii"}
        and "voice_id" in request
        and (request.get("resolution", "1080p"), request.get("aspect_ratio", "16:9")) in SIZES
        and request.get("output_format") != "webm"
        and "asset_id" not in request.get("background", {})
    )


def _asks(part: Any) -> bool:
    """An object that holds nothing asks for nothing."""
    return any(map(_asks, part.values())) if isinstance(part, dict) else True


def in_its_words(request: Request) -> Request:
    """The body of POST /v2/video/generate for a request that the route has words for."""
    width, height = SIZES[request.get("resolution", "1080p"), request.get("aspect_ratio", "16:9")]
    scene = {
        "character": {"type": "avatar", "avatar_id": request["avatar_id"], "avatar_style": "normal"},
        "voice": {"type": "text", "input_text": request["script"], "voice_id": request["voice_id"]},
    }
    return {
        "video_inputs": [scene | {name: request[name] for name in ("background",) if name in request}],
        "dimension": {"width": width, "height": height},
        **{name: request[name] for name in ("title", "callback_id") if name in request},
    }


# Bodies that the legacy route refuses: a dotted path into an allowed one, and what is put there; None takes it out.
BROKEN: tuple[tuple[str, Any], ...] = (
    ("zzz", 1),
    ("script", "Hi."),
    ("video_inputs", None),
    ("video_inputs", []),
    ("dimension", None),
    ("dimension.width", None),
    ("dimension.height", "720"),
    ("title", 7),
    ("video_inputs", [{"character": {"type": "avatar", "avatar_id": "id_1"}}]),
    ("video_inputs", [{"voice": {"type": "text", "input_text": "Hi.", "voice_id": "id_1"}}]),
    ("video_inputs", [{"character": {"type": "avatar"}, "voice": {"type": "text", "input_text": "Hi."}}]),
)
