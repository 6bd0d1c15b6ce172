"""Files as a viewer's player reads them: decoded, not believed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from batchgen.simulator import Account, Simulator
from tests.simulator.calls import client_of, download, finished

SCRIPT = "Hi Anna, thank you for choosing Northwind. We will call you on Tuesday."
CUE = re.compile(r"(\d+)\n(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})\n(.+)\n")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A simulator that renders storyboards; its clock moves only when told."""
    state = tmp_path_factory.mktemp("state")
    with Simulator(state=state, clock_speed=1e-6, account=Account(concurrency=100)) as simulator:
        yield simulator


@pytest.fixture
def api(studio: Simulator) -> Iterator[httpx.Client]:
    with client_of(studio.url) as client:
        yield client


def rendered(studio: Simulator, api: httpx.Client, **fields: Any) -> tuple[dict[str, Any], bytes]:
    """A finished video as it reads, and its file."""
    video = finished(studio, api, **({"script": SCRIPT, "resolution": "720p"} | fields))
    return video, download(video["video_url"]).content


def video_stream(content: bytes) -> VideoStream:
    with av.open(io.BytesIO(content), "r") as container:
        return container.streams.video[0]


def pictures(content: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(content), "r") as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def frames_with_alpha(content: bytes) -> list[VideoFrame]:
    """Decoded by libvpx: FFmpeg's own VP9 decoder drops the alpha channel."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(io.BytesIO(content), "r") as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        return [frame for packet in packets for frame in decoder.decode(packet) if isinstance(frame, VideoFrame)]


@pytest.mark.parametrize(
    ("aspect_ratio", "size"),
    [
        (None, (960, 540)),
        ("16:9", (960, 540)),
        ("9:16", (540, 960)),
        ("4:5", (768, 960)),
        ("5:4", (960, 768)),
        ("1:1", (960, 960)),
        ("auto", (960, 540)),
    ],
)
def test_a_video_plays_in_the_asked_shape_for_the_length_that_is_billed(
    studio: Simulator, api: httpx.Client, aspect_ratio: str | None, size: tuple[int, int]
) -> None:
    video, content = rendered(studio, api, aspect_ratio=aspect_ratio)
    with av.open(io.BytesIO(content), "r") as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert picture.format.name == "yuv420p"
        assert (picture.width, picture.height) == size
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(video["duration"], abs=0.5)
        assert sound.duration is not None
        assert sound.time_base is not None
        assert float(sound.duration * sound.time_base) == pytest.approx(video["duration"], abs=0.5)


def test_an_mp4_can_play_while_it_loads(studio: Simulator, api: httpx.Client) -> None:
    _, content = rendered(studio, api)
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_webm_is_transparent_around_what_it_shows(studio: Simulator, api: httpx.Client) -> None:
    video, content = rendered(studio, api, output_format="webm")
    with av.open(io.BytesIO(content), "r") as container:
        assert container.streams.video[0].codec_context.name == "vp9"
        assert container.streams.video[0].metadata["alpha_mode"] == "1"
        assert container.streams.audio[0].codec_context.name == "opus"
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(video["duration"], abs=0.5)
    frame = frames_with_alpha(content)[5]
    assert frame.format.name == "yuva420p"
    alpha = Image.frombytes("L", (frame.planes[3].line_size, frame.height), bytes(frame.planes[3]))
    assert alpha.getpixel((2, 2)) == 0
    assert alpha.getpixel((frame.width // 2, frame.height // 2)) in range(200, 256)


def test_the_background_has_the_asked_colour(studio: Simulator, api: httpx.Client) -> None:
    _, content = rendered(studio, api, background={"type": "color", "value": "#0f766e"})
    corner = pictures(content)[0].getpixel((5, 5))
    assert isinstance(corner, tuple)
    assert all(abs(seen - asked) <= 6 for seen, asked in zip(corner, (0x0F, 0x76, 0x6E), strict=True))


def test_the_script_brightens_as_it_is_said_and_the_bar_moves(studio: Simulator, api: httpx.Client) -> None:
    _, content = rendered(studio, api)
    frames = pictures(content)
    white = [sum(frame.convert("L").crop((330, 140, 920, 460)).histogram()[230:]) for frame in frames]
    yellow_reach = [max(x for x in range(40, 820) if _is_yellow(frame, x)) for frame in frames[1:]]
    assert white[-1] > white[len(white) // 2] > white[0]
    assert yellow_reach == sorted(yellow_reach)
    assert yellow_reach[-1] > 4 * yellow_reach[0]


def _is_yellow(frame: Image.Image, x: int) -> bool:
    pixel = frame.getpixel((x, 502))
    assert isinstance(pixel, tuple)
    return pixel[0] > 200 and pixel[1] > 160 and pixel[2] < 110


def test_two_rows_look_different_and_the_same_row_is_rendered_once(studio: Simulator, api: httpx.Client) -> None:
    files = set(studio.state.joinpath("files").iterdir())
    contents = [rendered(studio, api, title=title)[1] for title in ("Row A", "Row B", "Row A")]
    assert contents[0] == contents[2] != contents[1]
    assert len(set(studio.state.joinpath("files").iterdir()) - files) == 2


def test_burned_in_captions_are_an_extra_file(studio: Simulator, api: httpx.Client) -> None:
    video, plain = rendered(studio, api, caption={"style": "default"})
    captioned = pictures(download(video["captioned_video_url"]).content)[5]
    black_below = captioned.convert("L").crop((300, 400, 660, 470)).histogram()[:12]
    assert sum(black_below) > 5000 > sum(pictures(plain)[5].convert("L").crop((300, 400, 660, 470)).histogram()[:12])


def test_the_thumbnail_and_the_gif_are_small_pictures_of_the_same_shape(studio: Simulator, api: httpx.Client) -> None:
    video, _ = rendered(studio, api, aspect_ratio="9:16")
    thumbnail = Image.open(io.BytesIO(download(video["thumbnail_url"]).content))
    animation = Image.open(io.BytesIO(download(video["gif_url"]).content))
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (360, 640))
    assert (animation.format, animation.size) == ("GIF", (180, 320))
    assert getattr(animation, "n_frames", 1) > 5


def test_subtitles_hold_the_whole_script_in_order_and_end_with_the_video(studio: Simulator, api: httpx.Client) -> None:
    script = f'{SCRIPT} <break time="2s"/> {"And so on, and so on. " * 12}Bye!'
    video, _ = rendered(studio, api, script=script)
    text = download(video["subtitle_url"]).text
    cues = CUE.findall(text)
    assert [int(cue[0]) for cue in cues] == list(range(1, len(cues) + 1))
    times = [(_seconds(cue[1:5]), _seconds(cue[5:9])) for cue in cues]
    assert all(start < end for start, end in times)
    assert all(before[1] <= after[0] for before, after in pairwise(times))
    assert times[-1][1] == pytest.approx(video["duration"], abs=0.05)
    said = " ".join(cue[9] for cue in cues)
    assert said.split() == script.replace('<break time="2s"/>', "").split()
    assert any(after[0] - before[1] == pytest.approx(2.0, abs=0.01) for before, after in pairwise(times))


def _seconds(parts: tuple[str, ...]) -> float:
    hours, minutes, seconds, ms = map(int, parts)
    return hours * 3600 + minutes * 60 + seconds + ms / 1000


@pytest.mark.parametrize(
    "fields",
    [
        {"script": "مرحبا ليلى، شكرا لاختياركم شركة Northwind.", "title": "مرحبا ليلى"},
        {"script": "田中様、誠にありがとうございます。", "title": "ようこそ、田中様"},
        {"script": "Hurra 🎉👋🏽 e\u0301 \u200d done", "title": "🎉"},
        {"script": "สวัสดีครับ ยินดีต้อนรับสู่บริษัทของเรา"},
        {"script": "x" * 300, "title": "y" * 300},
        {"script": '<break time="3s"/>'},
        {"script": "\n\t "},
        {"title": None},
        {"script": None, "audio_url": "https://a.example/sounds/hello%20anna.mp3"},
        {"type": "image", "avatar_id": None, "image": {"type": "base64", "media_type": "image/png", "data": "aGk="},
         "voice_id": "v"},
        {"background": {"type": "image", "url": "https://b.example/office.jpg"}},
        {"watermark": {"image": {"type": "url", "url": "https://w.example/logo.png"}}},
        {"voice_settings": {"speed": 1.2, "locale": "de-AT"}},
    ],
)  # fmt: skip
def test_any_request_can_be_shown(studio: Simulator, api: httpx.Client, fields: dict[str, Any]) -> None:
    if fields.get("type") == "image":
        body = {"script": SCRIPT, "resolution": "720p"} | {k: v for k, v in fields.items() if k != "avatar_id"}
        video_id = api.post("/v3/videos", json=body).json()["data"]["video_id"]
        studio.advance(600)
        video = api.get(f"/v3/videos/{video_id}").json()["data"]
    else:
        video, _ = rendered(studio, api, **fields)
    content = download(video["video_url"]).content
    assert video_stream(content).width == 960
    assert download(video["subtitle_url"]).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"type": "cinematic_avatar", "prompt": "A calm walk by the sea", "avatar_id": ["a", "b"], "duration": 4},
        {
            "type": "studio",
            "scenes": [
                {"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "a", "script": "Scene one."}},
                {"type": "image", "source": {"type": "url", "url": "https://p.example/p.png"}, "duration": 3},
            ],
        },
    ],
)
def test_films_of_the_other_arms_are_shown_too(studio: Simulator, api: httpx.Client, body: dict[str, Any]) -> None:
    video_id = api.post("/v3/videos", json=body).json()["data"]["video_id"]
    studio.advance(600)
    video = api.get(f"/v3/videos/{video_id}").json()["data"]
    assert len(pictures(download(video["video_url"]).content)) == pytest.approx(5 * video["duration"], abs=1)


def test_a_static_clip_is_the_same_valid_file_for_every_video(tmp_path: Path) -> None:
    with Simulator(state=tmp_path, clock_speed=1e-6, render="static") as simulator, client_of(simulator.url) as api:
        first, content = rendered(simulator, api, title="A")
        second, again = rendered(simulator, api, title="B", script=f"{SCRIPT} {SCRIPT}")
    assert content == again
    assert second["duration"] > first["duration"]
    assert len(pictures(content)) == 5
