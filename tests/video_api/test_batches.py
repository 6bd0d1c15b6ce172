"""A batch is one create; what became of its items is read by their places, whatever order they are told in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any

import orjson
import pytest

from batchgen.errors import ApiRefused, ApiUnavailable
from batchgen.request import check
from batchgen.simulator import Simulator
from batchgen.video_api import BATCHES, Accepted, AccountProblem, BatchItem, Create, Deferred, InDoubt, Rejected
from tests.video_api.calls import calling
from tests.video_api.wire import Request, Wire, always, answer

ROWS = [check({"avatar_id": "Anna_public", "script": "Hello", "title": f"row {number}"}).stored for number in range(3)]
BODY = b'{"videos":[' + b",".join(ROWS) + b"]}"
RENDERING_S = 8.0


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(state=tmp_path / "state", clock_speed=0.001, render="static") as simulator:
        yield simulator


def sent(simulator: Simulator, body: bytes = BODY) -> Any:
    create = Create(route=BATCHES, body=body, key="batchgen-batch-1")
    return calling(simulator.url, lambda api: api.create(create))


def items(url: str, batch_id: str = "b") -> dict[int, BatchItem]:
    return calling(url, lambda api: api.batch_items(batch_id))


def title_of(simulator: Simulator, item: BatchItem) -> str | None:
    return calling(simulator.url, lambda api: api.video(item.video_id or "")).title


def test_a_batch_is_named_and_its_videos_come_later(simulator: Simulator) -> None:
    taken = sent(simulator)
    assert isinstance(taken, Accepted)
    assert items(simulator.url, taken.video_id) == dict.fromkeys(range(3), BatchItem())
    simulator.advance(RENDERING_S)
    simulator.set_faults([{"on": "batch_status", "action": "reorder"}])
    found = items(simulator.url, taken.video_id)
    assert [title_of(simulator, found[place]) for place in range(3)] == ["row 0", "row 1", "row 2"]


def test_the_same_key_is_answered_with_the_same_batch(simulator: Simulator) -> None:
    simulator.set_faults([{"on": "batch", "action": "accept_then_drop", "nth": 1}])
    assert isinstance(sent(simulator), InDoubt)
    first, second = sent(simulator), sent(simulator)
    assert first == second
    assert sum(call["accepted"] for call in simulator.log()["creates"]) == 3


def test_an_item_that_is_refused_has_its_reason_and_no_video(simulator: Simulator) -> None:
    rows = [*ROWS[:2], check({"avatar_id": "missing_look", "script": "Hello"}).stored]
    taken = sent(simulator, b'{"videos":[' + b",".join(rows) + b"]}")
    assert isinstance(taken, Accepted)
    refusal = items(simulator.url, taken.video_id)[2].refusal
    assert refusal is not None
    assert (refusal.status, refusal.code) == (404, "avatar_not_found")


@pytest.mark.parametrize(
    ("code", "of_run"),
    [
        ("rate_limit_exceeded", Deferred),
        ("quota_exceeded", AccountProblem),
        ("insufficient_credit", AccountProblem),
        ("unauthorized", AccountProblem),
        ("forbidden", AccountProblem),
        ("voice_not_usable", NoneType),
        ("content_policy_violation", NoneType),
        ("internal_error", NoneType),
        ("never_heard_of", NoneType),
    ],
)
def test_a_refused_item_says_of_the_run_what_a_refused_create_says(code: str, of_run: type) -> None:
    item = {"item_index": 0, "status": "failed", "video_id": None, "error": {"code": code, "message": "No."}}
    page = orjson.dumps({"data": {"batch_id": "b", "items": [item], "has_more": False, "next_token": None}})
    with Wire(always(200, page)) as wire:
        told = items(wire.url)[0]
    assert told.refusal is not None
    assert isinstance(told.of_run, of_run)


def test_a_batch_ends_where_it_says_so_and_is_no_answer_when_it_does_not_say_where_it_goes_on() -> None:
    ended = {"data": {"items": [], "has_more": False, "next_token": "x"}}
    lost = {"data": {"items": [], "has_more": True, "next_token": None}}
    with Wire(always(200, ended)) as wire:
        assert items(wire.url) == {}
    assert len(wire.requests) == 1
    with Wire(always(200, lost)) as wire, pytest.raises(ApiUnavailable):
        items(wire.url)


def test_a_batch_that_has_no_room_is_put_off_as_a_whole(simulator: Simulator) -> None:
    body = b'{"videos":[' + b",".join(ROWS * 4) + b"]}"
    assert isinstance(sent(simulator, body), Deferred)
    assert not any(call["accepted"] for call in simulator.log()["creates"])


def test_more_than_a_hundred_are_refused(simulator: Simulator) -> None:
    body = b'{"videos":[' + b",".join(ROWS * 34) + b"]}"
    assert isinstance(sent(simulator, body), Rejected)


def test_a_batch_that_nobody_knows_is_a_refusal(simulator: Simulator) -> None:
    with pytest.raises(ApiRefused):
        items(simulator.url, "nobody")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([{"item_index": 0, "status": "queued", "video_id": None}], {0: BatchItem()}),
        ([{"item_index": 0, "status": "failed", "video_id": "v1"}], {0: BatchItem(video_id="v1")}),
        ([{"item_index": 0, "video_id": "v1"}, {"item_index": 0, "video_id": "v2"}], {}),
        ([{"item_index": 0, "video_id": "v1"}, {"item_index": 1, "video_id": "v1"}], {}),
        ([{"item_index": "0", "video_id": "v1"}, {"video_id": "v2"}], {}),
    ],
    ids=["waits", "failed after it was taken", "named twice", "one video for two", "no place"],
)
def test_only_what_is_beyond_doubt_is_believed(told: list[dict[str, Any]], expected: dict[int, BatchItem]) -> None:
    page = orjson.dumps({"data": {"batch_id": "b", "items": told, "has_more": False, "next_token": None}})
    with Wire(always(200, page)) as wire:
        assert items(wire.url) == expected


def test_all_pages_are_read() -> None:
    pages = {None: ([0, 1], "next"), "next": ([2], None)}

    def page(request: Request, connection: socket.socket) -> None:
        places, following = pages[request.query["token"][0] if "token" in request.query else None]
        told = [{"item_index": place, "video_id": f"v{place}"} for place in places]
        answer(connection, body={"data": {"items": told, "next_token": following}})

    with Wire(page) as wire:
        assert sorted(items(wire.url)) == [0, 1, 2]
