"""What a well-formed create-video request must obey beyond its structure: rules between fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from batchgen.simulator import catalogue
from batchgen.simulator.answers import ApiError
from batchgen.simulator.request_shapes import CREATE_VIDEO
from batchgen.simulator.settings import RuleSet
from batchgen.simulator.shapes import check, refused

Request = Mapping[str, Any]

SPEECH_SOURCES = ("script", "audio_url", "audio_asset_id")
MOST_VIDEOS, MOST_IMAGES = 3, 9  # among the references of a cinematic video; its looks count as images
VIDEO_SUFFIXES = (".mp4", ".webm", ".mov")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
UNREACHABLE_HOST = f"{catalogue.UNKNOWN_PREFIX}."
_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def check_request(request: Any, rules: RuleSet) -> None:
    """Raise the API's refusal of a create-video request, or return.

    The order is the provider's as far as it shows: structure (400), rules between fields (400), then
    what does not exist (404) and what cannot be fetched (400 ``download_failed``).
    """
    check(CREATE_VIDEO, request)
    match request["type"]:
        case "avatar":
            _check_speaker(request, "")
            _check_engine(request, "", rules)
            _check_picture(request)
        case "image":
            _check_speaker(request, "")
            _check_picture(request)
        case "cinematic_avatar":
            _check_cinematic(request)
        case _:
            _check_studio(request, rules)
    check_existence(request)


def _check_speaker(request: Request, path: str) -> None:
    given = [name for name in SPEECH_SOURCES if request.get(name) is not None]
    if len(given) != 1:
        found = " and ".join(given) if given else "none"
        raise refused(
            f"{path}{given[1] if given else 'script'}",
            f"exactly one of script, audio_url, audio_asset_id is needed, found {found}.",
        )
    if given == ["script"] and request["type"] == "image" and request.get("voice_id") is None:
        raise refused(f"{path}voice_id", "is required for an image with a script.")
    _check_voice_engine((request.get("voice_settings") or {}).get("engine_settings"), path)


def _check_voice_engine(settings: Request | None, path: str) -> None:
    if settings and settings.get("model") == "eleven_v3" and settings.get("stability") not in (None, 0, 0.5, 1):
        raise refused(f"{path}voice_settings.engine_settings.stability", "must be 0, 0.5 or 1 with eleven_v3.")


def _check_engine(request: Request, path: str, rules: RuleSet) -> None:
    engine = (request.get("engine") or {}).get("type", "avatar_iv")
    look = catalogue.look(request["avatar_id"])
    if engine == "avatar_iii" and rules == "original":
        raise refused(f"{path}engine.type", "must be one of avatar_iv, avatar_v.")
    if look and engine not in look["supported_api_engines"]:
        raise refused(f"{path}engine.type", f"{look['id']} does not support {engine}.")
    if request.get("motion_prompt") is not None and not _takes_motion(engine, look, rules):
        raise refused(f"{path}motion_prompt", f"is not supported for this look with {engine}.")
    if request.get("expressiveness") is not None and not _takes_expressiveness(engine, look):
        raise refused(f"{path}expressiveness", f"is not supported for this look with {engine}.")


def _takes_motion(engine: str, look: Request | None, rules: RuleSet) -> bool:
    match engine:
        case "avatar_iv":
            return look is None or look["avatar_type"] == "photo_avatar"
        case "avatar_v":
            return rules == "newest"
        case _:
            return False


def _takes_expressiveness(engine: str, look: Request | None) -> bool:
    return engine == "avatar_iv" and (look is None or look["avatar_type"] == "photo_avatar")


def _check_picture(request: Request) -> None:
    background = request.get("background")
    if background is None:
        return
    if request.get("output_format") == "webm":
        raise refused("background", "cannot be combined with output_format webm, which is transparent.")
    if background["type"] == "color":
        _check_colour_background(background)
    else:
        _check_image_background(background)


def _check_colour_background(background: Request) -> None:
    if not _HEX_COLOUR.fullmatch(background.get("value") or ""):
        raise refused("background.value", "must be a colour like #1a2b3c.")
    for name in ("url", "asset_id"):
        if background.get(name) is not None:
            raise refused(f"background.{name}", "is for image backgrounds.")


def _check_image_background(background: Request) -> None:
    if (background.get("url") is None) == (background.get("asset_id") is None):
        raise refused("background.url", "exactly one of url and asset_id is needed.")
    if background.get("value") is not None:
        raise refused("background.value", "is for color backgrounds.")


def _check_cinematic(request: Request) -> None:
    if request.get("auto_duration") and request.get("duration") is not None:
        raise refused("duration", "cannot be combined with auto_duration.")
    references, looks = request.get("references") or (), request["avatar_id"]
    videos = sum(_shows(reference, VIDEO_SUFFIXES, "video/") for reference in references)
    images = sum(_shows(reference, IMAGE_SUFFIXES, "image/") for reference in references) + len(looks)
    if videos > MOST_VIDEOS or images > MOST_IMAGES or len(references) + len(looks) > MOST_VIDEOS + MOST_IMAGES:
        raise refused("references", "at most 3 videos and 9 images, counting the looks.")


def _shows(asset: Request, suffixes: tuple[str, ...], media: str) -> bool:
    """Whether a link ends so, or base64 data is called so; of an asset id nothing is known."""
    link = asset.get("url") or ""
    return link.partition("?")[0].lower().endswith(suffixes) or (asset.get("media_type") or "").startswith(media)


def _check_studio(request: Request, rules: RuleSet) -> None:
    for index, scene in enumerate(request["scenes"]):
        path = f"scenes[{index}]."
        spoken = scene.get("input", scene)
        if scene["type"] == "avatar_video" or any(spoken.get(name) is not None for name in SPEECH_SOURCES):
            _check_speaker(spoken, f"{path}input." if "input" in scene else path)
        if spoken["type"] == "avatar":
            _check_engine(spoken, f"{path}input.", rules)
        background = spoken.get("background")
        if background is not None and not _HEX_COLOUR.fullmatch(background["color"]):
            raise refused(f"{path}input.background.color", "must be a colour like #1a2b3c.")


def check_existence(request: Request) -> None:
    """Raise the refusal of the first id that does not exist, or link that cannot be fetched."""
    for path, kind, value in _references(request, ""):
        if kind == "url":
            if UNREACHABLE_HOST in value.partition("://")[2].partition("/")[0]:
                raise ApiError(400, "download_failed", f"{path}: {value} could not be fetched.", param=path)
        elif not catalogue.exists(value):
            raise ApiError(404, f"{kind}_not_found", f"{path}: {value} was not found.", param=path)


def asset_references(request: Any) -> list[tuple[str, str]]:
    """Every asset id in a request, with its path."""
    found = _references(request, "")
    return [(path, text) for path, kind, text in found if kind == "asset" and isinstance(text, str)]


_KINDS = {
    "avatar_id": "avatar",
    "character_id": "avatar",
    "reference_look_id": "avatar",
    "voice_id": "voice",
    "asset_id": "asset",
    "audio_asset_id": "asset",
    "url": "url",
    "audio_url": "url",
}


def _references(value: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Every id and link in a request, as (path, kind, text)."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _named_references(name, member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, f"{path}[{index}]")


def _named_references(name: str, member: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if name in _KINDS and member is not None:
        for text in member if isinstance(member, list) else [member]:
            yield path, _KINDS[name], text
    else:
        yield from _references(member, path)
