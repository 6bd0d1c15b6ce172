"""Recordings that were uploaded: a video that speaks one is as long as it is, and costs so much."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from batchgen.simulator import Simulator
from batchgen.simulator.preview import preview
from tests.media.made import recording
from tests.simulator.calls import AVATAR, LONG_ENOUGH_S, client_of, download, read

SECONDS = 23.5  # longer than any made-up length
USD_PER_S = 0.05  # of a picture that speaks
FACE = {"type": "url", "url": "https://pictures.example/anna.png"}


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return recording(tmp_path / "hello.wav", seconds=SECONDS)


def uploaded(api: httpx.Client, file: Path) -> str:
    """The asset of a small file."""
    answer = api.post("/v3/assets", files={"file": (file.name, file.read_bytes())})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["asset_id"])


def directly_uploaded(api: httpx.Client, file: Path) -> str:
    """The asset of a file that went to its place by itself."""
    content = file.read_bytes()
    asked = {"filename": file.name, "content_type": "audio/wav", "size_bytes": len(content)}
    session = api.post("/v3/assets/direct-uploads", json=asked).json()["data"]
    put = httpx.put(session["upload_url"], content=content, headers=session["upload_headers"], trust_env=False)
    assert put.status_code == 200, put.text
    assert api.post(f"/v3/assets/{session['asset_id']}/complete").status_code == 200
    return str(session["asset_id"])


def speaking(asset_id: str) -> dict[str, Any]:
    """What a picture is asked to say."""
    return {"type": "image", "image": FACE, "audio_asset_id": asset_id, "avatar_id": None, "script": None}


def seconds_of(simulator: Simulator, api: httpx.Client, request: Mapping[str, Any]) -> float:
    """How long the video of a request becomes."""
    answer = api.post("/v3/videos", json={name: value for name, value in request.items() if value is not None})
    assert answer.status_code == 200, answer.text
    simulator.advance(LONG_ENOUGH_S)
    return float(read(api, answer.json()["data"]["video_id"])["duration"])


@pytest.mark.parametrize("upload", [uploaded, directly_uploaded])
def test_a_video_is_as_long_as_the_recording_that_it_speaks_and_costs_so_much(
    upload: Any, simulator: Simulator, api: httpx.Client, sound: Path
) -> None:
    before = balance(api)
    assert seconds_of(simulator, api, speaking(upload(api, sound))) == SECONDS
    assert before - balance(api) == pytest.approx(SECONDS * USD_PER_S)


def balance(api: httpx.Client) -> float:
    return float(api.get("/v3/users/me").json()["data"]["wallet"]["remaining_balance"])


def test_a_recording_in_a_scene_is_as_long_as_it_is(simulator: Simulator, api: httpx.Client, sound: Path) -> None:
    asset_id = uploaded(api, sound)
    scenes = [
        {"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "Anna_public", "audio_asset_id": asset_id}},
        {"type": "image", "source": FACE, "audio_asset_id": asset_id},
        {"type": "image", "source": FACE, "duration": 2},
    ]
    assert seconds_of(simulator, api, {"type": "studio", "scenes": scenes}) == 2 * SECONDS + 2


def test_an_item_of_a_batch_is_as_long_as_its_recording(simulator: Simulator, api: httpx.Client, sound: Path) -> None:
    videos = [{**AVATAR, "script": None, "audio_asset_id": uploaded(api, sound)}]
    batch = api.post("/v3/videos/batches", json={"videos": videos}).json()["data"]["batch_id"]
    simulator.advance(LONG_ENOUGH_S)
    (item,) = api.get(f"/v3/videos/batches/{batch}").json()["data"]["items"]
    assert read(api, item["video_id"])["duration"] == SECONDS


def test_what_cannot_be_played_gets_a_length_as_a_link_does(
    simulator: Simulator, api: httpx.Client, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"ID3 and nothing that a player would know")
    asset_id = uploaded(api, broken)
    first, second = (seconds_of(simulator, api, speaking(asset_id)) for _ in range(2))
    assert 5 <= first == second <= 20


def test_lengths_outlive_the_simulator(tmp_path: Path, sound: Path) -> None:
    with Simulator(state=tmp_path / "state", render="static") as simulator, client_of(simulator.url) as api:
        asset_id = uploaded(api, sound)
    with Simulator(state=tmp_path / "state", render="static") as simulator, client_of(simulator.url) as api:
        assert seconds_of(simulator, api, speaking(asset_id)) == SECONDS


def test_subtitles_of_later_scenes_wait_for_the_recording(tmp_path: Path, sound: Path) -> None:
    with Simulator(state=tmp_path / "state") as simulator, client_of(simulator.url) as api:
        heard = {"type": "image", "source": FACE, "audio_asset_id": uploaded(api, sound)}
        said = {"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "Anna_public", "script": "Good bye."}}
        made = api.post("/v3/videos", json={"type": "studio", "scenes": [heard, said]}).json()["data"]
        simulator.advance(LONG_ENOUGH_S)
        subtitles = download(read(api, made["video_id"])["subtitle_url"]).text
    assert "00:00:23,500 --> " in subtitles


def test_a_preview_plays_as_long_as_the_recording_beside_the_job(tmp_path: Path, sound: Path) -> None:
    request = {"type": "image", "image": FACE, "audio_asset_id": "sha256:12", "resolution": "720p"}
    assert preview(request, tmp_path, {"sha256:12": sound}).seconds == SECONDS
    sound.unlink()
    assert 5 <= preview(request, tmp_path, {"sha256:12": sound}).seconds <= 20
