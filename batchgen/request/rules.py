"""What several fields of a request say together: one dated table.

The provider changed its mind over time. ``newest`` is everything in force at the last reading (2026-11);
``original`` is the Create Video page as it stood before June 2026, with the rules that were lifted since.
Source unless a rule says otherwise: the Create Video page (POST /v3/videos).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from batchgen.fields import AVATAR, CINEMATIC, ELEVENLABS_MODELS, FISH_MODELS, IMAGE, STUDIO, TEMPLATE, SceneKind
from batchgen.request.normal_form import leaves
from batchgen.request.pieces import Piece, arm_of, pieces_of
from batchgen.request.problems import FieldProblem
from batchgen.request.rule import (
    TEMPLATE_PAGE,
    Leaves,
    Rule,
    RuleTable,
    absent,
    given,
    local_file,
    odd,
    one_of,
    other_than,
)

Rulebook = Literal["newest", "original", "legacy"]
"""``legacy``: everything in force, and only what the legacy route can express."""


def _speech() -> Iterator[Rule]:
    """Exactly one of script, audio_url and audio_asset_id; a picture has no voice of its own."""
    yield Rule(
        blames="script",
        when={"script": absent, "audio_url": absent, "audio_asset_id": absent},
        message="Nothing is spoken.",
        hint="Fill in exactly one of script, audio_url and audio_asset_id.",
    )
    yield from _one_speech()


def _one_speech() -> Iterator[Rule]:
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


def _assets(path: str, *, noun: str = "picture") -> Iterator[Rule]:
    """The rules of an asset at a path; at none, of an asset by itself."""
    at = f"{path}." if path else ""
    for kind, needed in _ASSET_PARTS.items():
        for part in needed:
            yield Rule(
                blames=f"{at}{part}",
                when={f"{at}type": one_of(kind), f"{at}{part}": absent},
                message=f"A {noun} of type {kind} needs {part}.",
                hint=f"Give {at}{part}.",
            )
        for part in ("url", "asset_id", "media_type", "data"):
            if part not in needed:
                yield Rule(
                    blames=f"{at}{part}",
                    when={f"{at}{part}": given, f"{at}type": one_of(kind)},
                    message=f"A {noun} of type {kind} has no {part}.",
                    hint=f"Remove {at}{part}: a {noun} is given in one way only.",
                )


def _untyped_asset(path: str, *, noun: str = "picture") -> Rule:
    """Contradicting parts leave the type open, and then it counts as missing; say why."""
    at = f"{path}." if path else ""
    return Rule(
        blames=f"{at}asset_id",
        when={f"{at}url": given, f"{at}asset_id": given, f"{at}type": absent},
        message=f"The {noun} has a link and an asset id.",
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


def _shapes_of_cinematic() -> Iterator[Rule]:
    yield Rule(
        blames="duration",
        when={"duration": given, "auto_duration": one_of(True)},
        message="duration and auto_duration are both given.",
        hint="Keep one of them.",
    )
    for path, allowed in (("aspect_ratio", ("16:9", "9:16", "1:1")), ("resolution", ("720p", "1080p"))):
        yield Rule(
            blames=path,
            when={path: other_than(*allowed)},
            message="Cinematic videos do not come like this.",
            hint=f"Write {', '.join(allowed)}.",
        )
    yield _added_later(CINEMATIC)


def _added_later(arm: str) -> Rule:
    return Rule(
        blames="type",
        when={"type": one_of(arm)},
        message=f"The original page knows no type {arm}.",
        hint='Set rules = "newest" under [provider].',
        source="the provider's request schema of 2026-07-21",
        lifted=date(2026, 7, 21),
    )


def _of_templates() -> Iterator[Rule]:
    for path in ("dimension.width", "dimension.height"):
        yield Rule(
            blames=path,
            when={path: odd},
            message="The size of a video is an even number of pixels.",
            hint="Write an even number from 128 to 4096.",
            source=TEMPLATE_PAGE,
        )
    yield Rule(
        blames="fps",
        when={"fps": other_than(25, 30, 60)},
        message="Videos do not come with so many frames per second.",
        hint="Write 25, 30 or 60.",
        source=TEMPLATE_PAGE,
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

_WATERMARK = (*_assets("watermark.image"), _untyped_asset("watermark.image"))
_ARM_RULES: Mapping[str, tuple[Rule, ...]] = {
    AVATAR: RULES,
    IMAGE: RULES,
    CINEMATIC: tuple(_shapes_of_cinematic()),
    STUDIO: (*_WATERMARK, _added_later(STUDIO)),
    TEMPLATE: tuple(_of_templates()),
}
_SPEAKER_RULES = (*_speech(), *_engines(), *_voice_engines(), *_assets("image"), _untyped_asset("image"))
_SOURCE_RULES = (*_assets("source", noun="file"), _untyped_asset("source", noun="file"))
_SCENE_RULES: Mapping[SceneKind, tuple[Rule, ...]] = {
    SceneKind.AVATAR: _SPEAKER_RULES,
    SceneKind.PHOTO: _SPEAKER_RULES,
    SceneKind.STILL: (*_one_speech(), *_voice_engines(), *_SOURCE_RULES),
    SceneKind.FILM: _SOURCE_RULES,
}
_ASSET_RULES = (*_assets("asset", noun="file"), _untyped_asset("asset", noun="file"))
_REFERENCE_RULES = (*_assets("", noun="reference"), _untyped_asset("", noun="reference"))


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


def _tables(rules: tuple[Rule, ...]) -> Mapping[Rulebook, RuleTable]:
    newest = RuleTable(rule for rule in rules if rule.lifted is None)
    return {"newest": newest, "original": RuleTable(rules), "legacy": newest}


_TABLES = {arm: _tables(rules) for arm, rules in _ARM_RULES.items()}
_SCENE_TABLES = {kind: _tables(rules) for kind, rules in _SCENE_RULES.items()}
_ASSET_TABLE, _REFERENCE_TABLE = RuleTable(_ASSET_RULES), RuleTable(_REFERENCE_RULES)
_WARNINGS = RuleTable(WARNINGS)

MOST_REFERENCES = 12
"""3 films and 9 pictures; the looks count as pictures. Which is which, a link need not tell."""


def rule_problems(payload: Mapping[str, Any], rules: Rulebook) -> list[FieldProblem]:
    """What the fields say against each other, by the rules in force in ``rules``. ``payload`` is in normal form."""
    arm = arm_of(payload)
    table = _TABLES[arm if isinstance(arm, str) and arm in _TABLES else AVATAR][rules]
    flat = leaves(payload)
    problems = [rule.problem(flat) for rule in table.broken(flat)]
    problems += [problem for piece in pieces_of(payload) for problem in _of_piece(piece, rules)]
    if arm == CINEMATIC:
        problems += _of_references(payload)
    return problems


def _of_piece(piece: Piece, rules: Rulebook) -> Iterator[FieldProblem]:
    if not isinstance(piece.fields, Mapping):
        return
    flat = leaves(piece.fields)
    table = _ASSET_TABLE
    if piece.path.startswith("scenes."):
        if piece.kind is None:
            return
        kind = SceneKind(piece.kind)
        table = _SCENE_TABLES[kind][rules]
        flat["type"] = AVATAR if kind is SceneKind.AVATAR else IMAGE
    for rule in table.broken(flat):
        yield _within(piece.path, rule.problem(flat))


def _of_references(payload: Mapping[str, Any]) -> Iterator[FieldProblem]:
    references, looks = payload.get("references"), payload.get("avatar_id")
    if not isinstance(references, Mapping):
        return
    for number, reference in references.items():
        if isinstance(reference, Mapping):
            flat = leaves(reference)
            for rule in _REFERENCE_TABLE.broken(flat):
                yield _within(f"references.{number}", rule.problem(flat))
    if len(references) + (len(looks) if isinstance(looks, Mapping) else 0) > MOST_REFERENCES:
        message = f"At most {MOST_REFERENCES} references and avatar looks together: 3 films and 9 pictures."
        yield FieldProblem(path="references", message=message, hint="Take some out.")


def _within(path: str, problem: FieldProblem) -> FieldProblem:
    return replace(problem, path=f"{path}.{problem.path}")


def rule_warnings(payload: Mapping[str, Any], leaves: Leaves) -> list[FieldProblem]:
    """What will probably disappoint. Whole objects (``watermark``) can be blamed here."""
    return [rule.problem(leaves) for rule in _WARNINGS.broken({**payload, **leaves})]
