from __future__ import annotations

import httpx
import pytest

from batchgen.simulator import Simulator
from tests.simulator.calls import download, finished, read

WEEK_S = 7 * 24 * 3600


@pytest.fixture
def video_url(simulator: Simulator, api: httpx.Client) -> str:
    return str(finished(simulator, api)["video_url"])


def test_a_link_needs_no_api_key_and_has_its_length(video_url: str) -> None:
    answer = download(video_url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert int(answer.headers["content-length"]) == len(answer.content) > 1000


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=10-19", 10, 19), ("bytes=500-", 500, None), ("bytes=-5", -5, None)]
)
def test_a_part_can_be_asked_for(video_url: str, asked: str, first: int, last: int | None) -> None:
    whole = download(video_url).content
    part = download(video_url, Range=asked)
    assert part.status_code == 206
    assert part.content == whole[first : None if last is None else last + 1]
    assert part.headers["content-range"].endswith(f"/{len(whole)}")


def test_a_part_beyond_the_end_is_416(video_url: str) -> None:
    size = len(download(video_url).content)
    answer = download(video_url, Range=f"bytes={size}-")
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")


def test_an_api_key_sent_to_the_file_host_is_refused_and_logged(simulator: Simulator, video_url: str) -> None:
    assert download(video_url, **{"X-Api-Key": "secret"}).status_code == 400
    assert download(video_url).status_code == 200
    assert [(entry["api_key_sent"], entry["status"]) for entry in simulator.log()["downloads"]] == [
        (True, 400),
        (False, 200),
    ]


def test_a_link_expires_and_reading_the_video_again_mints_a_new_one(
    simulator: Simulator, api: httpx.Client, video_url: str
) -> None:
    simulator.advance(WEEK_S + 60)
    assert download(video_url).status_code == 403
    fresh = read(api, video_url.split("/")[4])["video_url"]
    assert download(fresh).status_code == 200


def test_a_link_cannot_be_made_up(video_url: str) -> None:
    assert download(video_url.replace("expires=1", "expires=2")).status_code == 403
    assert download(video_url.replace("video.mp4", "thumbnail.jpg")).status_code == 403
    assert download(video_url.partition("?")[0]).status_code == 403


def test_every_kind_of_file_is_served(simulator: Simulator, api: httpx.Client) -> None:
    video = finished(simulator, api, output_format="webm", caption={"style": "default"})
    kinds = {
        "video_url": b"\x1aE\xdf\xa3",
        "captioned_video_url": b"\x1aE\xdf\xa3",
        "thumbnail_url": b"\xff\xd8\xff",
        "gif_url": b"GIF89a",
        "subtitle_url": b"1\n00:00:00,000 --> ",
    }
    for field, beginning in kinds.items():
        assert download(video[field]).content.startswith(beginning), field
