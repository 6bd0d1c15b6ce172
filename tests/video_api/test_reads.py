"""Reading back: repeatable, patient, and never confused by an answer that it does not understand."""

from __future__ import annotations

import socket
import time
from collections import Counter
from typing import Any

import pytest

from batchgen.errors import ApiError, ApiRefused, ApiThrottled, ApiUnavailable
from batchgen.video_api import STATUSES_AT_ONCE, RenderState, Video, chunks_of
from tests.video_api.calls import KEY, calling
from tests.video_api.wire import Behaviour, Request, Wire, always, answer

DONE = {
    "id": "v1",
    "status": "completed",
    "title": "Welcome [2gf6fifh]",
    "created_at": 1_800_000_000,
    "completed_at": 1_800_000_060,
    "video_url": "https://files.example.com/v1.mp4",
    "captioned_video_url": None,
    "subtitle_url": "https://files.example.com/v1.srt",
    "thumbnail_url": "",
    "gif_url": "https://files.example.com/v1.gif",
    "video_page_url": "https://app.example.com/v1",
    "duration": 12.5,
    "folder_id": "spring",
    "failure_code": None,
    "failure_message": None,
}
NO_VIDEO = {"error": {"code": "video_not_found", "message": "No such video."}}


def video(behave: Behaviour, *, read_tries: int = 1) -> Video:
    with Wire(behave) as provider:
        return calling(provider.url, lambda api: api.video("v1"), read_tries=read_tries)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """The first call gets the first behaviour, and so on; the last goes on for ever."""
    calls = iter(range(10_000))

    def behave(request: Request, connection: socket.socket) -> None:
        behaviours[min(next(calls), len(behaviours) - 1)](request, connection)

    return behave


def test_a_finished_video_is_read_with_its_links_and_billed_length() -> None:
    assert video(always(200, {"data": DONE})) == Video(
        id="v1",
        state=RenderState.COMPLETED,
        title="Welcome [2gf6fifh]",
        page_url="https://app.example.com/v1",
        folder_id="spring",
        duration_s=12.5,
        created_at=1_800_000_000,
        links={
            "video": "https://files.example.com/v1.mp4",
            "subtitles": "https://files.example.com/v1.srt",
            "gif": "https://files.example.com/v1.gif",
        },
    )


def test_a_failed_video_says_why() -> None:
    failed = {"id": "v1", "status": "failed", "failure_code": "rendering_failed", "failure_message": "No face."}
    found = video(always(200, {"data": failed}))
    assert (found.state, found.failure_code, found.failure_message) == (
        RenderState.FAILED,
        "rendering_failed",
        "No face.",
    )


@pytest.mark.parametrize(
    "word", ["pending", "processing", "waiting", "queued", "draft", "COMPLETED", "almost_done", "", None, 7]
)
def test_a_status_word_that_we_do_not_know_means_still_running(word: object) -> None:
    assert video(always(200, {"data": {"id": "v1", "status": word}})).state is RenderState.RUNNING


def test_a_video_that_the_provider_does_not_know_is_no_error() -> None:
    assert video(always(404, NO_VIDEO)) == Video(id="v1", state=RenderState.NOT_FOUND)


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_is_not_taken_for_a_missing_video(status: int) -> None:
    with pytest.raises(ApiRefused):
        video(always(status, b"<html>not found</html>"))


def test_an_id_cannot_lead_to_another_address() -> None:
    with Wire(always(404, NO_VIDEO)) as provider:
        calling(provider.url, lambda api: api.video("../users/me?x#y"))
    assert provider.requests[0].target == "/v3/videos/..%2Fusers%2Fme%3Fx%23y"


