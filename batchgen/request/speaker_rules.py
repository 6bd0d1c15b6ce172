"""What the fields of whoever speaks say together: text, recording, engine and voice.

Source unless a rule says otherwise: the Create Video page (POST /v3/videos).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from batchgen.fields import ELEVENLABS_MODELS, FISH_MODELS
from batchgen.request.rule import Rule, absent, given, one_of, other_than


def rules_of_speech() -> Iterator[Rule]:
    """Exactly one of script, audio_url and audio_asset_id; a picture has no voice of its own."""
    yield Rule(
        blames="script",
        when={"script": absent, "audio_url": absent, "audio_asset_id": absent},
        message="Nothing is spoken.",
        hint="Fill in exactly one of script, audio_url and audio_asset_id.",
    )
    yield from rules_of_one_speech()


def rules_of_one_speech() -> Iterator[Rule]:
    """At most one of them."""
    for one, other in (
        ("script", "audio_url"),
        ("script", "audio_asset_id"),
        ("audio_url", "audio_asset_id"),
    ):
        yield Rule(
            blames=other,
            when={other: given, one: given},
            message=f"{one} and {other} are both given.",
            hint="Keep exactly one of script, audio_url and audio_asset_id.",
        )
    yield Rule(
        blames="voice_id",
        when={"type": one_of("image"), "script": given, "voice_id": absent},
        message="A picture that speaks a script needs voice_id.",
        hint="Give the id of a voice.",
    )


def rules_of_engines() -> Iterator[Rule]:
    """What the avatar engines refuse. Whether a look supports an engine, only the catalogue knows."""
    for engine in ("avatar_v", "avatar_iii"):
        yield Rule(
            blames="expressiveness",
            when={"expressiveness": given, "engine.type": one_of(engine)},
            message=f"expressiveness does not work with engine {engine}.",
            hint="Remove it, or use avatar_iv (photo avatars and pictures).",
        )
    for engine in ("avatar_iv", "avatar_iii"):
        yield Rule(
            blames="engine.reference_look_id",
            when={"engine.reference_look_id": given, "engine.type": one_of(engine)},
            message=f"reference_look_id does not work with engine {engine}.",
            hint="Remove it, or use avatar_v.",
        )
    yield Rule(
        blames="motion_prompt",
        when={"motion_prompt": given, "engine.type": one_of("avatar_iii")},
        message="motion_prompt does not work with engine avatar_iii.",
        hint="Remove it, or use avatar_iv or avatar_v.",
    )
    yield Rule(
        blames="motion_prompt",
        when={"motion_prompt": given, "engine.type": one_of("avatar_v")},
        message="motion_prompt does not work with engine avatar_v by the original rules.",
        hint='Remove it, or set rules = "newest" under [provider].',
        lifted=date(2026, 6, 1),
    )
    yield Rule(
        blames="engine.type",
        when={"engine.type": one_of("avatar_iii")},
        message="The original rules know avatar_iii only in the older API.",
        hint='Use avatar_iv or avatar_v, or set rules = "newest" under [provider].',
        lifted=date(2026, 6, 24),
    )


_ENGINE_SETTINGS = "voice_settings.engine_settings"
_VOICE_ENGINE_PARTS = {
    "elevenlabs": ("model", "stability", "similarity_boost", "style", "use_speaker_boost"),
    "fish": ("model", "stability", "similarity"),
    "starfish": (),
}
_VOICE_ENGINE_MODELS = {"elevenlabs": ELEVENLABS_MODELS, "fish": FISH_MODELS}


def rules_of_voice_engines() -> Iterator[Rule]:
    every_part = {part: None for parts in _VOICE_ENGINE_PARTS.values() for part in parts}
    for engine, parts in _VOICE_ENGINE_PARTS.items():
        for part in every_part.keys() - set(parts):
            yield Rule(
                blames=f"{_ENGINE_SETTINGS}.{part}",
                when={f"{_ENGINE_SETTINGS}.{part}": given, f"{_ENGINE_SETTINGS}.engine_type": one_of(engine)},
                message=f"The speech engine {engine} has no {part}.",
                hint=f"Remove it; {engine} takes {', '.join(parts) or 'no settings'}.",
            )
    for engine, models in _VOICE_ENGINE_MODELS.items():
        yield Rule(
            blames=f"{_ENGINE_SETTINGS}.model",
            when={
                f"{_ENGINE_SETTINGS}.model": other_than(*models),
                f"{_ENGINE_SETTINGS}.engine_type": one_of(engine),
            },
            message=f"This model is not one of {engine}.",
            hint=f"Write {', '.join(models)}.",
        )
    yield Rule(
        blames=f"{_ENGINE_SETTINGS}.stability",
        when={
            f"{_ENGINE_SETTINGS}.stability": other_than(0, 0.5, 1),
            f"{_ENGINE_SETTINGS}.model": one_of("eleven_v3"),
        },
        message="eleven_v3 knows three stabilities only.",
        hint="Write 0, 0.5 or 1.",
    )


def warnings_of_speech() -> Iterator[Rule]:
    for audio in ("audio_url", "audio_asset_id"):
        for path in ("voice_id", "voice_settings"):
            yield Rule(
                blames=path,
                when={audio: given, path: given},
                message=f"{path} has no effect: the recording is spoken as it is.",
                hint="Remove it, or give a script instead of the recording.",
            )
