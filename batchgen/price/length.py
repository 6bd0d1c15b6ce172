"""How long a video will be, from what it says: likely, and from … to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchgen.price.calibration import NOTHING_LEARNT, Calibration, Tempo
from batchgen.price.scenes import scenes_of
from batchgen.price.speech import LIKELY_PACE, SLOW_PACE, Speech, speech_of, without_pauses

SHORTEST_S = 1.0
# Nobody knows how long a linked recording is before it is fetched: a minute is usual, ten are the API's limit.
AUDIO_S, AUDIO_HIGH_S = 60.0, 600.0
RECORDING_MARGIN_S = 1.0
CINEMATIC_S, CINEMATIC_HIGH_S = 10.0, 15.0
NO_RECORDINGS: Mapping[str, float] = {}
STILL_S, STILL_HIGH_S = 5.0, 15.0  # our choice; no page tells how long a picture is shown by itself


@dataclass(frozen=True, slots=True)
class Length:
    """How long the video will be: likely, and most probably not below and not above. Seconds."""

    seconds: float
    seconds_low: float
    seconds_high: float


def length_of(
    payload: Mapping[str, Any],
    calibration: Calibration = NOTHING_LEARNT,
    recordings: Mapping[str, float] = NO_RECORDINGS,
) -> Length:
    """How long the video will be, from what it says and from how long others of its voice became.

    ``recordings``: asset id → seconds, of those that are known.
    """
    if payload.get("type") == "cinematic_avatar":
        fixed = payload.get("duration")
        return Length(fixed, fixed, fixed) if fixed else Length(CINEMATIC_S, SHORTEST_S, CINEMATIC_HIGH_S)
    if payload.get("type") == "studio":
        return _together([length_of(scene, calibration, recordings) for scene in scenes_of(payload)])
    script = payload.get("script")
    if script is None:
        return _length_of_shown(payload, recordings)
    text, pauses_s = without_pauses(script)
    speech = speech_of(text)
    settings = payload.get("voice_settings", {})
    tempo = calibration.tempo(payload, speech)
    return _length(text, speech, pauses_s, settings.get("speed", 1.0), tempo)


def _together(lengths: list[Length]) -> Length:
    return Length(
        seconds=round(sum(length.seconds for length in lengths), 2),
        seconds_low=round(sum(length.seconds_low for length in lengths), 2),
        seconds_high=round(sum(length.seconds_high for length in lengths), 2),
    )


def _length_of_shown(payload: Mapping[str, Any], recordings: Mapping[str, float]) -> Length:
    """Of a linked recording, a film, or one of the provider's templates, nobody knows more than what is usual."""
    if (seconds := recordings.get(payload.get("audio_asset_id", ""))) is not None:
        return _of_recording(seconds)
    if "duration" in payload:
        return Length(payload["duration"], payload["duration"], payload["duration"])
    is_still = "source" in payload and not payload.keys() & {"playback", "audio_url", "audio_asset_id"}
    return Length(STILL_S, SHORTEST_S, STILL_HIGH_S) if is_still else Length(AUDIO_S, SHORTEST_S, AUDIO_HIGH_S)


def _of_recording(seconds: float) -> Length:
    """As long as the recording; what is billed may begin and end with a moment of silence."""
    known = max(round(seconds, 2), SHORTEST_S)
    return Length(known, known, math.ceil((known + RECORDING_MARGIN_S) * 100) / 100)


def spoken_length(script: str, *, speed: float) -> Length:
    """How long a script takes to speak by a voice of which nothing is known."""
    text, pauses_s = without_pauses(script)
    return _length(text, speech_of(text), pauses_s, speed, NOTHING_LEARNT.usual)


def _length(text: str, speech: Speech, pauses_s: float, speed: float, tempo: Tempo) -> Length:
    """Pauses count in full; a faster voice or setting never lowers the upper value.

    The upper value is never below 1 s more than words ÷ 2.0 per s, whatever was learnt.
    """
    usual = speech.seconds_at(LIKELY_PACE) / speed
    slow = max(speech.seconds_at(SLOW_PACE), len(text.split()) / SLOW_PACE.words) / min(speed, 1.0)
    high = max(slow, usual * tempo.high) + pauses_s + 1.0
    return Length(
        seconds=round(max(usual * tempo.likely + pauses_s, SHORTEST_S), 2),
        seconds_low=round(max(usual * tempo.low + pauses_s, SHORTEST_S), 2),
        seconds_high=math.ceil(high * 100) / 100,
    )
