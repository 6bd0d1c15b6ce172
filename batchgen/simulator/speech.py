"""How long a script takes to speak: words, pauses, and scripts that are written without spaces."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchgen.simulator import catalogue
from batchgen.simulator.recordings import NO_RECORDINGS, Recordings

WORDS_PER_S = 150 / 60  # the provider's documented pace at speed 1
CJK_CHARACTERS_PER_S = 4.5
UNSPACED_CHARACTERS_PER_S = 9.0  # Thai, Lao, Khmer, Burmese: alphabets written without spaces
SHORTEST_S = 1.0
TEMPLATE_S = 3.0  # what a template says by itself

USUAL_VOICE = "en_anna"  # speaks at the documented pace; every other voice has one of its own
SLOWEST, QUICKEST = 0.9, 1.2  # of the documented pace

_BREAK = re.compile(r'<break\s+time\s*=\s*"(\d+(?:\.\d+)?)\s*(ms|s)"\s*/?>', re.IGNORECASE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of a script: text to say (``text``) or a pause (empty text), and its seconds at speed 1."""

    text: str
    seconds: float


def stretches(script: str) -> list[Spoken]:
    """The script as text and pauses, in order.

    >>> stretches('Hi Anna. <break time="2s"/> Bye.')
    [Spoken(text='Hi Anna.', seconds=0.8), Spoken(text='', seconds=2.0), Spoken(text='Bye.', seconds=0.4)]
    """
    found: list[Spoken] = []
    position = 0
    for pause in _BREAK.finditer(script):
        found.extend(_text(script[position : pause.start()]))
        found.append(Spoken("", float(pause[1]) / (1000 if pause[2].lower() == "ms" else 1)))
        position = pause.end()
    found.extend(_text(script[position:]))
    return found


def _text(script: str) -> list[Spoken]:
    text = " ".join(script.split())
    return [Spoken(text, text_seconds(text))] if text else []


def text_seconds(text: str) -> float:
    """Seconds to say a text without pauses at speed 1."""
    cjk = len(_CJK.findall(text))
    unspaced = len(_UNSPACED.findall(text))
    words = len(_UNSPACED.sub(" ", _CJK.sub(" ", text)).split())
    return cjk / CJK_CHARACTERS_PER_S + unspaced / UNSPACED_CHARACTERS_PER_S + words / WORDS_PER_S


def script_seconds(script: str, speed: float = 1.0) -> float:
    """Length of the spoken script; pauses do not shrink with speed."""
    parts = stretches(script)
    spoken = sum(part.seconds for part in parts if part.text) / speed
    return max(SHORTEST_S, spoken + sum(part.seconds for part in parts if not part.text))


def video_seconds(request: Mapping[str, Any], recordings: Recordings = NO_RECORDINGS) -> float:
    """Length of the video that a request asks for, in seconds, to the millisecond."""
    match request["type"]:
        case "cinematic_avatar":
            seconds = 8.0 if request.get("auto_duration") else float(request.get("duration") or 10)
        case "studio":
            seconds = sum(scene_seconds(scene, recordings) for scene in request["scenes"])
        case "template":
            seconds = TEMPLATE_S + script_seconds(template_script(request))
        case _:
            seconds = _voice_seconds(request, recordings)
    return round(seconds, 3)


def template_script(request: Mapping[str, Any]) -> str:
    """The texts that a template gets, as if all of them were spoken one after another."""
    return "\n".join(part["content"] for part in request["variables"].values() if part["type"] == "text")


def scene_seconds(scene: Mapping[str, Any], recordings: Recordings = NO_RECORDINGS) -> float:
    """Length of one scene."""
    spoken: Mapping[str, Any] = scene.get("input", scene)
    if spoken.get("script") or spoken.get("audio_url") or spoken.get("audio_asset_id"):
        return _voice_seconds(spoken, recordings)
    return float(scene.get("duration") or 5.0)


def _voice_seconds(request: Mapping[str, Any], recordings: Recordings) -> float:
    script = request.get("script")
    if script:
        speed = (request.get("voice_settings") or {}).get("speed", 1.0)
        return script_seconds(script, speed * voice_pace(_voice_of(request)))
    source = request.get("audio_url") or request["audio_asset_id"]
    return recordings.get(source) or unheard_seconds(source)


def _voice_of(request: Mapping[str, Any]) -> str:
    """The voice that speaks: the one asked for, or the avatar's own."""
    avatar = request.get("avatar_id")
    look = catalogue.look(avatar) if isinstance(avatar, str) else None
    return str(request.get("voice_id") or (look["default_voice_id"] if look else USUAL_VOICE))


def voice_pace(voice: str) -> float:
    """How fast a voice speaks, as a share of the documented pace; always the same for the same voice."""
    return 1.0 if voice == USUAL_VOICE else SLOWEST + (QUICKEST - SLOWEST) * _share(voice)


def unheard_seconds(source: str) -> float:
    """A length for a recording that we never hear: 5 to 20 s, always the same for the same name."""
    return 5.0 + 15.0 * _share(source)


def _share(name: str) -> float:
    """A number from 0 to 1 that is always the same for the same name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32
