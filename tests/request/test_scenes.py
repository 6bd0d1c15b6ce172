"""Studio and cinematic videos, and those from the provider's templates: from job file and columns to the request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batchgen.request import check
from tests.media.made import film, picture
from tests.request.test_build import built, complaints, payload

SPOKEN = ("Scene 1 script", "Scene 1 Avatar", "Scene 2 script", "Scene 2 avatar")
SCENES = """
sheet = "people.csv"
[request]
title = "Hello {{ name }}"
[[request.scenes]]
avatar = "Anna"
script = "Hi {{ name }}."
[[request.scenes]]
avatar_id = "Ben"
script = "{% if offer %}For you: {{ offer }}{% endif %}"
[[request.scenes]]
source = "https://example.com/end.mp4"
"""


def said(request: dict[str, Any]) -> list[str | None]:
    """What is spoken, scene by scene."""
    return [scene.get("input", scene).get("script") for scene in request["scenes"]]


def test_repeated_columns_become_scenes(tmp_path: Path) -> None:
    result = built(tmp_path, 'sheet = "people.csv"', SPOKEN, ("Hi", "Anna", "Bye", "Ben"))
    assert payload(result) == {
        "type": "studio",
        "scenes": [
            {"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "Anna", "script": "Hi"}},
            {"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "Ben", "script": "Bye"}},
        ],
    }


def test_a_row_that_leaves_a_scenes_columns_empty_does_without_it(tmp_path: Path) -> None:
    headers = ("scenes.1.script", "scenes.1.avatar_id", *SPOKEN[2:], "scene 3 script", "scene 3 avatar")
    result = built(tmp_path, 'sheet = "people.csv"', headers, ("Hi", "Anna", "", " ", "Bye", "Cleo"))
    assert said(payload(result)) == ["Hi", "Bye"]


def test_each_scene_of_the_job_file_has_its_own_texts(tmp_path: Path) -> None:
    result = built(tmp_path, SCENES, ("name", "offer"), ("Jo", "a hat"), ("Al", ""))
    assert said(payload(result, 0)) == ["Hi Jo.", "For you: a hat", None]
    assert said(payload(result, 1)) == ["Hi Al.", None]
    assert payload(result, 1)["scenes"][1] == {
        "type": "video",
        "source": {"type": "url", "url": "https://example.com/end.mp4"},
    }


def test_a_column_for_the_voice_alone_never_drops_a_scene(tmp_path: Path) -> None:
    result = built(tmp_path, SCENES, ("name", "offer", "scene 1 voice"), ("Jo", "", ""))
    assert said(payload(result)) == ["Hi Jo.", None]


def test_a_scene_with_half_of_its_cells_is_a_problem_not_a_missing_scene(tmp_path: Path) -> None:
    result = built(tmp_path, 'sheet = "people.csv"', SPOKEN, ("Hi", "Anna", "", "Ben"))
    assert complaints(result) == [
        'Row 2, column "Scene 2 script": Nothing is spoken. '
        "Fill in exactly one of script, audio_url and audio_asset_id."
    ]


def test_a_row_without_any_scene_is_a_problem(tmp_path: Path) -> None:
    result = built(
        tmp_path,
        'sheet = "people.csv"\n[request]\ntype = "studio"\ntitle = "T"',
        ("id", *SPOKEN),
        ("7", "", "", "", ""),
    )
    (told,) = complaints(result)
    assert "A studio video needs at least one scene." in told


def test_a_problem_names_the_scene_as_the_sheet_numbers_it(tmp_path: Path) -> None:
    headers = (*SPOKEN, "Scene 3 script", "Scene 3 avatar", "Scene 3 voice_settings.speed")
    result = built(tmp_path, 'sheet = "people.csv"', headers, ("Hi", "Anna", "", "", "Bye", "Cleo", "9"))
    assert complaints(result) == [
        'Row 2, column "Scene 3 voice_settings.speed": 9 is out of range. Write a number from 0.5 to 1.5.'
    ]


def test_a_misspelt_scene_column_is_told_with_what_was_meant(tmp_path: Path) -> None:
    result = built(tmp_path, 'sheet = "people.csv"', (*SPOKEN, "Scene 3 scirpt"), ("Hi", "Anna", "", "", "Bye"))
    (told,) = complaints(result)
    assert 'column "Scene 3 scirpt"' in told
    assert 'Did you mean "scene 3 script"?' in told


def test_what_a_scene_shows_must_be_clear(tmp_path: Path) -> None:
    headers = ("scene 1 script", "scene 1 avatar", "scene 1 image")
    result = built(tmp_path, 'sheet = "people.csv"', headers, ("Hi", "Anna", "https://example.com/a.png"))
    assert "Nothing says what the scene shows." in complaints(result)[0]


def test_columns_of_other_types_stay_plain_values_in_an_avatar_job(tmp_path: Path) -> None:
    job = 'sheet = "people.csv"\n[request]\navatar_id = "Anna"\nscript = "{{ scene_1_script }} {{ duration }}"'
    result = built(tmp_path, job, ("scene 1 script", "duration", "prompt"), ("Hi", "5", "x"))
    assert payload(result) == {"type": "avatar", "avatar_id": "Anna", "script": "Hi 5"}


def test_a_cinematic_video_takes_looks_and_references_from_cells(tmp_path: Path) -> None:
    job = 'sheet = "people.csv"\n[request]\ntype = "cinematic_avatar"\nprompt = "A walk in {{ town }}"'
    headers = ("town", "avatar_id", "references", "duration")
    result = built(tmp_path, job, headers, ("Rome", "Anna, Ben", "https://example.com/a.png as1", "5"))
    assert payload(result) == {
        "type": "cinematic_avatar",
        "prompt": "A walk in Rome",
        "avatar_id": ["Anna", "Ben"],
        "references": [{"type": "url", "url": "https://example.com/a.png"}, {"type": "asset_id", "asset_id": "as1"}],
        "duration": 5,
    }


@pytest.mark.parametrize(
    ("looks", "references"),
    [
        (1, ["f.mp4"] * 4),
        (3, ["p.png"] * 7),
        (1, ["as1"] * 12),
        (1, ["f.mp4"] * 2 + ["film.mp4"] * 2),
        (2, ["p.jpg"] * 7 + ["photo.png"]),
    ],
    ids=["films", "pictures and looks", "of any kind", "films on this computer", "pictures on this computer"],
)
def test_a_cinematic_video_takes_three_films_and_nine_pictures(
    tmp_path: Path, looks: int, references: list[str]
) -> None:
    film(tmp_path / "film.mp4")
    picture(tmp_path / "photo.png")
    own = {"as1", "film.mp4", "photo.png"}
    asked = [name if name in own else f"https://example.com/{name}" for name in references]
    job = 'sheet = "people.csv"\n[request]\ntype = "cinematic_avatar"\nprompt = "A walk"'
    row = (" ".join(f"look{number}," for number in range(looks)).rstrip(","), " ".join(asked))
    assert "3 films, and 9 pictures" in complaints(built(tmp_path, job, ("avatar_id", "references"), row))[0]
    one_less = (row[0], " ".join(asked[1:]))
    assert complaints(built(tmp_path, job, ("avatar_id", "references"), one_less)) == []


@pytest.mark.parametrize("number", ["123456789012345678901234", "1e300", "-1e300"])
def test_a_number_beyond_all_bounds_is_told_where_it_stands(tmp_path: Path, number: str) -> None:
    headers = ("scene 1 source", "scene 1 duration")
    job = 'sheet = "people.csv"\n[request]\ntype = "studio"'
    result = built(tmp_path, job, headers, ("https://example.com/a.png", number))
    assert 'column "scene 1 duration"' in complaints(result)[0]


def test_lists_of_the_job_file_hold_templates(tmp_path: Path) -> None:
    job = """sheet = "people.csv"
