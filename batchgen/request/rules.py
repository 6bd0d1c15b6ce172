"""What several fields of a request say together: one dated table.

The provider changed its mind over time. ``newest`` is everything in force at the last reading (2026-11);
``original`` is the Create Video page as it stood before June 2026, with the rules that were lifted since.
Source unless a rule says otherwise: the Create Video page (POST /v3/videos).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

from batchgen.fields import ELEVENLABS_MODELS, FISH_MODELS
from batchgen.request.problems import FieldProblem
from batchgen.request.rule import Leaves, Rule, RuleTable, absent, given, local_file, one_of, other_than

Rulebook = Literal["newest", "original"]


def _speech() -> Iterator[Rule]:
    """Exactly one of script, audio_url and audio_asset_id; a picture has no voice of its own."""
    yield Rule(
        blames="script",
        when={"script": absent, "audio_url": absent, "audio_asset_id": absent},
        message="Nothing is spoken.",
        hint="Fill in exactly one of script, audio_url and audio_asset_id.",
    )
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


def _engines() -> Iterator[Rule]:
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


def _later_fields() -> Iterator[Rule]:
    for path in ("folder_id", "brand_glossary_id"):
        yield Rule(
            blames=path,
            when={path: given},
            message=f"{path} is not a field of the original page.",
            hint='Remove it, or set rules = "newest" under [provider].',
            source="reported after July 2026",
            lifted=date(2026, 7, 31),
        )


def _background() -> Iterator[Rule]:
    yield Rule(
        blames="background",
        when={"background.type": given, "output_format": one_of("webm")},
        message="A webm video is transparent and has no background.",
        hint="Remove the background, or set output_format to mp4.",
    )
    yield Rule(
        blames="background.value",
        when={"background.type": one_of("color"), "background.value": absent},
        message="The background colour is missing.",
        hint='Write it like "#1a2b3c".',
    )
    yield Rule(
        blames="background.url",
        when={"background.type": one_of("image"), "background.url": absent, "background.asset_id": absent},
        message="The background picture is missing.",
        hint="Give its link (url) or its asset id (asset_id).",
    )
    yield Rule(
        blames="background.asset_id",
        when={"background.asset_id": given, "background.url": given},
        message="The background has a link and an asset id.",
        hint="Keep one of url and asset_id.",
    )
    for kind, part in (("color", "url"), ("color", "asset_id"), ("image", "value")):
        yield Rule(
            blames=f"background.{part}",
            when={f"background.{part}": given, "background.type": one_of(kind)},
            message=f"A background of type {kind} has no {part}.",
            hint=f"Remove {part}, or change the background's type.",
        )


_ASSET_PARTS = {"url": ("url",), "asset_id": ("asset_id",), "base64": ("media_type", "data")}


def _assets(path: str) -> Iterator[Rule]:
    for kind, needed in _ASSET_PARTS.items():
        for part in needed:
            yield Rule(
                blames=f"{path}.{part}",
                when={f"{path}.type": one_of(kind), f"{path}.{part}": absent},
                message=f"A picture of type {kind} needs {part}.",
                hint=f"Give {path}.{part}.",
            )
        for part in ("url", "asset_id", "media_type", "data"):
            if part not in needed:
                yield Rule(
                    blames=f"{path}.{part}",
                    when={f"{path}.{part}": given, f"{path}.type": one_of(kind)},
                    message=f"A picture of type {kind} has no {part}.",
                    hint=f"Remove {path}.{part}: a picture is given in one way only.",
                )


def _untyped_asset(path: str) -> Rule:
    """Contradicting parts leave the type open, and then it counts as missing; say why."""
    return Rule(
        blames=f"{path}.asset_id",
        when={f"{path}.url": given, f"{path}.asset_id": given, f"{path}.type": absent},
        message="The picture has a link and an asset id.",
        hint="Keep one of url and asset_id.",
    )


def _local_files() -> Iterator[Rule]:
    for path in ("image.asset_id", "background.asset_id", "watermark.image.asset_id", "audio_asset_id"):
        yield Rule(
            blames=path,
            when={path: local_file},
            message="This is the name of a file, not an asset id.",
            hint="Upload the file and give its asset id or its link.",
        )


_ENGINE_SETTINGS = "voice_settings.engine_settings"
_VOICE_ENGINE_PARTS = {
    "elevenlabs": ("model", "stability", "similarity_boost", "style", "use_speaker_boost"),
    "fish": ("model", "stability", "similarity"),
    "starfish": (),
}
_VOICE_ENGINE_MODELS = {"elevenlabs": ELEVENLABS_MODELS, "fish": FISH_MODELS}


def _voice_engines() -> Iterator[Rule]:
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


RULES: tuple[Rule, ...] = (
    *_speech(),
    *_engines(),
    *_later_fields(),
    *_background(),
    *_assets("image"),
    _untyped_asset("image"),
    *_assets("watermark.image"),
    _untyped_asset("watermark.image"),
    *_local_files(),
    *_voice_engines(),
)


def _without_effect() -> Iterator[Rule]:
    for audio in ("audio_url", "audio_asset_id"):
        for path in ("voice_id", "voice_settings"):
            yield Rule(
                blames=path,
                when={audio: given, path: given},
                message=f"{path} has no effect: the recording is spoken as it is.",
                hint="Remove it, or give a script instead of the recording.",
            )


WARNINGS: tuple[Rule, ...] = (
    *_without_effect(),
    Rule(
        blames="remove_background",
        when={"remove_background": one_of(False), "output_format": one_of("webm")},
        message="A webm video is transparent: the background is removed all the same.",
        hint="Set output_format to mp4 to keep the background.",
    ),
    Rule(
        blames="resolution",
        when={"resolution": one_of("4k")},
        message="4k was announced as unavailable for Avatar IV and V.",
        hint="Use 1080p when the provider refuses it.",
        source="reported July 2026",
    ),
    Rule(
        blames="watermark",
        when={"watermark": given},
        message="Watermarks are for Enterprise accounts only.",
        hint="Other accounts are refused.",
    ),
)

_TABLES: Mapping[Rulebook, RuleTable] = {
    "newest": RuleTable(rule for rule in RULES if rule.lifted is None),
    "original": RuleTable(RULES),
}
_WARNINGS = RuleTable(WARNINGS)


def rule_problems(leaves: Leaves, rules: Rulebook) -> list[FieldProblem]:
    """What the fields say against each other, by the rules in force in ``rules``."""
    return [rule.problem(leaves) for rule in _TABLES[rules].broken(leaves)]


def rule_warnings(payload: Mapping[str, Any], leaves: Leaves) -> list[FieldProblem]:
    """What will probably disappoint. Whole objects (``watermark``) can be blamed here."""
    return [rule.problem(leaves) for rule in _WARNINGS.broken({**payload, **leaves})]
