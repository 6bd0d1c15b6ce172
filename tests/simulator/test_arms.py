"""Storyboards of studio and cinematic videos, and the route of the account's templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from batchgen.simulator.render.reel import Reel
from batchgen.simulator.render.scene import Scene, scenes_of
from batchgen.simulator.render.storyboard import render_file
from batchgen.simulator.speech import video_seconds
from batchgen.simulator.store import Video
from tests.simulator.calls import error_code, read

LINK = {"type": "url", "url": "https://pictures.example/shoe.png"}
STUDIO: dict[str, Any] = {
    "type": "studio",
    "title": "Hello",
    "scenes": [
        {"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "Anna_public", "script": "One two three."}},
        {"type": "image", "source": LINK, "duration": 2},
        {"type": "avatar_video", "input": {"type": "image", "image": LINK, "voice_id": "v", "script": "Four five."}},
    ],
}
GENERATE: dict[str, Any] = {"title": "Welcome", "variables": {"first_name": {"type": "text", "content": "Anna"}}}


def video(request: dict[str, Any]) -> Video:
    """The request as an accepted video."""
    return Video(
        id="0" * 32, title=request.get("title"), folder_id=None, request=orjson.dumps(request), created_at=0.0,
        processing_at=0.0, finishes_at=0.0, duration_s=video_seconds(request), price_microusd=0, outcome="completed",
    )  # fmt: skip


def test_a_studio_video_shows_its_scenes_one_after_another(tmp_path: Path) -> None:
    one = video(STUDIO)
    scenes = scenes_of(one)
    assert [scene.title for scene in scenes] == ["Hello (1/3)", "Hello (2/3)", "Hello (3/3)"]
    assert [scene.presenter for scene in scenes] == ["avatar", "picture", "picture"]
    assert sum(scene.seconds for scene in scenes) == pytest.approx(one.duration_s, abs=0.01)
    subtitles = render_file(one, "subtitles.srt", tmp_path).read_text(encoding="utf-8")
    assert subtitles.index("One two three.") < subtitles.index("Four five.")


def test_the_words_of_later_scenes_come_later() -> None:
    scenes: tuple[Scene, ...] = scenes_of(video(STUDIO))
    words = Reel(scenes).words
    assert [word.text for word in words] == ["One", "two", "three.", "Four", "five."]
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert words[3].start == pytest.approx(scenes[0].seconds + scenes[1].seconds)


def test_a_template_is_filled_in_through_its_own_route(api: httpx.Client) -> None:
    answer = api.post("/v3/templates/tpl_welcome", json=GENERATE)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert (data["status"], data["title"]) == ("pending", "Welcome")
    assert "video_id" not in data
    assert read(api, data["id"])["title"] == "Welcome"


@pytest.mark.parametrize(
    ("template", "body", "code"),
    [
        ("tpl_gone", GENERATE, "template_not_found"),
        ("tpl_welcome", {"title": "x"}, "invalid_parameter"),
        ("tpl_welcome", {"variables": {"name": {"type": "text", "content": "x"}}}, "invalid_parameter"),
        ("tpl_welcome", {"variables": {"logo": {"type": "text", "content": "x"}}}, "invalid_parameter"),
        ("tpl_welcome", GENERATE | {"dimension": {"width": 1281, "height": 720}}, "invalid_parameter"),
        ("tpl_welcome", GENERATE | {"fps": 24}, "invalid_parameter"),
        ("tpl_welcome", GENERATE | {"scene_ids": ["scene_9"]}, "invalid_parameter"),
        ("tpl_welcome", GENERATE | {"template_id": "tpl_welcome"}, "invalid_parameter"),
    ],
)
def test_what_a_template_does_not_take_is_refused(
    api: httpx.Client, template: str, body: dict[str, Any], code: str
) -> None:
    assert error_code(api.post(f"/v3/templates/{template}", json=body)) == code
