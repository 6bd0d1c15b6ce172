"""What a storyboard shows, taken from the request: values only, no drawing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import orjson

from batchgen.simulator import catalogue
from batchgen.simulator.render.captions import Word, spoken_script, timed_words
from batchgen.simulator.store import Video

DRAWING_VERSION = 1  # part of the cache key: count up when the pictures change

Colour = tuple[int, int, int]
Presenter = Literal["avatar", "photo", "picture", "film"]

LONG_SIDE = {"720p": 960, "1080p": 1280, "4k": 1280}  # pixels of the preview, not of the product
LONG_SIDE_WEBM = 960  # VP9 with alpha takes three times as long
SHAPES = {"16:9": (16, 9), "9:16": (9, 16), "4:5": (4, 5), "5:4": (5, 4), "1:1": (1, 1), "auto": (16, 9)}
ENGINE_NAMES = {"avatar_iii": "Avatar III", "avatar_iv": "Avatar IV", "avatar_v": "Avatar V"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One storyboard. ``colour`` None: no plain colour was asked for; ``facts`` are shown under the title."""

    title: str
    facts: tuple[str, ...]
    size: tuple[int, int]
    seconds: float
    colour: Colour | None
    background_file: str | None
    transparent: bool
    presenter: Presenter
    presenter_name: str
    audio_file: str | None
    words: tuple[Word, ...]

    @property
    def digest(self) -> str:
        """Same digest, same picture."""
        content = orjson.dumps([DRAWING_VERSION, asdict(self)], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(content).hexdigest()[:32]


def scene_of(video: Video) -> Scene:
    """The storyboard of a video."""
    request = video.payload
    return Scene(
        title=video.title or f"Untitled ({video.id[:8]})",
        facts=tuple(_facts(request)),
        size=_size(request),
        seconds=video.duration_s,
        colour=_colour(request.get("background")),
        background_file=_background_file(request.get("background")),
        transparent=request.get("output_format") == "webm",
        presenter=_presenter(request),
        presenter_name=_presenter_name(request),
        audio_file=_audio_file(request),
        words=tuple(timed_words(spoken_script(request), video.duration_s)),
    )


def _size(request: Mapping[str, Any]) -> tuple[int, int]:
    """Even numbers of pixels, as the codecs want them."""
    across, down = SHAPES[request.get("aspect_ratio") or "16:9"]
    is_webm = request.get("output_format") == "webm"
    long_side = LONG_SIDE_WEBM if is_webm else LONG_SIDE[request.get("resolution") or "1080p"]
    unit = long_side / max(across, down)
    return round(across * unit / 2) * 2, round(down * unit / 2) * 2


def _colour(background: Mapping[str, Any] | None) -> Colour | None:
    if background is None or background["type"] != "color":
        return None
    value = background["value"]
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _background_file(background: Mapping[str, Any] | None) -> str | None:
    if background is None or background["type"] != "image":
        return None
    return _file_name(background.get("url") or background["asset_id"])


def _presenter(request: Mapping[str, Any]) -> Presenter:
    match request["type"]:
        case "avatar":
            return "photo" if catalogue.is_photo(request["avatar_id"]) else "avatar"
        case "image":
            return "picture"
        case _:
            return "film"


def _presenter_name(request: Mapping[str, Any]) -> str:
    match request["type"]:
        case "avatar":
            return str(request["avatar_id"])
        case "image":
            return _asset_name(request["image"])
        case "cinematic_avatar":
            return ", ".join(request["avatar_id"])
        case _:
            return f"{len(request['scenes'])} scene(s)"


def _asset_name(asset: Mapping[str, Any]) -> str:
    match asset["type"]:
        case "url":
            return _file_name(asset["url"])
        case "asset_id":
            return str(asset["asset_id"])
        case _:
            return f"{asset['media_type']}, {len(asset['data']) * 3 // 4:,} bytes"


def _file_name(source: str) -> str:
    """The last part of a link's path, or an asset id as it is."""
    return PurePosixPath(unquote(urlsplit(source).path)).name or source


def _audio_file(request: Mapping[str, Any]) -> str | None:
    source = request.get("audio_url") or request.get("audio_asset_id")
    return None if source is None else _file_name(source)


def _facts(request: Mapping[str, Any]) -> list[str]:
    """Short remarks, in the order in which a proofreader asks for them."""
    facts = [_voice(request), _locale(request), _engine(request)]
    facts.append(request.get("resolution"))
    facts.append(request.get("aspect_ratio") or "16:9")
    watermark = request.get("watermark")
    if watermark:
        facts.append(f"watermark {_asset_name(watermark['image'])}")
    return [fact for fact in facts if fact]


def _voice(request: Mapping[str, Any]) -> str | None:
    if request.get("voice_id"):
        return f"voice {catalogue.voice_name(request['voice_id'])}"
    if request["type"] == "avatar" and request.get("script"):
        return "the avatar's own voice"
    return None


def _locale(request: Mapping[str, Any]) -> str | None:
    settings = request.get("voice_settings") or {}
    speed = settings.get("speed", 1)
    remarks = [settings.get("locale"), None if speed == 1 else f"speed {speed:g}"]
    return ", ".join(filter(None, remarks)) or None


def _engine(request: Mapping[str, Any]) -> str | None:
    if request["type"] == "avatar":
        return ENGINE_NAMES[(request.get("engine") or {}).get("type", "avatar_iv")]
    return {"image": "Avatar IV", "cinematic_avatar": "cinematic", "studio": "studio"}[request["type"]]
