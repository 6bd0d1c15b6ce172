from __future__ import annotations

import httpx
import pytest

from batchgen.simulator import Simulator
from tests.simulator.calls import LONG_ENOUGH_S, bulk_statuses, created_id, error_code, finished, read


def test_the_bulk_route_says_queued_where_the_single_one_says_pending(simulator: Simulator, api: httpx.Client) -> None:
    video_id = created_id(api)
    assert read(api, video_id)["status"] == "pending"
    assert bulk_statuses(api, video_id, "unknown") == {video_id: "queued", "unknown": "not_found"}
    simulator.advance(LONG_ENOUGH_S)
    assert bulk_statuses(api, video_id) == {video_id: "completed"}


@pytest.mark.parametrize("count", [0, 101])
def test_the_bulk_route_takes_1_to_100_ids(api: httpx.Client, count: int) -> None:
    answer = api.get("/v3/videos/statuses", params={"video_ids": ",".join("x" * count)})
    assert (answer.status_code, error_code(answer)) == (400, "invalid_parameter")


def test_links_and_length_appear_only_when_the_video_is_completed(simulator: Simulator, api: httpx.Client) -> None:
    fields = ("video_url", "subtitle_url", "thumbnail_url", "gif_url", "video_page_url", "duration", "completed_at")
    video_id = created_id(api)
    assert all(read(api, video_id)[field] is None for field in fields)
    simulator.advance(LONG_ENOUGH_S)
    assert all(read(api, video_id)[field] for field in fields)


def test_a_captioned_file_exists_only_when_a_caption_style_was_asked_for(
    simulator: Simulator, api: httpx.Client
) -> None:
    assert finished(simulator, api)["captioned_video_url"] is None
    assert finished(simulator, api, caption={"style": "default"})["captioned_video_url"]


class TestTheList:
    def test_it_pages_from_the_newest_to_the_oldest(self, api: httpx.Client) -> None:
        made = [created_id(api, title=f"Row {number}") for number in range(5)]
        seen: list[str] = []
        token: str | None = None
        while True:
            page = api.get("/v3/videos", params={"limit": 2} | ({"token": token} if token else {})).json()
            seen += [video["id"] for video in page["data"]]
            token = page["next_token"]
            assert page["has_more"] == (token is not None)
            if token is None:
                break
        assert seen == made[::-1]

    def test_it_finds_titles_by_a_part_of_them(self, api: httpx.Client) -> None:
        wanted = created_id(api, title="Welcome Anna [b7f3]")
        created_id(api, title="Welcome Ben [c001]")
        found = api.get("/v3/videos", params={"title": "[b7f3]"}).json()["data"]
        assert [video["id"] for video in found] == [wanted]

    def test_it_filters_by_folder(self, api: httpx.Client) -> None:
        wanted = created_id(api, folder_id="spring")
        created_id(api)
        assert [video["id"] for video in api.get("/v3/videos", params={"folder_id": "spring"}).json()["data"]] == [
            wanted
        ]

    @pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "ten"}, {"token": "nonsense"}])
    def test_wrong_pages_are_refused(self, api: httpx.Client, query: dict[str, str]) -> None:
        assert api.get("/v3/videos", params=query).status_code == 400


def test_a_deleted_video_is_gone_and_cannot_be_deleted_twice(api: httpx.Client) -> None:
    video_id = created_id(api)
    assert api.delete(f"/v3/videos/{video_id}").json() == {"data": {"id": video_id, "deleted": True}}
    for answer in (api.delete(f"/v3/videos/{video_id}"), api.get(f"/v3/videos/{video_id}")):
        assert (answer.status_code, error_code(answer)) == (404, "video_not_found")
    assert bulk_statuses(api, video_id) == {video_id: "not_found"}


def test_only_loopback_names_are_answered(simulator: Simulator, api: httpx.Client) -> None:
    assert api.get("/v3/voices", headers={"Host": "evil.example:80"}).status_code == 403
