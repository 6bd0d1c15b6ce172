"""The legacy route takes what it has words for; everything else is told, field by field, never dropped."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from batchgen.request import RequestInvalid, VideoRequest, check, legacy_body

SPOKEN: dict[str, Any] = {"avatar_id": "Anna_public", "engine": "avatar_iii", "script": "Hi", "voice_id": "en_anna"}


def request(**fields: Any) -> VideoRequest:
    return check(SPOKEN | fields, "legacy")


def body_of(**fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(legacy_body(request(**fields)))
    return body


def test_what_a_row_asks_for_is_said_in_the_words_of_the_legacy_route() -> None:
    assert body_of(title="Welcome", background="#102030", callback_id="r1") == {
        "video_inputs": [
            {
                "character": {"type": "avatar", "avatar_id": "Anna_public", "avatar_style": "normal"},
                "voice": {"type": "text", "input_text": "Hi", "voice_id": "en_anna"},
                "background": {"type": "color", "value": "#102030"},
            }
        ],
        "dimension": {"width": 1920, "height": 1080},
        "title": "Welcome",
        "callback_id": "r1",
    }


@pytest.mark.parametrize(
    ("resolution", "aspect_ratio", "size"),
    [
        ("1080p", "9:16", (1080, 1920)),
        ("720p", "16:9", (1280, 720)),
        ("1080p", "4:5", (1080, 1350)),
        ("720p", "5:4", (900, 720)),
        ("1080p", "1:1", (1080, 1080)),
    ],
)
def test_size_and_shape_become_pixels(resolution: str, aspect_ratio: str, size: tuple[int, int]) -> None:
    dimension = body_of(resolution=resolution, aspect_ratio=aspect_ratio)["dimension"]
    assert (dimension["width"], dimension["height"]) == size


def test_the_marker_goes_into_the_title_and_the_bytes_are_always_the_same() -> None:
    marked = legacy_body(request(title="Welcome"), marker="b7f3")
    assert orjson.loads(marked)["title"] == "Welcome [b7f3]"
    assert marked == legacy_body(request(title="Welcome"), marker="b7f3")


def test_the_route_is_no_part_of_what_a_row_asks_for() -> None:
    assert request() == check(SPOKEN)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"engine": None}, "engine.type"),
        ({"engine": "avatar_iv"}, "engine.type"),
        ({"voice_id": None}, "voice_id"),
        ({"resolution": "4k"}, "resolution"),
        ({"aspect_ratio": "auto"}, "aspect_ratio"),
        ({"output_format": "webm"}, "output_format"),
        ({"fit": "cover"}, "fit"),
        ({"remove_background": True}, "remove_background"),
        ({"caption": "srt"}, "caption.file_format"),
        ({"voice_settings": {"speed": 1.1}}, "voice_settings.speed"),
        ({"watermark": "https://example.com/logo.png"}, "watermark.image.type"),
        ({"background": "asset_1"}, "background.asset_id"),
        ({"callback_url": "https://example.com/done"}, "callback_url"),
        ({"folder_id": "f1"}, "folder_id"),
        ({"script": None, "audio_url": "https://example.com/a.mp3"}, "audio_url"),
        ({"avatar_id": None, "image": "https://example.com/a.jpg", "engine": None}, "type"),
    ],
)
def test_what_the_legacy_route_cannot_say_is_a_problem_of_its_field(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(RequestInvalid) as invalid:
        request(**fields)
    problem = next(problem for problem in invalid.value.problems if problem.path == path)
    assert "legacy route" in problem.message
    assert 'api = "v2"' in problem.hint


def test_scenes_and_templates_are_told_once_and_not_field_by_field() -> None:
    with pytest.raises(RequestInvalid) as invalid:
        check({"template_id": "tpl_welcome", "variables": {"first_name": "Anna"}}, "legacy")
    assert [problem.path for problem in invalid.value.problems] == ["template_id"]
