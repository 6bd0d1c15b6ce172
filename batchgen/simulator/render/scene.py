"""What a storyboard shows, taken from the request: values only, no drawing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import orjson

from batchgen.simulator import catalogue
from batchgen.simulator.recordings import NO_RECORDINGS, Recordings
from batchgen.simulator.render.captions import Word, spoken_script, timed_words
from batchgen.simulator.speech import scene_seconds
from batchgen.simulator.store import Video

DRAWING_VERSION = 2  # part of the cache key: count up when the pictures change

Colour = tuple[int, int, int]
Presenter = Literal["avatar", "photo", "picture", "film"]

LONG_SIDE = {"720p": 960, "1080p": 1280, "4k": 1280}  # pixels of the preview, not of the product
LONG_SIDE_WEBM = 960  # VP9 with alpha takes three times as long
SHAPES = {"16:9": (16, 9), "9:16": (9, 16), "4:5": (4, 5), "5:4": (5, 4), "1:1": (1, 1), "auto": (16, 9)}
ENGINE_NAMES = {"avatar_iii": "Avatar III", "avatar_iv": "Avatar IV", "avatar_v": "Avatar V"}


Files = Mapping[str, Path]
"""Asset id → the file that it stands for, where that is at hand."""
NO_FILES: Files = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnPicture:
    """A picture that is at hand: another asset id is another content."""

    asset_id: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One storyboard. ``colour`` None: no plain colour was asked for; ``facts`` are shown under the title."""

    title: str
    facts: tuple[str, ...]
    size: tuple[int, int]
    seconds: float
    colour: Colour | None
    background_file: str | None
    background_picture: OwnPicture | None
    transparent: bool
    presenter: Presenter
    presenter_name: str
    presenter_picture: OwnPicture | None
    audio_file: str | None
    words: tuple[Word, ...]

    @property
    def digest(self) -> str:
        """Same digest, same picture."""
        content = orjson.dumps([DRAWING_VERSION, asdict(self)], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(content).hexdigest()[:32]


def scenes_of(video: Video, files: Files = NO_FILES, recordings: Recordings = NO_RECORDINGS) -> tuple[Scene, ...]:
    """The storyboards of a video, one after another; only a studio video has several."""
    request = video.payload
    title = video.title or f"Untitled ({video.id[:8]})"
    if request["type"] != "studio":
        return (_scene(request, title, video.duration_s, files),)
    count = len(request["scenes"])
    return tuple(
        _scene(_by_itself(scene, request), f"{title} ({number}/{count})", _rounded_seconds(scene, recordings), files)
        for number, scene in enumerate(request["scenes"], start=1)
    )


def _rounded_seconds(scene: Mapping[str, Any], recordings: Recordings) -> float:
    return round(scene_seconds(scene, recordings), 3)


def _by_itself(scene: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """One scene of a studio video as a request of its own."""
    shared = {name: request[name] for name in ("resolution", "aspect_ratio", "watermark") if request.get(name)}
    spoken: dict[str, Any] = scene.get("input", scene)
    background = spoken.get("background")
    plain = {"background": {"type": "color", "value": background["color"]}} if background else {}
    if "source" not in spoken:
        return {**shared, **spoken, **plain}
    return {**shared, **spoken, "type": "still" if scene["type"] == "image" else "film"}


def _scene(asked: Mapping[str, Any], title: str, seconds: float, files: Files) -> Scene:
    request = _named(asked, files)
    presenter = _presenter(request)
    shown = asked.get("image") or asked.get("source") if presenter == "picture" else None
    return Scene(
        title=title,
        facts=tuple(_facts(request)),
        size=_size(request),
        seconds=seconds,
        colour=_colour(request.get("background")),
        background_file=_background_file(request.get("background")),
        background_picture=_own_picture(asked.get("background"), files),
        transparent=request.get("output_format") == "webm",
        presenter=presenter,
        presenter_name=_presenter_name(request),
        presenter_picture=_own_picture(shown, files),
        audio_file=_audio_file(request),
        words=tuple(timed_words(spoken_script(request), seconds)),
    )


def _own_picture(asset: Mapping[str, Any] | None, files: Files) -> OwnPicture | None:
    asset_id = (asset or {}).get("asset_id")
    file = files.get(asset_id) if asset_id else None
    return OwnPicture(asset_id=str(asset_id), path=str(file)) if file else None


def _named(value: Any, files: Files) -> Any:
    """The request with the names of files in place of the asset ids that stand for them."""
    if isinstance(value, Mapping):
        return {name: _named(member, files) for name, member in value.items()} if files else value
    if isinstance(value, list):
        return [_named(item, files) for item in value]
    return files[value].name if isinstance(value, str) and value in files else value


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
        case "image" | "still":
            return "picture"
        case "template" if _characters(request):
            return "avatar"
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
        case "template":
            return ", ".join(_characters(request)) or _template_name(request)
        case _:
            return _asset_name(request["source"])


def _characters(request: Mapping[str, Any]) -> list[str]:
    variables = request["variables"].values()
    return [variable["character_id"] for variable in variables if variable["type"] == "character"]


def _template_name(request: Mapping[str, Any]) -> str:
    template = catalogue.template(request["template_id"])
    return str(template["name"] if template else request["template_id"])


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
    if request["type"] == "film":
        return _asset_name(request["source"])
    source = request.get("audio_url") or request.get("audio_asset_id")
    return None if source is None else _file_name(source)


def _facts(request: Mapping[str, Any]) -> list[str]:
    """Short remarks, in the order in which a proofreader asks for them."""
    facts = [_voice(request), _locale(request), _engine(request), *_template_facts(request)]
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
    names = {"image": "Avatar IV", "cinematic_avatar": "cinematic", "still": "picture", "film": "film"}
    return names.get(request["type"])


def _template_facts(request: Mapping[str, Any]) -> list[str]:
    """Which template, and what goes into it besides texts."""
    if request["type"] != "template":
        return []
    facts = [f"template {_template_name(request)}"]
    for name, variable in request["variables"].items():
        if "asset" in variable:
            facts.append(f"{name} {_asset_name(variable['asset'])}")
        elif "voice_id" in variable:
            facts.append(f"{name} {catalogue.voice_name(variable['voice_id'])}")
    return facts
