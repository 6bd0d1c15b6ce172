from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from batchgen.simulator import Account, Simulator
from tests.simulator.calls import AVATAR, client_of, create, error_code

IMAGE: dict[str, Any] = {
    "type": "image",
    "image": {"type": "url", "url": "https://pictures.example/anna.jpg"},
    "script": "Hello",
    "voice_id": "en_anna",
}
CINEMATIC: dict[str, Any] = {"type": "cinematic_avatar", "prompt": "A walk", "avatar_id": ["Anna_public"]}
SCENE: dict[str, Any] = {
    "type": "avatar_video",
    "input": {"type": "avatar", "avatar_id": "Anna_public", "script": "Hello"},
}
STUDIO: dict[str, Any] = {"type": "studio", "scenes": [SCENE]}
EVERYTHING: dict[str, Any] = {
    "title": "t", "resolution": "720p", "aspect_ratio": "9:16", "fit": "cover",
    "background": {"type": "color", "value": "#a1B2c3"}, "remove_background": True, "output_format": "mp4",
    "voice_id": "v", "voice_settings": {
        "speed": 1.5, "pitch": -50, "volume": 0, "locale": "de-DE",
        "engine_settings": {"engine_type": "elevenlabs", "model": "eleven_v3", "stability": 0.5, "style": 1},
    },
    "caption": {"file_format": "srt", "style": "default"},
    "watermark": {
        "image": {"type": "asset_id", "asset_id": "a"}, "scale": 2, "opacity": 0.5,
        "placement": {"position": "top_left", "offset_x": -1, "offset_y": 1},
    },
    "callback_url": "https://c.example", "callback_id": "c", "folder_id": "f", "brand_glossary_id": "g",
}  # fmt: skip


