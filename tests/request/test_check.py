from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings

from batchgen.fields import BOTH_ARMS, BY_PATH, Field, Kind
from batchgen.request import RequestInvalid, check, warnings
from tests.request.requests import (
    AVATAR,
    EVERYTHING_AVATAR,
    EVERYTHING_IMAGE,
    IMAGE,
    accepted_fields,
    any_fields,
    paths_of,
    with_value,
    with_values,
)


def problems_of(fields: dict[str, Any]) -> dict[str, str]:
    """Path → message and hint of everything that is wrong."""
    with pytest.raises(RequestInvalid) as refused:
        check(fields)
    return {problem.path: f"{problem.message} {problem.hint}".strip() for problem in refused.value.problems}


@pytest.mark.parametrize("fields", [AVATAR, IMAGE, EVERYTHING_AVATAR, EVERYTHING_IMAGE])
def test_a_right_request_is_sent_exactly_as_given(fields: dict[str, Any]) -> None:
    assert check(fields).payload == fields


OTHER_WAYS: dict[str, Any] = {
    "script": None,
    "audio_url": "https://example.com/a.wav",
    "background": {"type": "image", "url": "https://example.com/b.png"},
    "watermark.image": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
    "image": {"type": "url", "url": "https://example.com/i.png"},
}
THIRD_WAYS: dict[str, Any] = {
    "script": None,
    "audio_asset_id": "as9",
    "background": {"type": "image", "asset_id": "as8"},
    "watermark.image": {"type": "url", "url": "https://example.com/w.png"},
    "image": {"type": "asset_id", "asset_id": "as7"},
    "voice_settings.engine_settings": {
        "engine_type": "fish",
        "model": "s1",
        "stability": 0.3,
        "similarity": 0.4,
    },
}
SPEAKERS = [field for field in BY_PATH.values() if field.arms & BOTH_ARMS]
WITH_ENGINE_IV: dict[str, Any] = {"engine": {"type": "avatar_iv"}, "expressiveness": "low"}


def test_every_field_of_the_list_can_be_sent_with_each_type_that_has_it() -> None:
    avatar = [
        EVERYTHING_AVATAR,
        *(with_values(EVERYTHING_AVATAR, ways | {"image": None}) for ways in (OTHER_WAYS, THIRD_WAYS, WITH_ENGINE_IV)),
    ]
    image = [EVERYTHING_IMAGE, *(with_values(EVERYTHING_IMAGE, ways) for ways in (OTHER_WAYS, THIRD_WAYS))]
    for arm, requests in (("avatar", avatar), ("image", image)):
        sent = {path for request in requests for path in paths_of(check(request).payload)}
        assert sent == {path for path, field in BY_PATH.items() if arm in field.arms and not field.is_object}


@pytest.mark.parametrize(
    ("path", "given_as", "sent"),
    [
        ("background", "#1a2b3c", {"type": "color", "value": "#1a2b3c"}),
        ("background", "https://example.com/b", {"type": "image", "url": "https://example.com/b"}),
        ("background", "as1", {"type": "image", "asset_id": "as1"}),
        ("background", {"value": "#1a2b3c"}, {"type": "color", "value": "#1a2b3c"}),
        ("background", {"asset_id": "as1"}, {"type": "image", "asset_id": "as1"}),
        ("caption", "srt", {"file_format": "srt"}),
        ("caption", "default", {"style": "default"}),
        ("engine", "avatar_v", {"type": "avatar_v"}),
        ("watermark", "HTTPS://example.com/w.png", {"image": {"type": "url", "url": "HTTPS://example.com/w.png"}}),
        ("watermark", {"image": "as1", "scale": 2}, {"image": {"type": "asset_id", "asset_id": "as1"}, "scale": 2}),
    ],
)
def test_a_shorthand_in_one_cell_becomes_the_object_that_is_sent(path: str, given_as: Any, sent: Any) -> None:
    assert check({**AVATAR, path: given_as}).payload[path] == sent