@pytest.mark.parametrize(
    "answered",
    [
        b"",
        b"<html>ok</html>",
        b"[]",
        {"data": None},
        {"data": []},
        {"data": "completed"},
        {"data": {}},
        {"data": {"status": "completed"}},
        {"data": {"id": None, "status": "completed"}},
    ],
)
def test_an_answer_that_is_no_video_may_be_asked_for_again(answered: object) -> None:
    with pytest.raises(ApiUnavailable):
        video(always(200, answered))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("duration", "12.5"),
        ("duration", {}),
        ("duration", -1),
        ("video_url", 17),
        ("video_url", ["https://files.example.com/v1.mp4"]),
        ("title", 5),
        ("created_at", "yesterday"),
        ("failure_code", {"code": "x"}),
    ],
)
def test_a_field_of_a_kind_that_nobody_expects_counts_as_not_given(field: str, value: object) -> None:
    found = video(always(200, {"data": {**DONE, field: value}}))
    assert found.state is RenderState.COMPLETED
    assert found.duration_s in (12.5, None)
    assert all(isinstance(link, str) for link in found.links.values())
    assert found.title is None or isinstance(found.title, str)
    assert found.created_at is None or isinstance(found.created_at, int | float)
    assert found.failure_code is None or isinstance(found.failure_code, str)


# --- again, or not --------------------------------------------------------------------------------------------

BUSY: list[Behaviour] = [
    *(always(status, b"") for status in (408, 425, 429, 500, 501, 502, 503, 504, 507, 520, 529)),
    always(200, {"error": {"code": "internal_error", "message": "Try again."}}),
    always(200, b""),
    lambda _, connection: connection.close(),
]


@pytest.mark.parametrize("busy", BUSY)
def test_a_read_is_tried_again_by_itself(busy: Behaviour) -> None:
    assert video(in_turn(busy, always(200, {"data": DONE})), read_tries=2).id == "v1"


@pytest.mark.parametrize("busy", BUSY)
def test_a_read_gives_up_after_a_few_tries(busy: Behaviour) -> None:
    with Wire(busy) as provider, pytest.raises(ApiUnavailable):
        calling(provider.url, lambda api: api.video("v1"), read_tries=2)
    assert len(provider.requests) in (2, 4)  # the transport repeats a GET whose connection died


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_parameter"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (429, "quota_exceeded"),
        (200, "forbidden"),
    ],
)
def test_a_refusal_is_not_asked_for_twice(status: int, code: str) -> None:
    refused = always(status, {"error": {"code": code, "message": "No."}})
    with Wire(refused) as provider, pytest.raises(ApiRefused, match=f"{code}: No."):
        calling(provider.url, lambda api: api.video("v1"), read_tries=3)
    assert len(provider.requests) == 1


@pytest.mark.parametrize(("code", "status"), [("unauthorized", 401), ("insufficient_credit", 402), ("forbidden", 403)])
def test_a_refusal_under_status_200_is_what_its_code_says(code: str, status: int) -> None:
    with pytest.raises(ApiRefused) as refused:
        video(always(200, {"error": {"code": code, "message": "No."}}))
    assert refused.value.status == status
    assert refused.value.of_account == (status != 402)


def throttled(after: str) -> Behaviour:
    return always(429, {"error": {"code": "rate_limit_exceeded", "message": "Slowly."}}, {"Retry-After": after})


def test_a_read_waits_as_long_as_the_provider_asks() -> None:
    began = time.monotonic()
    assert video(in_turn(throttled("1.5"), always(200, {"data": DONE})), read_tries=2).id == "v1"
    assert time.monotonic() - began >= 1.5


def test_a_provider_that_wants_a_long_rest_is_not_asked_again_at_once() -> None:
    with Wire(throttled("60")) as provider, pytest.raises(ApiThrottled) as refused:
        calling(provider.url, lambda api: api.video("v1"), read_tries=4)
    assert (len(provider.requests), refused.value.after_s) == (1, 60)


def test_a_read_that_hangs_is_given_up_in_time() -> None:
    with Wire(lambda *_: provider.hold()) as provider, pytest.raises(ApiUnavailable):
        calling(provider.url, lambda api: api.video("v1"), timeout_s=0.2)


def test_a_read_follows_no_redirect_with_the_key() -> None:
    with Wire(always(200, {"data": DONE})) as elsewhere:
        moved = always(302, b"", {"Location": f"{elsewhere.url}/v3/videos/v1"})
        with Wire(moved) as provider, pytest.raises(ApiError):
            calling(provider.url, lambda api: api.video("v1"))
    assert elsewhere.requests == []