[request]
type = "cinematic_avatar"
prompt = "A walk"
avatar_id = ["Anna", "{{ friend }}"]
"""
    result = built(tmp_path, job, ("id", "friend"), ("1", "Ben"), ("2", ""), ("3", "no id"))
    assert [row.request.payload["avatar_id"] for row in result.rows] == [["Anna", "Ben"], ["Anna"]]
    (told,) = complaints(result)
    assert 'Row 4, column "friend": [request] avatar_id.2: "no id" is not an id' in told


def test_a_run_that_listens_gives_its_address_to_every_video_that_takes_one() -> None:
    film = {"type": "cinematic_avatar", "prompt": "A walk", "avatar_id": "Anna"}
    scenes = {"scenes": [{"avatar_id": "Anna", "script": "Hi"}]}
    assert b"callback_url" not in check(film).body(callback_url="https://example.com/hook")
    assert b"callback_url" in check(scenes).body(callback_url="https://example.com/hook")
    assert b"callback_url" in check({"template_id": "t"}).body(callback_url="https://example.com/hook")


TEMPLATE = """sheet = "people.csv"
[request]
template_id = "tpl_welcome"
title = "Welcome {{ first_name }}"
[request.variables]
greeting = "Hi {{ first_name }}!"
First_Name = { type = "text" }
logo = { type = "image", fit = "contain" }
speaker = { type = "character", character_type = "avatar" }
"""


def test_declared_variables_take_their_values_from_columns_of_their_name(tmp_path: Path) -> None:
    headers = ("First name", "Logo", "Speaker", "variables.Offer", "script", "voice_id")
    result = built(tmp_path, TEMPLATE, headers, ("Jo", "https://example.com/l.png", "Anna", "10 %", "x", "y z"))
    assert payload(result) == {
        "template_id": "tpl_welcome",
        "title": "Welcome Jo",
        "variables": {
            "greeting": {"type": "text", "content": "Hi Jo!"},
            "First_Name": {"type": "text", "content": "Jo"},
            "logo": {"type": "image", "asset": {"type": "url", "url": "https://example.com/l.png"}, "fit": "contain"},
            "speaker": {"type": "character", "character_id": "Anna", "character_type": "avatar"},
            "Offer": {"type": "text", "content": "10 %"},
        },
    }


def test_a_variable_that_a_row_leaves_empty_is_a_problem(tmp_path: Path) -> None:
    result = built(tmp_path, TEMPLATE, ("First name", "Logo", "Speaker"), ("Jo", "", "Anna"))
    assert complaints(result) == ['Row 2, column "Logo": The file is missing. Give its link or its asset id.']


def test_a_request_for_a_template_has_its_id_in_the_ledger_and_not_in_the_body(tmp_path: Path) -> None:
    result = built(tmp_path, TEMPLATE, ("First name", "Logo", "Speaker"), ("Jo", "as1", "Anna"))
    request = result.rows[0].request
    assert b'"template_id":"tpl_welcome"' in request.stored
    assert b"template_id" not in request.body()
    assert b'"title":"Welcome Jo [b7f3]"' in request.body(marker="b7f3")


def test_a_film_with_a_duration_is_told_and_never_sent_as_a_picture(tmp_path: Path) -> None:
    headers = ("scene 1 source", "scene 1 duration")
    result = built(
        tmp_path, 'sheet = "people.csv"\n[request]\ntype = "studio"', headers, ("https://example.com/x.mp4", "5")
    )
    (told,) = complaints(result)
    assert 'column "scene 1 duration"' in told


def test_a_picture_with_a_duration_is_one(tmp_path: Path) -> None:
    headers = ("scene 1 source", "scene 1 duration")
    result = built(
        tmp_path, 'sheet = "people.csv"\n[request]\ntype = "studio"', headers, ("https://example.com/x.png", "5")
    )
    assert payload(result)["scenes"][0]["type"] == "image"
