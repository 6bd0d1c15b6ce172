"""Three readings of the provider's pages held against each other: ours, the simulator's, and the contract's.

Whatever the contract allows, our checks and the simulator accept; whatever it forbids, both refuse; and what our
checks accept of anything at all, the simulator accepts, too.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgen.request import RequestInvalid, check, legacy_body
from batchgen.simulator import catalogue
from batchgen.simulator.answers import ApiError
from batchgen.simulator.legacy_rules import legacy_payload
from batchgen.simulator.request_rules import check_request
from batchgen.simulator.template_rules import check_template_request
from tests.request import contract, legacy_contract
from tests.request.requests import any_fields, with_value

TEMPLATE = catalogue.TEMPLATES[0]
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "avatar": contract.AVATAR,
    "image": contract.IMAGE,
    "cinematic": contract.CINEMATIC,
    "studio": contract.STUDIO,
    "template": st.sampled_from(catalogue.TEMPLATES).flatmap(contract.template_requests),
}


def simulator_accepts(payload: dict[str, Any]) -> bool:
    """Whether the simulated provider takes what we would send."""
    body = {name: part for name, part in payload.items() if name != "template_id"}
    try:
        if "template_id" in payload:
            template = catalogue.template(payload["template_id"])
            assert template is not None
            check_template_request(body, template)
        else:
            check_request(body, "newest")
    except ApiError:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_the_contract_allows_we_and_the_simulator_accept(kind: str, data: st.DataObject) -> None:
    allowed = data.draw(KINDS[kind])
    assert simulator_accepts(allowed)
    assert simulator_accepts(check(allowed).payload)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_request_as_it_is_sent_is_its_own_normal_form(kind: str, data: st.DataObject) -> None:
    request = check(data.draw(KINDS[kind]))
    assert check(request.payload) == request


@pytest.mark.parametrize(("kind", "broken"), contract.BROKEN, ids=lambda value: str(value)[:60])
@settings(deadline=None, max_examples=5)
@given(data=st.data())
def test_what_the_contract_forbids_we_and_the_simulator_refuse(
    kind: str, broken: dict[str, Any], data: st.DataObject
) -> None:
    request = data.draw(contract.template_requests(TEMPLATE) if kind == "template" else KINDS[kind])
    forbidden = {name: part for name, part in (request | broken).items() if part is not None}
    assert not simulator_accepts(forbidden)
    with pytest.raises(RequestInvalid) as refused:
        check(forbidden)
    assert all(problem.message for problem in refused.value.problems)


@settings(deadline=None, max_examples=200)
@given(any_fields())
def test_whatever_we_accept_of_anything_the_simulator_accepts(fields: dict[str, Any]) -> None:
    try:
        payload = check(fields).payload
    except RequestInvalid:
        return
    # What a look can do, only the catalogue knows; of this one the simulator knows as little as we do.
    assert simulator_accepts(payload | ({"avatar_id": "mine"} if payload["type"] == "avatar" else {}))


@settings(deadline=None, max_examples=100)
@given(legacy_contract.AVATAR_III)
def test_a_row_of_the_legacy_route_is_sent_in_the_words_of_its_contract(asked: dict[str, Any]) -> None:
    body = orjson.loads(legacy_body(check(asked, "legacy")))
    assert body == legacy_contract.in_its_words(asked)
    # Sizes are said in pixels there, so what was left out is said as well; and every legacy video is an MP4.
    understood = {"resolution": "1080p", "aspect_ratio": "16:9"} | asked
    assert legacy_payload(body) == {name: part for name, part in understood.items() if name != "output_format"}


@settings(deadline=None, max_examples=200)
@given(contract.AVATAR | legacy_contract.AVATAR_III)
def test_we_take_for_the_legacy_route_just_what_its_contract_has_words_for(asked: dict[str, Any]) -> None:
    try:
        check(asked, "legacy")
    except RequestInvalid as refused:
        assert all("legacy route" in problem.message for problem in refused.problems)
        assert not legacy_contract.has_words_for(asked)
    else:
        assert legacy_contract.has_words_for(asked)


@settings(deadline=None, max_examples=60)
@given(legacy_contract.BODIES)
def test_what_the_contract_of_the_legacy_route_allows_the_simulator_accepts(body: dict[str, Any]) -> None:
    assert check(legacy_payload(body), "legacy").payload


@pytest.mark.parametrize(("path", "value"), legacy_contract.BROKEN, ids=lambda value: str(value)[:60])
@settings(deadline=None, max_examples=5)
@given(body=legacy_contract.BODIES)
def test_what_the_contract_of_the_legacy_route_forbids_the_simulator_refuses(
    path: str, value: Any, body: dict[str, Any]
) -> None:
    with pytest.raises(ApiError):
        legacy_payload(with_value(body, path, value))