# --- many at once ---------------------------------------------------------------------------------------------


def states_of(items: object) -> dict[str, RenderState]:
    with Wire(always(200, {"data": items})) as provider:
        return calling(provider.url, lambda api: api.statuses(["v1", "v2"]))


def test_a_hundred_videos_are_asked_for_in_one_call() -> None:
    ids = [f"v{number}" for number in range(STATUSES_AT_ONCE)]

    def behave(request: Request, connection: socket.socket) -> None:
        asked = request.query["video_ids"][0].split(",")
        answer(connection, 200, {"data": [{"video_id": one, "status": "completed"} for one in asked]})

    with Wire(behave) as provider:
        states = calling(provider.url, lambda api: api.statuses(ids))
    assert states == dict.fromkeys(ids, RenderState.COMPLETED)
    assert [request.path for request in provider.requests] == ["/v3/videos/statuses"]


def test_each_video_gets_its_own_state() -> None:
    items = [{"video_id": "v1", "status": "failed", "error": {"code": "x"}}, {"video_id": "v2", "status": "not_found"}]
    assert states_of(items) == {"v1": RenderState.FAILED, "v2": RenderState.NOT_FOUND}


@pytest.mark.parametrize("word", ["queued", "processing", "pending", "waiting", "brand_new"])
def test_an_unknown_word_among_many_means_still_running(word: str) -> None:
    assert states_of([{"video_id": "v1", "status": word}]) == {"v1": RenderState.RUNNING}


def test_a_video_that_is_left_out_is_left_open() -> None:
    assert states_of([{"video_id": None, "status": "queued"}, {"status": "completed"}]) == {}


@pytest.mark.parametrize("data", [{"items": []}, "queued", [1, 2], [None], {"v1": "completed"}, 3])
def test_a_list_of_states_in_a_shape_that_nobody_expects_is_no_answer(data: object) -> None:
    with Wire(always(200, {"data": data})) as provider, pytest.raises(ApiUnavailable):
        calling(provider.url, lambda api: api.statuses(["v1"]))


@pytest.mark.parametrize(
    "missing", [always(404, b"<html>"), always(404, NO_VIDEO), always(405, b"")], ids=["no page", "an id", "no method"]
)
def test_where_the_route_is_missing_videos_are_asked_for_one_by_one(missing: Behaviour) -> None:
    def behave(request: Request, connection: socket.socket) -> None:
        if request.path == "/v3/videos/statuses":
            missing(request, connection)
        elif request.path == "/v3/videos/gone":
            answer(connection, 404, NO_VIDEO)
        elif request.path == "/v3/videos/busy":
            answer(connection, 503, b"")
        else:
            answer(connection, 200, {"data": {**DONE, "id": request.path.rpartition("/")[2]}})

    async def twice(api: Any) -> list[dict[str, RenderState]]:
        return [await api.statuses(["v1", "gone", "busy"]), await api.statuses(["v2"])]

    with Wire(behave) as provider:
        first, second = calling(provider.url, twice)
    assert first == {"v1": RenderState.COMPLETED, "gone": RenderState.NOT_FOUND}
    assert second == {"v2": RenderState.COMPLETED}
    asked = Counter(request.path for request in provider.requests)
    assert asked["/v3/videos/statuses"] == 1  # and never again


def test_a_refused_key_is_not_taken_for_a_missing_route() -> None:
    refused = always(401, {"error": {"code": "unauthorized", "message": "No."}})
    with Wire(refused) as provider, pytest.raises(ApiRefused):
        calling(provider.url, lambda api: api.statuses(["v1"]))
    assert [request.path for request in provider.requests] == ["/v3/videos/statuses"]