@pytest.mark.parametrize(
    "request_body",
    [
        AVATAR | EVERYTHING,
        AVATAR | {"avatar_id": "mine", "motion_prompt": "wave", "expressiveness": "high"},
        AVATAR | {"engine": {"type": "avatar_v", "reference_look_id": "l"}, "motion_prompt": "wave"},
        AVATAR | {"engine": {"type": "avatar_iii"}},
        AVATAR | {"engine": None, "background": None, "voice_settings": None, "caption": None, "watermark": None},
        AVATAR | {"output_format": "webm", "background": None},
        AVATAR | {"background": {"type": "image", "asset_id": "a"}},
        {"type": "avatar", "avatar_id": "Anna_public", "audio_url": "https://a.example/a.mp3"},
        IMAGE | EVERYTHING,
        {
            "type": "image",
            "image": {"type": "base64", "media_type": "image/png", "data": "aGk="},
            "audio_asset_id": "a",
        },
        CINEMATIC | {"duration": 15, "references": [{"type": "asset_id", "asset_id": "a"}]},
        CINEMATIC | {"auto_duration": True, "resolution": "1080p"},
        STUDIO | {"caption": {"style": "default"}},
        STUDIO | {"scenes": [{"type": "video", "source": {"type": "url", "url": "https://v.example/v.mp4"}}] * 50},
    ],
)
def test_what_the_contract_allows_is_accepted(api: httpx.Client, request_body: dict[str, Any]) -> None:
    answer = api.post("/v3/videos", json=request_body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("request_body", "param"),
    [
        (AVATAR | {"speed": 1}, "speed"),
        (AVATAR | {"voice_settings": {"spead": 1}}, "voice_settings.spead"),
        (AVATAR | {"image": IMAGE["image"]}, "image"),
        (IMAGE | {"avatar_id": "a"}, "avatar_id"),
        (IMAGE | {"engine": {"type": "avatar_iv"}}, "engine"),
        ({"type": "avatar", "script": "x"}, "avatar_id"),
        ({"type": "hologram"}, "type"),
        ({}, "type"),
        (AVATAR | {"resolution": "8k"}, "resolution"),
        (AVATAR | {"aspect_ratio": "21:9"}, "aspect_ratio"),
        (AVATAR | {"output_format": None}, "output_format"),
        (AVATAR | {"script": ""}, "script"),
        (AVATAR | {"script": "x" * 5001}, "script"),
        (AVATAR | {"remove_background": "true"}, "remove_background"),
        (AVATAR | {"voice_settings": {"speed": 1.51}}, "voice_settings.speed"),
        (AVATAR | {"voice_settings": {"speed": "1"}}, "voice_settings.speed"),
        (AVATAR | {"voice_settings": {"pitch": 51}}, "voice_settings.pitch"),
        (AVATAR | {"voice_settings": {"volume": True}}, "voice_settings.volume"),
        (AVATAR | {"watermark": {"image": {"type": "asset_id", "asset_id": "a"}, "scale": 0}}, "watermark.scale"),
        (AVATAR | {"watermark": {}}, "watermark.image"),
        (AVATAR | {"caption": {"file_format": "vtt"}}, "caption.file_format"),
        (AVATAR | {"background": {"type": "color", "value": "white"}}, "background.value"),
        (AVATAR | {"background": {"type": "image", "url": "u", "asset_id": "a"}}, "background.url"),
        (AVATAR | {"background": {"type": "image"}}, "background.url"),
        (AVATAR | {"script": None}, "script"),
        (AVATAR | {"audio_url": "https://a.example/a.mp3"}, "audio_url"),
        (IMAGE | {"voice_id": None}, "voice_id"),
        (AVATAR | {"output_format": "webm", "background": {"type": "color", "value": "#ffffff"}}, "background"),
        (AVATAR | {"engine": {"type": "avatar_iii"}, "motion_prompt": "wave"}, "motion_prompt"),
        (AVATAR | {"engine": {"type": "avatar_v"}, "expressiveness": "high"}, "expressiveness"),
        (AVATAR | {"motion_prompt": "wave"}, "motion_prompt"),
        (AVATAR | {"avatar_id": "Ben_public", "engine": {"type": "avatar_v"}}, "engine.type"),
        (AVATAR | {"engine": {"type": "avatar_iv", "reference_look_id": "l"}}, "engine.reference_look_id"),
        (
            AVATAR | {"voice_settings": {"engine_settings": {"engine_type": "elevenlabs", "model": "eleven_v3",
                                                             "stability": 0.4}}},
            "voice_settings.engine_settings.stability",
        ),
        (CINEMATIC | {"avatar_id": ["a"] * 4}, "avatar_id"),
        (CINEMATIC | {"duration": 4.5}, "duration"),
        (CINEMATIC | {"duration": 5, "auto_duration": True}, "duration"),
        (CINEMATIC | {"aspect_ratio": "4:5"}, "aspect_ratio"),
        (STUDIO | {"scenes": []}, "scenes"),
        (STUDIO | {"scenes": [SCENE] * 51}, "scenes"),
        (STUDIO | {"scenes": [{"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "a"}}]},
         "scenes[0].input.script"),
    ],
)  # fmt: skip
def test_what_the_contract_forbids_is_400_and_names_the_field(
    simulator: Simulator, api: httpx.Client, request_body: dict[str, Any], param: str
) -> None:
    answer = api.post("/v3/videos", json=request_body)
    assert (answer.status_code, error_code(answer)) == (400, "invalid_parameter"), answer.text
    assert answer.json()["error"]["param"] == param
    assert [call["accepted"] for call in simulator.log()["creates"]] == [False]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_400(api: httpx.Client, body: bytes) -> None:
    assert api.post("/v3/videos", content=body).status_code == 400


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"avatar_id": "missing_look"}, 404, "avatar_not_found"),
        ({"voice_id": "missing_voice"}, 404, "voice_not_found"),
        ({"script": None, "audio_asset_id": "missing_sound"}, 404, "asset_not_found"),
        ({"script": None, "audio_url": "https://missing.example/a.mp3"}, 400, "download_failed"),
    ],
)
def test_ids_and_links_named_missing_do_not_exist(
    api: httpx.Client, fields: dict[str, Any], status: int, code: str
) -> None:
    answer = create(api, **fields)
    assert (answer.status_code, error_code(answer)) == (status, code)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"engine": {"type": "avatar_iii"}}, "engine.type"),
        ({"engine": {"type": "avatar_v"}, "motion_prompt": "wave"}, "motion_prompt"),
    ],
)
def test_the_original_rules_can_be_chosen(tmp_path: Path, fields: dict[str, Any], param: str) -> None:
    with Simulator(state=tmp_path, account=Account(rules="original")) as simulator, client_of(simulator.url) as api:
        assert create(api, **fields).json()["error"]["param"] == param
