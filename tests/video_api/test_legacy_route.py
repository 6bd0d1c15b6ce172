"""The legacy route: no key goes with a create, videos are read one by one, and its end is told when it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgen.errors import ApiRefused
from batchgen.request import check, legacy_body
from batchgen.simulator import Simulator
from batchgen.video_api import (
    LEGACY,
    VIDEOS,
    Accepted,
    AccountProblem,
    Create,
    CreateOutcome,
    Deferred,
    InDoubt,
    Reads,
    Rejected,
    RenderState,
    Video,
    route_at,
)
from tests.video_api.calls import calling

ROW = {"avatar_id": "Anna_public", "engine": "avatar_iii", "script": "Hello", "voice_id": "en_anna", "title": "Hi"}
BODY = legacy_body(check(ROW, "legacy"), marker="abcdefgh")
LONG_ENOUGH_S = 600.0


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """One in which time passes only when it is told to."""
    with Simulator(state=tmp_path / "state", clock_speed=0.001, render="static") as simulator:
        yield simulator


def sent(simulator: Simulator, body: bytes = BODY) -> CreateOutcome:
    create = Create(route=LEGACY, body=body, key=None)
    return calling(simulator.url, lambda api: api.create(create))


def video_of(simulator: Simulator, video_id: str) -> Video:
    return calling(simulator.url, lambda api: api.video(video_id, Reads.LEGACY_STATUS))


def test_the_route_is_known_again_by_its_path() -> None:
    assert route_at(LEGACY.path) == LEGACY
    assert route_at(VIDEOS.path) == VIDEOS
    assert not LEGACY.replays


def test_the_same_create_twice_makes_two_videos(simulator: Simulator) -> None:
    """That is why nothing may go out twice there."""
    first, second = sent(simulator), sent(simulator)
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert first != second
    assert [call["key"] for call in simulator.log()["creates"]] == [None, None]


def test_a_finished_video_is_read_with_its_links_and_length(simulator: Simulator) -> None:
    made = sent(simulator)
    assert isinstance(made, Accepted)
    assert video_of(simulator, made.video_id).state is RenderState.RUNNING
    simulator.advance(LONG_ENOUGH_S)
    video = video_of(simulator, made.video_id)
    assert video.state is RenderState.COMPLETED
    assert set(video.links) == {"video", "thumbnail"}
    assert video.duration_s


def test_a_failed_video_is_read_with_its_reason(simulator: Simulator) -> None:
    simulator.set_faults([{"on": "render", "action": "fail", "failure_code": "rendering_failed", "message": "No."}])
    made = sent(simulator)
    assert isinstance(made, Accepted)
    simulator.advance(LONG_ENOUGH_S)
    video = video_of(simulator, made.video_id)
    assert (video.state, video.failure_code, video.failure_message) == (RenderState.FAILED, "rendering_failed", "No.")


def test_many_videos_are_asked_for_one_by_one_and_an_unknown_one_is_not_found(simulator: Simulator) -> None:
    made = [sent(simulator) for _ in range(6)]
    ids = [each.video_id for each in made if isinstance(each, Accepted)]
    states = calling(simulator.url, lambda api: api.statuses([*ids, "nobody"], Reads.LEGACY_STATUS))
    assert states == dict.fromkeys(ids, RenderState.RUNNING) | {"nobody": RenderState.NOT_FOUND}
    assert simulator.log()["routes"]["GET /v1/video_status.get"] == 7


def test_one_that_cannot_be_read_right_now_is_left_out(simulator: Simulator) -> None:
    made = [sent(simulator) for _ in range(2)]
    ids = [each.video_id for each in made if isinstance(each, Accepted)]
    simulator.set_faults([{"on": "status", "action": "unavailable", "times": 1}])
    states = calling(simulator.url, lambda api: api.statuses(ids, Reads.LEGACY_STATUS))
    assert list(states.values()) == [RenderState.RUNNING]


def test_the_video_is_found_in_the_list_by_its_marker(simulator: Simulator) -> None:
    made = sent(simulator)
    found = calling(simulator.url, lambda api: api.videos_titled("abcdefgh"))
    assert [Accepted(video_id=video.id) for video in found] == [made]


@pytest.mark.parametrize(
    ("fault", "outcome", "accepted"),
    [
        ({"action": "accept_then_drop"}, InDoubt, True),
        ({"action": "accept_then_502"}, InDoubt, True),
        ({"action": "accept_then_empty_200"}, InDoubt, True),
        ({"action": "drop"}, InDoubt, False),
        ({"action": "server_error"}, InDoubt, False),
        ({"action": "respond", "status": 429, "code": "too_many_things"}, InDoubt, False),
        ({"action": "rate_limit"}, Deferred, False),
        ({"action": "unauthorized"}, AccountProblem, False),
        ({"action": "no_route"}, InDoubt, False),
    ],
)
def test_whatever_may_have_been_processed_is_in_doubt(
    simulator: Simulator, fault: dict[str, Any], outcome: type, accepted: bool
) -> None:
    simulator.set_faults([{"on": "create", **fault}])
    assert isinstance(sent(simulator), outcome)
    assert [call["accepted"] for call in simulator.log()["creates"]] == [accepted]


def test_a_refusal_is_the_rows(simulator: Simulator) -> None:
    refused = sent(simulator, legacy_body(check(ROW | {"voice_id": "missing_voice"}, "legacy")))
    assert isinstance(refused, Rejected)
    assert refused.code == "voice_not_found"


def test_a_route_that_is_gone_stops_the_run_with_the_day_that_was_announced(simulator: Simulator) -> None:
    simulator.set_faults([{"on": ["create", "status"], "action": "respond", "status": 410, "body": "html"}])
    gone = sent(simulator)
    assert isinstance(gone, AccountProblem)
    assert gone.code == "route_gone"
    assert "2026-10-31" in gone.message
    with pytest.raises(ApiRefused, match="2026-10-31"):
        video_of(simulator, "v1")


def test_a_page_that_is_not_found_proves_nothing_but_the_day_is_told(simulator: Simulator) -> None:
    simulator.set_faults([{"on": "create", "action": "no_route"}])
    outcome = sent(simulator)
    assert isinstance(outcome, InDoubt)
    assert "2026-10-31" in outcome.reason


def test_no_more_calls_are_made_at_once_than_is_polite() -> None:
    from batchgen.video_api.legacy_reading import AT_ONCE, LegacyReading

    class Counted(LegacyReading):
        def __init__(self) -> None:
            self.now = self.most = 0

        async def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1
            return {"status": "processing"}

    counted = Counted()
    assert len(asyncio.run(counted._legacy_statuses([str(number) for number in range(50)]))) == 50
    assert counted.most == AT_ONCE
