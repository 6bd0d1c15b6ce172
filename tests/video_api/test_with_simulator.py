"""The same client against the simulated provider, which shares no line of code with it."""

from __future__ import annotations

from typing import Any

import pytest

from batchgen.simulator import Simulator
from batchgen.video_api import Accepted, AccountProblem, Deferred, InDoubt, Rejected, RenderState, VideoApi
from tests.video_api.calls import BODY, KEY, calling, create, fetched


def sent(simulator: Simulator, key: str = "k-1", body: bytes = BODY) -> Any:
    return calling(simulator.url, lambda api: api.create(create(key, body=body)))


@pytest.mark.parametrize(
    ("fault", "outcome", "accepted"),
    [
        ({"action": "drop"}, InDoubt, 0),
        ({"action": "accept_then_drop"}, InDoubt, 1),
        ({"action": "accept_then_502"}, InDoubt, 1),
        ({"action": "accept_then_empty_200"}, InDoubt, 1),
        ({"action": "headers_then_drop"}, InDoubt, 1),
        ({"action": "bad_gateway"}, InDoubt, 0),
        ({"action": "empty_200"}, InDoubt, 0),
        ({"action": "unavailable"}, InDoubt, 0),
        ({"action": "rate_limit"}, Deferred, 0),
        ({"action": "not_ready"}, Deferred, 0),
        ({"action": "quota"}, AccountProblem, 0),
        ({"action": "insufficient_credit"}, AccountProblem, 0),
        ({"action": "unauthorized"}, AccountProblem, 0),
        ({"action": "conflict"}, Rejected, 0),
    ],
)
def test_what_goes_wrong_at_the_provider_is_read_right(
    simulator: Simulator, fault: dict[str, Any], outcome: type, accepted: int
) -> None:
    simulator.set_faults([{"on": "create", **fault}])
    assert isinstance(sent(simulator), outcome)
    creates = simulator.log()["creates"]
    assert [create["accepted"] for create in creates] == [bool(accepted)]


def test_a_lost_answer_is_replayed_to_the_same_key_and_nothing_is_created_twice(simulator: Simulator) -> None:
    simulator.set_faults([{"on": "create", "action": "accept_then_drop", "times": 1}])
    assert isinstance(sent(simulator), InDoubt)
    replayed = sent(simulator)
    assert isinstance(replayed, Accepted)
    assert [create["replayed"] for create in simulator.log()["creates"]] == [False, True]


def test_a_refusal_names_the_field(simulator: Simulator) -> None:
    refused = sent(simulator, body=b'{"type":"avatar","avatar_id":"Anna_public","script":"Hello","resolution":"9k"}')
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.param) == ("invalid_parameter", "resolution")


def test_a_video_is_created_watched_found_and_fetched_without_the_key_at_the_file_host(simulator: Simulator) -> None:
    accepted = sent(simulator, body=b'{"type":"avatar","avatar_id":"Anna","script":"Hello","title":"Hi [2gf6fifh]"}')
    simulator.advance(3600)

    async def look(api: VideoApi) -> Any:
        states = await api.statuses([accepted.video_id, "nobody-knows"])
        return states, await api.video(accepted.video_id), await api.videos_titled("[2gf6fifh]")

    states, video, found = calling(simulator.url, look)
    assert states == {accepted.video_id: RenderState.COMPLETED, "nobody-knows": RenderState.NOT_FOUND}
    assert [one.id for one in found] == [accepted.video_id]
    assert video.duration_s and video.duration_s > 0
    file = fetched(video.links["video"], base_url=simulator.url)
    assert file.content[4:8] == b"ftyp"
    assert file.total == len(file.content)
    rest = fetched(video.links["video"], base_url=simulator.url, start=10)
    assert rest.content == file.content[10:]
    downloads = simulator.log()["downloads"]
    assert [download["api_key_sent"] for download in downloads] == [False, False]
    assert KEY not in str(downloads)


def test_where_the_provider_lacks_the_route_for_many_each_video_is_asked_for(simulator: Simulator) -> None:
    accepted = sent(simulator)
    simulator.advance(3600)
    simulator.set_faults([{"on": "statuses", "action": "no_route"}])
    states = calling(simulator.url, lambda api: api.statuses([accepted.video_id]))
    assert states == {accepted.video_id: RenderState.COMPLETED}