def test_the_list_of_videos_is_read_to_its_last_page() -> None:
    def behave(request: Request, connection: socket.socket) -> None:
        page = int(request.query.get("token", ["0"])[0])
        items = [{**DONE, "id": f"v{page}"}]
        answer(
            connection, 200, {"data": items, "has_more": page < 2, "next_token": str(page + 1) if page < 2 else None}
        )

    with Wire(behave) as provider:
        found = calling(provider.url, lambda api: api.videos_titled("2gf6fifh"))
    assert [one.id for one in found] == ["v0", "v1", "v2"]
    assert {request.query["title"][0] for request in provider.requests} == {"2gf6fifh"}


def test_a_list_that_never_ends_is_given_up() -> None:
    """A token that leads back to itself must not read for ever."""
    again = always(200, {"data": [DONE], "has_more": True, "next_token": "same"})
    with Wire(again) as provider, pytest.raises(ApiUnavailable):
        calling(provider.url, lambda api: api.videos_titled("x"))
    assert len(provider.requests) < 10


def test_a_list_ends_where_it_says_so_whatever_token_comes_with_it() -> None:
    last = always(200, {"data": [DONE], "has_more": False, "next_token": "more"})
    with Wire(last) as provider:
        assert len(calling(provider.url, lambda api: api.videos_titled("x"))) == 1
    assert len(provider.requests) == 1


def test_a_list_that_has_more_and_does_not_say_where_is_no_answer() -> None:
    """Two videos may carry a marker: to take the first page for all would call its one the only one."""
    lost = always(200, {"data": [DONE], "has_more": True, "next_token": None})
    with Wire(lost) as provider, pytest.raises(ApiUnavailable):
        calling(provider.url, lambda api: api.videos_titled("x"))


@pytest.mark.parametrize("data", [{"items": []}, "v1", [1], [{"title": "no id"}]])
def test_a_list_of_videos_in_a_shape_that_nobody_expects_is_no_answer(data: object) -> None:
    with Wire(always(200, {"data": data})) as provider, pytest.raises(ApiUnavailable):
        calling(provider.url, lambda api: api.videos_titled("x"))


def test_ids_are_asked_for_in_portions() -> None:
    assert list(chunks_of((f"v{n}" for n in range(5)), 2)) == [["v0", "v1"], ["v2", "v3"], ["v4"]]
    assert list(chunks_of([])) == []


def test_a_video_that_the_states_leave_out_is_asked_for_by_itself() -> None:
    def behave(request: Request, connection: socket.socket) -> None:
        if request.path == "/v3/videos/statuses":
            always(200, {"data": [{"video_id": "v1", "status": "processing"}]})(request, connection)
        else:
            always(404, NO_VIDEO)(request, connection)

    with Wire(behave) as provider:
        states = calling(provider.url, lambda api: api.statuses(["v1", "v2"]))
    assert states == {"v1": RenderState.RUNNING, "v2": RenderState.NOT_FOUND}
    assert [request.path for request in provider.requests] == ["/v3/videos/statuses", "/v3/videos/v2"]


def test_one_video_that_may_not_be_read_hides_no_other() -> None:
    denied = {"error": {"code": "resource_access_denied", "message": "Not yours."}}

    def behave(request: Request, connection: socket.socket) -> None:
        if request.path == "/v3/videos/v1":
            always(200, {"data": DONE})(request, connection)
        else:
            always(403 if request.path == "/v3/videos/v2" else 404, denied)(request, connection)

    with Wire(behave) as provider:
        states = calling(provider.url, lambda api: api.statuses(["v1", "v2"]))
    assert states == {"v1": RenderState.COMPLETED}


def test_an_answer_that_quotes_the_key_does_not_carry_it_on() -> None:
    refusal = {"error": {"code": "resource_access_denied", "message": f"bad key {KEY}"}}
    with pytest.raises(ApiRefused) as refused:
        video(always(403, refusal))
    assert KEY not in str(refused.value)
    assert "bad key [key]" in str(refused.value)


def test_what_is_too_short_for_a_key_is_left_in_titles() -> None:
    titled = {"data": {**DONE, "title": "Hello [kagmxtub]"}}
    with Wire(always(200, titled)) as provider:
        found = calling(provider.url, lambda api: api.video("v1"), key="k")
    assert found.title == "Hello [kagmxtub]"