@pytest.mark.parametrize(
    ("image", "sent"),
    [
        ("https://example.com/i", {"type": "url", "url": "https://example.com/i"}),
        ("as1", {"type": "asset_id", "asset_id": "as1"}),
        (
            {"media_type": "image/png", "data": "aGk="},
            {"type": "base64", "media_type": "image/png", "data": "aGk="},
        ),
    ],
)
def test_a_picture_is_given_as_link_asset_or_data(image: Any, sent: dict[str, str]) -> None:
    assert check({**IMAGE, "image": image}).payload["image"] == sent


def test_the_type_follows_from_who_speaks() -> None:
    assert check({"avatar_id": "a", "script": "Hi."}).payload["type"] == "avatar"
    assert check({"image": "as1", "script": "Hi.", "voice_id": "v"}).payload["type"] == "image"


def test_with_avatar_and_picture_or_with_neither_the_type_has_to_be_said() -> None:
    assert "Nothing says who speaks." in problems_of({"script": "Hi."})["type"]
    assert "Nothing says who speaks." in problems_of({**AVATAR, "image": "as1", "type": None})["type"]


def test_what_is_empty_counts_as_not_given() -> None:
    fields = {**AVATAR, "title": "", "voice_id": None, "motion_prompt": "  ", "voice_settings": {"locale": ""}}
    assert check(fields).payload == AVATAR


def test_the_fields_that_were_given_are_left_alone() -> None:
    fields = {**AVATAR, "background": "#ffffff", "voice_settings": {"speed": 1.0}}
    check(fields)
    assert fields["background"] == "#ffffff"


@pytest.mark.parametrize("field", [field for field in SPEAKERS if field.kind is Kind.NUMBER], ids=lambda f: f.path)
def test_every_number_is_held_to_its_bounds(field: Field) -> None:
    assert field.minimum is not None
    assert field.maximum is not None
    below = field.minimum if field.exclusive_minimum else math.nextafter(field.minimum, -math.inf)
    for wrong in (below, math.nextafter(field.maximum, math.inf), math.inf, math.nan):
        assert "is out of range" in problems_of(with_value(AVATAR, field.path, wrong))[field.path]
    for right in (field.maximum, field.minimum):
        if right != below:
            assert field.path not in _problem_paths(with_value(AVATAR, field.path, right))


@pytest.mark.parametrize("field", [field for field in SPEAKERS if field.kind is Kind.CHOICE], ids=lambda f: f.path)
def test_every_choice_takes_its_values_and_no_others(field: Field) -> None:
    base = AVATAR if "avatar" in field.arms else IMAGE
    assert "is not" in problems_of(with_value(base, field.path, "qqq"))[field.path]
    for choice in field.choices:
        assert field.path not in _problem_paths(with_value(base, field.path, choice))


def _problem_paths(fields: dict[str, Any]) -> set[str]:
    try:
        check(fields)
    except RequestInvalid as refused:
        return {problem.path for problem in refused.problems}
    return set()


def test_a_script_has_5000_characters_at_most() -> None:
    check({**AVATAR, "script": "é" * 5_000})
    assert problems_of({**AVATAR, "script": "é" * 5_001}) == {
        "script": "The script has 5,001 characters; 5,000 are the most. Shorten it by 1, or make two videos of it."
    }


