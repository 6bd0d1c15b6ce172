"""What several fields of a request say together: one dated table.

The provider changed its mind over time. ``newest`` is everything in force at the last reading (2026-11);
``original`` is the Create Video page as it stood before June 2026, with the rules that were lifted since.
Source unless a rule says otherwise: the Create Video page (POST /v3/videos).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from batchgen.fields import AVATAR, CINEMATIC, IMAGE, STUDIO, TEMPLATE, SceneKind
from batchgen.media import LocalFile, digest_of
from batchgen.request.asset_rules import rules_of_asset, rules_of_background, rules_of_file_names
from batchgen.request.normal_form import leaves
from batchgen.request.pieces import Piece, arm_of, is_film, pieces_of
from batchgen.request.problems import FieldProblem
from batchgen.request.rule import TEMPLATE_PAGE, Leaves, Rule, RuleTable, given, odd, one_of, other_than
from batchgen.request.speaker_rules import (
    rules_of_engines,
    rules_of_one_speech,
    rules_of_speech,
    rules_of_voice_engines,
    warnings_of_speech,
)

Rulebook = Literal["newest", "original", "legacy"]
"""``legacy``: everything in force, and only what the legacy route can express."""


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
    *rules_of_speech(),
    *rules_of_engines(),
    *_later_fields(),
    *rules_of_background(),
    *rules_of_asset("image"),
    *rules_of_asset("watermark.image"),
    *rules_of_file_names(),
    *rules_of_voice_engines(),
)

_ARM_RULES: Mapping[str, tuple[Rule, ...]] = {
    AVATAR: RULES,
    IMAGE: RULES,
    CINEMATIC: tuple(_shapes_of_cinematic()),
    STUDIO: (*rules_of_asset("watermark.image"), _added_later(STUDIO)),
    TEMPLATE: tuple(_of_templates()),
}
_SPEAKER_RULES = (*rules_of_speech(), *rules_of_engines(), *rules_of_voice_engines(), *rules_of_asset("image"))
_SOURCE_RULES = tuple(rules_of_asset("source", noun="file"))
_SCENE_RULES: Mapping[SceneKind, tuple[Rule, ...]] = {
    SceneKind.AVATAR: _SPEAKER_RULES,
    SceneKind.PHOTO: _SPEAKER_RULES,
    SceneKind.STILL: (*rules_of_one_speech(), *rules_of_voice_engines(), *_SOURCE_RULES),
    SceneKind.FILM: _SOURCE_RULES,
}


WARNINGS: tuple[Rule, ...] = (
    *warnings_of_speech(),
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
_ASSET_TABLE = RuleTable(rules_of_asset("asset", noun="file"))
_REFERENCE_TABLE = RuleTable(rules_of_asset("", noun="reference"))
_WARNINGS = RuleTable(WARNINGS)

MOST_FILMS, MOST_PICTURES = 3, 9
"""Among the references of a cinematic video; its looks count as pictures. Which is which, a link need not tell."""


def rule_problems(
    payload: Mapping[str, Any], rules: Rulebook, files: Mapping[str, LocalFile] | None = None
) -> list[FieldProblem]:
    """What the fields say against each other, by the rules in force in ``rules``. ``payload`` is in normal form,
    ``files`` are the local ones, by their digests."""
    arm = arm_of(payload)
    table = _TABLES[arm if isinstance(arm, str) and arm in _TABLES else AVATAR][rules]
    flat = leaves(payload)
    problems = [rule.problem(flat) for rule in table.broken(flat)]
    problems += [problem for piece in pieces_of(payload) for problem in _of_piece(piece, rules)]
    if arm == CINEMATIC:
        problems += _of_references(payload, files or {})
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


def _of_references(payload: Mapping[str, Any], files: Mapping[str, LocalFile]) -> Iterator[FieldProblem]:
    references, looks = payload.get("references"), payload.get("avatar_id")
    if not isinstance(references, Mapping):
        return
    for number, reference in references.items():
        if isinstance(reference, Mapping):
            flat = leaves(reference)
            for rule in _REFERENCE_TABLE.broken(flat):
                yield _within(f"references.{number}", rule.problem(flat))
    kinds = Counter(_is_film(reference, files) for reference in references.values())
    kinds[False] += len(looks) if isinstance(looks, Mapping) else 0
    if kinds[True] > MOST_FILMS or kinds[False] > MOST_PICTURES or kinds.total() > MOST_FILMS + MOST_PICTURES:
        message = f"At most {MOST_FILMS} films, and {MOST_PICTURES} pictures and avatar looks together."
        yield FieldProblem(path="references", message=message, hint="Take some out.")


def _is_film(reference: Any, files: Mapping[str, LocalFile]) -> bool | None:
    digest = digest_of(reference.get("asset_id")) if isinstance(reference, Mapping) else None
    file = None if digest is None else files.get(digest)
    return is_film(reference) if file is None else file.content_type.startswith("video/")


def _within(path: str, problem: FieldProblem) -> FieldProblem:
    return replace(problem, path=f"{path}.{problem.path}")


def rule_warnings(payload: Mapping[str, Any], leaves: Leaves) -> list[FieldProblem]:
    """What will probably disappoint. Whole objects (``watermark``) can be blamed here."""
    return [rule.problem(leaves) for rule in _WARNINGS.broken({**payload, **leaves})]
