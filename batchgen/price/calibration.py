"""How fast each voice really speaks, learnt from finished videos: a tempo with an interval, wary of few samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from batchgen.price.speech import LIKELY_PACE, Speech, speech_of, without_pauses

# What is believed of a voice before it was heard weighs as much as so many finished videos.
PRIOR_WEIGHT = 4
# 9 of 10 videos lie within so many standard deviations of the (logarithmic) mean.
_NINE_OF_TEN = 1.645
# Unheard voices: 9 of 10 speak between 120 and 187 words a minute, around the provider's 150.
_PRIOR_SPREAD = math.log(1.25) / (_NINE_OF_TEN * math.sqrt(1 + 1 / PRIOR_WEIGHT))
SHORTEST_SAMPLE_S = 1.5
"""Of shorter speech the length says more about rounding than about the voice."""
_WILDEST = math.log(4)
"""A recording four times as long as thought is a mistake of some kind; it counts no further."""

Voice = tuple[str, str]
"""A voice (or the avatar whose own voice speaks), and its locale (or what is written)."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long a voice takes for what takes a usual voice one second: likely, and for 9 of 10 videos from … to."""

    likely: float
    low: float
    high: float


@dataclass(slots=True)
class _Heard:
    """The sums over one voice's samples; a sample is the logarithm of true ÷ usual seconds."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, sample: float) -> None:
        self.count += 1
        self.total += sample
        self.squares += sample * sample

    def tempo(self) -> Tempo:
        """Mean and spread, as if `PRIOR_WEIGHT` videos of a usual voice had been among the samples."""
        weight = self.count + PRIOR_WEIGHT
        mean = self.total / weight
        variance = max((self.squares + PRIOR_WEIGHT * _PRIOR_SPREAD**2) / weight - mean * mean, 0.0)
        reach = _NINE_OF_TEN * math.sqrt(variance * (1 + 1 / weight))
        return Tempo(math.exp(mean), math.exp(mean - reach), math.exp(mean + reach))


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The tempo of every voice that was heard. Made by `learnt_from`; the same samples give the same tempi."""

    samples: int = 0
    tempi: Mapping[Voice, Tempo] = field(default_factory=dict)
    usual: Tempo = field(default_factory=lambda: _Heard().tempo())

    def tempo(self, payload: Mapping[str, Any], speech: Speech) -> Tempo:
        """How fast this request will be spoken, as far as that is known."""
        return self.tempi.get(_voice(payload, speech), self.usual) if self.tempi else self.usual


NOTHING_LEARNT = Calibration()


def learnt_from(finished: Iterable[tuple[Mapping[str, Any], float]]) -> Calibration:
    """``finished`` are requests with the true length of their videos in seconds; only those with a script count."""
    heard: dict[Voice, _Heard] = {}
    for payload, duration_s in finished:
        script = payload.get("script")
        if not isinstance(script, str):
            continue
        text, pauses_s = without_pauses(script)
        speech = speech_of(text)
        usual_s = speech.seconds_at(LIKELY_PACE) / payload.get("voice_settings", {}).get("speed", 1.0)
        spoken_s = duration_s - pauses_s
        if usual_s >= SHORTEST_SAMPLE_S and spoken_s > 0:
            sample = min(max(math.log(spoken_s / usual_s), -_WILDEST), _WILDEST)
            heard.setdefault(_voice(payload, speech), _Heard()).add(sample)
    return Calibration(
        samples=sum(each.count for each in heard.values()),
        tempi={voice: each.tempo() for voice, each in heard.items()},
    )


def _voice(payload: Mapping[str, Any], speech: Speech) -> Voice:
    settings = payload.get("voice_settings") or {}
    return str(payload.get("voice_id") or payload.get("avatar_id") or ""), settings.get("locale") or speech.writing
