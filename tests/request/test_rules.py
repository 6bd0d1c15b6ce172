"""Every rule between fields, under both rule books: newest, and the original page."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from batchgen.request import RequestInvalid, check
from batchgen.request.rules import RULES
from tests.request.requests import AVATAR, IMAGE, with_values

VOICE = "voice_settings.engine_settings"
REFERENCE_LOOK = "engine.reference_look_id"
COLOR = "background.value"
PICTURE_LINK = "background.url"
PICTURE_ASSET = "background.asset_id"
WATERMARK_ASSET = "watermark.image.asset_id"
LINK = "https://example.com/x"
RECORDING = "https://example.com/x.wav"

_OTHERS_PARTS: dict[str, dict[str, Any]] = {
    "elevenlabs": {"similarity": 0.5},
    "fish": {"similarity_boost": 0.5, "style": 0.5, "use_speaker_boost": True},
    "starfish": {
        "model": "s1",
        "stability": 0.5,
        "similarity": 0.5,
        "similarity_boost": 0.5,
        "style": 0.5,
        "use_speaker_boost": False,
    },
}

# base, what is set on it, the field that is blamed by (newest, original); None: accepted
CASES: list[tuple[dict[str, Any], dict[str, Any], str | None, str | None]] = [
    (AVATAR, {}, None, None),
    (AVATAR, {"script": None}, "script", "script"),
    (AVATAR, {"script": None, "audio_url": RECORDING}, None, None),
    (AVATAR, {"script": None, "audio_asset_id": "as1"}, None, None),
    (AVATAR, {"audio_url": RECORDING}, "audio_url", "audio_url"),
    (AVATAR, {"audio_asset_id": "as1"}, "audio_asset_id", "audio_asset_id"),
    (AVATAR, {"script": None, "audio_url": RECORDING, "audio_asset_id": "as1"}, "audio_asset_id", "audio_asset_id"),
    (AVATAR, {"voice_id": None}, None, None),
    (IMAGE, {"voice_id": None}, "voice_id", "voice_id"),
    (IMAGE, {"voice_id": None, "script": None, "audio_url": RECORDING}, None, None),
    (AVATAR, {"image": {"type": "url", "url": LINK}}, "image", "image"),
    (IMAGE, {"avatar_id": "a"}, "avatar_id", "avatar_id"),
    (IMAGE, {"engine.type": "avatar_iv"}, "engine", "engine"),
    (AVATAR, {"avatar_id": None}, "avatar_id", "avatar_id"),
    (IMAGE, {"image": None}, "image", "image"),
    # engines
    (AVATAR, {"engine.type": "avatar_iv"}, None, None),
    (AVATAR, {"engine.type": "avatar_v"}, None, None),
    (AVATAR, {"engine.type": "avatar_iii"}, None, "engine.type"),
    (AVATAR, {"motion_prompt": "waves"}, None, None),
    (IMAGE, {"motion_prompt": "waves"}, None, None),
    (AVATAR, {"motion_prompt": "waves", "engine.type": "avatar_iv"}, None, None),
    (AVATAR, {"motion_prompt": "waves", "engine.type": "avatar_v"}, None, "motion_prompt"),
    (AVATAR, {"motion_prompt": "waves", "engine.type": "avatar_iii"}, "motion_prompt", "motion_prompt"),
    (AVATAR, {"expressiveness": "low"}, None, None),
    (IMAGE, {"expressiveness": "high"}, None, None),
    (AVATAR, {"expressiveness": "high", "engine.type": "avatar_iv"}, None, None),
    (AVATAR, {"expressiveness": "high", "engine.type": "avatar_v"}, "expressiveness", "expressiveness"),
    (AVATAR, {"expressiveness": "high", "engine.type": "avatar_iii"}, "expressiveness", "expressiveness"),
    (AVATAR, {"engine": {"type": "avatar_v", "reference_look_id": "b"}}, None, None),
    (AVATAR, {"engine": {"type": "avatar_iv", "reference_look_id": "b"}}, REFERENCE_LOOK, REFERENCE_LOOK),
    (AVATAR, {"engine": {"type": "avatar_iii", "reference_look_id": "b"}}, REFERENCE_LOOK, REFERENCE_LOOK),
    (AVATAR, {"engine": {"reference_look_id": "b"}}, "engine.type", "engine.type"),
    # fields of later pages
    (AVATAR, {"folder_id": "f"}, None, "folder_id"),
    (IMAGE, {"brand_glossary_id": "g"}, None, "brand_glossary_id"),
    # background
    (AVATAR, {"output_format": "webm"}, None, None),
    (AVATAR, {"output_format": "webm", "remove_background": True}, None, None),
    (AVATAR, {"output_format": "webm", "background": "#ffffff"}, "background", "background"),
    (AVATAR, {"output_format": "mp4", "background": "#ffffff"}, None, None),
    (AVATAR, {"remove_background": True, "background": LINK}, None, None),
    (AVATAR, {"background": {"type": "color"}}, COLOR, COLOR),
    (AVATAR, {"background": {"type": "image"}}, PICTURE_LINK, PICTURE_LINK),
    (AVATAR, {"background": {"url": LINK, "asset_id": "as1"}}, PICTURE_ASSET, PICTURE_ASSET),
    (AVATAR, {"background": {"type": "color", "value": "#ffffff", "url": LINK}}, PICTURE_LINK, PICTURE_LINK),
    (AVATAR, {"background": {"type": "color", "value": "#ffffff", "asset_id": "a"}}, PICTURE_ASSET, PICTURE_ASSET),
    (AVATAR, {"background": {"type": "image", "url": LINK, "value": "#ffffff"}}, COLOR, COLOR),
    (AVATAR, {"background": {"value": "#ffffff", "url": LINK}}, "background.type", "background.type"),
    (AVATAR, {"background": "wall.png"}, PICTURE_ASSET, PICTURE_ASSET),
    (AVATAR, {"script": None, "audio_asset_id": "a.wav"}, "audio_asset_id", "audio_asset_id"),
    # pictures
    (IMAGE, {"image": "anna.png"}, "image.asset_id", "image.asset_id"),
    (AVATAR, {"watermark": "logo.png"}, WATERMARK_ASSET, WATERMARK_ASSET),
    (IMAGE, {"image": {"url": LINK, "asset_id": "as1"}}, "image.asset_id", "image.asset_id"),
    (AVATAR, {"watermark.image": {"url": LINK, "asset_id": "as1"}}, WATERMARK_ASSET, WATERMARK_ASSET),
    *(
        (base, {path: picture}, f"{path}.{blamed}", f"{path}.{blamed}")
        for base, path in ((IMAGE, "image"), (AVATAR, "watermark.image"))
        for picture, blamed in (
            ({"type": "url"}, "url"),
            ({"type": "asset_id"}, "asset_id"),
            ({"type": "base64", "data": "aGk="}, "media_type"),
            ({"type": "base64", "media_type": "image/png"}, "data"),
            ({"type": "url", "url": LINK, "asset_id": "as1"}, "asset_id"),
            ({"type": "url", "url": LINK, "data": "aGk="}, "data"),
            ({"type": "url", "url": LINK, "media_type": "image/png"}, "media_type"),
            ({"type": "asset_id", "asset_id": "as1", "url": LINK}, "url"),
            ({"type": "asset_id", "asset_id": "as1", "data": "aGk="}, "data"),
            ({"type": "asset_id", "asset_id": "as1", "media_type": "image/png"}, "media_type"),
            ({"type": "base64", "media_type": "image/png", "data": "aGk=", "url": LINK}, "url"),
            ({"type": "base64", "media_type": "image/png", "data": "aGk=", "asset_id": "a"}, "asset_id"),
        )
    ),
    # speech engines
    (AVATAR, {VOICE: {"stability": 0.5}}, f"{VOICE}.engine_type", f"{VOICE}.engine_type"),
    (AVATAR, {VOICE: {"engine_type": "starfish"}}, None, None),
    (AVATAR, {VOICE: {"engine_type": "fish", "model": "s2-pro", "similarity": 1, "stability": 0.3}}, None, None),
    (AVATAR, {VOICE: {"engine_type": "elevenlabs", "stability": 0.3}}, None, None),
    (AVATAR, {VOICE: {"engine_type": "elevenlabs", "model": "eleven_turbo_v2_5", "stability": 0.3}}, None, None),
    *(
        (AVATAR, {VOICE: {"engine_type": "elevenlabs", "model": "eleven_v3", "stability": stability}}, blamed, blamed)
        for stability, blamed in ((0, None), (0.5, None), (1, None), (0.3, f"{VOICE}.stability"))
    ),
    (AVATAR, {VOICE: {"engine_type": "elevenlabs", "model": "s1"}}, f"{VOICE}.model", f"{VOICE}.model"),
    (AVATAR, {VOICE: {"engine_type": "fish", "model": "eleven_v3"}}, f"{VOICE}.model", f"{VOICE}.model"),
    *(
        (AVATAR, {VOICE: {"engine_type": engine, part: value}}, f"{VOICE}.{part}", f"{VOICE}.{part}")
        for engine, parts in _OTHERS_PARTS.items()
        for part, value in parts.items()
    ),
]  # fmt: skip


def blamed_by(rules: Literal["newest", "original"], fields: dict[str, Any]) -> set[str]:
    try:
        check(fields, rules)
    except RequestInvalid as refused:
        return {problem.path for problem in refused.problems}
    return set()


@pytest.mark.parametrize(("base", "changes", "newest", "original"), CASES, ids=lambda case: str(case)[:80])
def test_a_combination_is_accepted_or_its_field_is_blamed(
    base: dict[str, Any], changes: dict[str, Any], newest: str | None, original: str | None
) -> None:
    fields = with_values(base, changes)
    blamed_now, blamed_then = blamed_by("newest", fields), blamed_by("original", fields)
    assert (newest in blamed_now) if newest else not blamed_now
    assert (original in blamed_then) if original else not blamed_then


def test_no_rule_is_without_a_case() -> None:
    blamed = {path for *_, newest, original in CASES for path in (newest, original) if path}
    assert {rule.blames for rule in RULES} <= blamed


def test_rules_that_were_lifted_carry_the_date_and_all_rules_their_source() -> None:
    assert {rule.blames for rule in RULES if rule.lifted} == {
        "motion_prompt",
        "engine.type",
        "folder_id",
        "brand_glossary_id",
    }
    assert all(rule.source for rule in RULES)


def test_an_original_rule_says_how_to_switch_to_the_newest() -> None:
    with pytest.raises(RequestInvalid) as refused:
        check(with_values(AVATAR, {"engine.type": "avatar_iii"}), "original")
    assert 'rules = "newest"' in refused.value.problems[0].hint
