"""Where a create goes: told by the stored request alone, so that a re-send goes where the first send went."""

from __future__ import annotations

from pathlib import Path

from batchgen.request import check
from batchgen.simulator import Simulator
from batchgen.video_api import VIDEOS, Accepted, Rejected, Route, route_of
from tests.video_api.calls import calling, create

WELCOME = check({"template_id": "tpl_welcome", "variables": {"first_name": "Anna"}})
ROUTE = route_of(WELCOME.template_id)


def test_the_route_follows_from_what_the_ledger_stored() -> None:
    avatar = check({"avatar_id": "Anna_public", "script": "Hello"})
    assert route_of(avatar.template_id) == VIDEOS
    assert route_of(WELCOME.template_id) == Route(path="/v3/templates/tpl_welcome", id_field="id")


def test_an_odd_template_id_cannot_leave_its_place_in_the_address() -> None:
    assert route_of("a?b#c%2f").path == "/v3/templates/a%3Fb%23c%252f"


def test_the_same_key_is_answered_with_the_same_video_on_its_route_only(tmp_path: Path) -> None:
    with Simulator(state=tmp_path / "state", render="static") as simulator:
        sent = create("k-1", body=WELCOME.body(), route=ROUTE)
        first, again = (calling(simulator.url, lambda api: api.create(sent)) for _ in range(2))
        elsewhere = calling(simulator.url, lambda api: api.create(create("k-1")))
        log = simulator.log()
    assert isinstance(first, Accepted)
    assert again == first
    assert isinstance(elsewhere, Accepted)
    assert elsewhere != first
    assert [call["replayed"] for call in log["creates"]] == [False, True, False]


def test_a_template_that_does_not_exist_is_a_refusal_of_the_row(tmp_path: Path) -> None:
    with Simulator(state=tmp_path / "state", render="static") as simulator:
        gone = create(body=WELCOME.body(), route=route_of("tpl_gone"))
        outcome = calling(simulator.url, lambda api: api.create(gone))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "template_not_found"