NO_FIELD = "is not a field of a video request."
NO_LINK = "is not a link. A link starts with https:// and has no spaces."
NO_ID = "is not an id: ids have no spaces and no slashes. Copy the id from the dashboard; a name is not an id."


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("scrpit", "Hi.", f'scrpit {NO_FIELD} Did you mean "script"?'),
        ("zzz", 1, f"zzz {NO_FIELD}"),
        ("voice_settings.sped", 1, f'voice_settings.sped {NO_FIELD} Did you mean "voice_settings.speed"?'),
        ("image", "as1", 'image does not go with type "avatar". Remove image, or change the type.'),
        ("type", "avtar", '"avtar" is not one of avatar, image, cinematic_avatar, studio. Did you mean "avatar"?'),
        ("remove_background", "ja", '"ja" is neither TRUE nor FALSE. Write TRUE or FALSE.'),
        ("remove_background", 1, '"1" is neither TRUE nor FALSE. Write TRUE or FALSE.'),
        ("voice_settings.speed", "1,05", '"1,05" has a decimal comma. Write it with a point: "1.05".'),
        ("voice_settings.speed", "1.05", '"1.05" is text. Write it without quotes.'),
        ("voice_settings.speed", True, '"TRUE" is not a number. Write a number from 0.5 to 1.5.'),
        ("voice_settings.speed", 2, "2 is out of range. Write a number from 0.5 to 1.5."),
        ("watermark.scale", 0, "0 is out of range. Write a number above 0 to 2."),
        ("title", 5, '5 is not text. Put it in quotes: "5".'),
        ("title", ["a"], 'a list is not text. Put it in quotes: "a list".'),
        ("caption", 7, "7 cannot stand for caption. Set its parts: caption.file_format, caption.style."),
        ("audio_url", "photos/a.wav", f'"photos/a.wav" {NO_LINK}'),
        ("audio_url", "ftp://a.example/a", f'"ftp://a.example/a" {NO_LINK}'),
        ("background", "#fff", '"#fff" is not a colour code. Did you mean "#ffffff"?'),
        ("background", "1a2b3c", '"1a2b3c" is not a colour code. Did you mean "#1a2b3c"?'),
        ("background", "White", '"White" is not a colour code. Did you mean "#ffffff"?'),
        ("background", "#12345z", '"#12345z" is not a colour code. Write six digits after "#", like "#1a2b3c".'),
        ("voice_id", "Anna Smith", f'"Anna Smith" {NO_ID}'),
        ("title", "a\ud83d", "The text holds half a character that cannot be sent. Type the text anew."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_plain_words(path: str, value: Any, told: str) -> None:
    assert told in problems_of(with_value(AVATAR, path, value)).values()


def test_without_a_folder_to_look_in_a_file_name_is_no_asset_id() -> None:
    told = problems_of({**IMAGE, "image": "anna.JPG"})
    assert told == {
        "image.asset_id": "This is the name of a file, not an asset id. "
        "Upload the file and give its asset id or its link."
    }
    assert "no slashes" in problems_of({**IMAGE, "image": "photos/anna.jpg"})["image.asset_id"]


def test_every_problem_is_told_at_once_and_each_once() -> None:
    fields = {
        "type": "avatar",
        "title": 5,
        "scrpit": "Hi",
        "voice_settings": {"speed": 2, "engine_settings": {"engine_type": "fish", "style": 0.4}},
        "background": "#fff",
        "engine": "v",
        "remove_background": "ja",
        "caption": 7,
        "watermark": {"scale": 1},
        "image": "no id",
    }
    assert set(problems_of(fields)) == {
        "avatar_id",
        "title",
        "scrpit",
        "voice_settings.speed",
        "voice_settings.engine_settings.style",
        "background.value",
        "engine.type",
        "remove_background",
        "caption",
        "watermark.image",
        "image",
        "script",
    }


@settings(deadline=None)
@given(any_fields() | accepted_fields())
def test_what_is_accepted_holds_only_known_fields_within_bounds(fields: dict[str, Any]) -> None:
    try:
        request = check(fields)
    except RequestInvalid as refused:
        _assert_told_to_people(refused)
        return
    for path, value in paths_of(request.payload).items():
        field = BY_PATH[path]
        assert request.payload["type"] in field.arms
        assert not field.choices or value in field.choices
        if field.minimum is not None and field.maximum is not None:
            assert field.minimum <= value <= field.maximum


def _assert_told_to_people(refused: RequestInvalid) -> None:
    for problem in refused.problems:
        assert problem.message
        assert problem.message[-1] == "."
        assert not any(word in problem.message for word in ("Input should", "Extra inputs", "None", "string_", "{"))


def test_settings_without_effect_and_likely_refusals_are_warnings() -> None:
    payload = check(
        {
            "avatar_id": "a",
            "audio_url": "https://example.com/a.wav",
            "voice_settings": {"speed": 1.2},
            "output_format": "webm",
            "remove_background": False,
            "resolution": "4k",
            "watermark": "as1",
        }
    ).payload
    assert {warning.path for warning in warnings(payload)} == {
        "voice_settings",
        "remove_background",
        "resolution",
        "watermark",
    }
    assert warnings(AVATAR) == ()
