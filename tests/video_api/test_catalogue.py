"""Reading what an account has: patient with odd answers, and never taking a missing route for a missing avatar."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from batchgen.errors import ApiError, ApiRefused, ApiUnavailable
from batchgen.simulator import Simulator
from batchgen.video_api import Account, Look, VideoApi, Voice
from tests.video_api.calls import calling
from tests.video_api.wire import Request, Wire, always, answer

LOOK = {
    "id": "look_1",
    "name": "Office",
    "avatar_type": "digital_twin",
    "group_id": "group_1",
    "supported_api_engines": ["avatar_iv", "avatar_v"],
    "preferred_orientation": "portrait",
    "status": "completed",
    "default_voice_id": "v1",
    "gender": "female",
    "tags": ["matting"],
    "preview_image_url": "https://files.example.com/p.jpg",
    "preview_video_url": None,
    "image_width": 1080,
    "error": None,
}

ITEM_READS: list[tuple[Callable[[VideoApi], Awaitable[Any]], str]] = [
    (lambda api: api.look("x"), "avatar_not_found"),
    (lambda api: api.voice("x"), "voice_not_found"),
    (lambda api: api.template("x"), "template_not_found"),
]
READS = [
    *(read for read, _ in ITEM_READS),
    lambda api: api.account(),
    lambda api: api.looks(),
    lambda api: api.voices(),
    lambda api: api.templates(),
]


def account_of(answered: object) -> Account:
    with Wire(always(200, {"data": answered})) as provider:
        return calling(provider.url, lambda api: api.account())


def test_a_look_is_read_with_its_engines_and_its_preview() -> None:
    with Wire(always(200, {"data": LOOK})) as provider:
        look = calling(provider.url, lambda api: api.look("look_1"))
    assert look == Look(
        id="look_1",
        name="Office",
        avatar_type="digital_twin",
        group_id="group_1",
        engines=("avatar_iv", "avatar_v"),
        orientation="portrait",
        status="completed",
        default_voice_id="v1",
        gender="female",
        tags=("matting",),
        preview="https://files.example.com/p.jpg",
    )


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("answered", [b"", b"<html>ok</html>", {"data": "x"}, {"data": [7]}, {"data": {"id": 7}}])
def test_an_answer_that_is_none_may_be_asked_for_again(
    read: Callable[[VideoApi], Awaitable[Any]], answered: object
) -> None:
    with Wire(always(200, answered)) as provider, pytest.raises(ApiUnavailable):
        if calling(provider.url, read) == Account():
            raise ApiUnavailable("an account of which nothing is known")


@pytest.mark.parametrize("value", [7, {}, [None], "", True])
def test_a_field_of_a_kind_that_nobody_expects_counts_as_not_given(value: object) -> None:
    odd = dict.fromkeys(LOOK, value) | {"id": "look_1"}
    with Wire(always(200, {"data": odd})) as provider:
        assert calling(provider.url, lambda api: api.look("look_1")) == Look(id="look_1", name="look_1")


@pytest.mark.parametrize(("read", "code"), ITEM_READS)
def test_only_its_own_code_says_that_a_thing_does_not_exist(
    read: Callable[[VideoApi], Awaitable[Any]], code: str
) -> None:
    with Wire(always(404, {"error": {"code": code, "message": "No."}})) as provider:
        assert calling(provider.url, read) is None
    for other in ({"error": {"code": "not_found", "message": "No."}}, b"<html>not found</html>", b""):
        with Wire(always(404, other)) as provider, pytest.raises(ApiRefused):
            calling(provider.url, read)


def test_an_id_cannot_lead_to_another_address() -> None:
    with Wire(always(404, b"")) as provider:
        for read in (lambda api: api.look("../me?x"), lambda api: api.voice("../me?x")):
            with pytest.raises(ApiError):
                calling(provider.url, read)
    assert [request.target for request in provider.requests] == [
        "/v3/avatars/looks/..%2Fme%3Fx",
        "/v3/voices/..%2Fme%3Fx",
    ]


def test_lists_are_read_page_by_page_as_far_as_wanted(simulator: Simulator) -> None:
    looks = calling(simulator.url, lambda api: api.looks())
    assert len({look.id for look in looks}) == len(looks) >= 12

    def endless(request: Request, connection: socket.socket) -> None:
        number = int(request.query.get("token", ["0"])[0])
        page = [{**LOOK, "id": f"look_{number}_{place}"} for place in range(50)]
        answer(connection, 200, {"data": page, "has_more": True, "next_token": str(number + 1)})

    with Wire(endless) as provider:
        assert len(calling(provider.url, lambda api: api.looks(most=120))) == 150


def test_a_list_that_leads_back_to_itself_ends() -> None:
    with Wire(always(200, {"data": [LOOK], "next_token": "again"})) as provider, pytest.raises(ApiUnavailable):
        calling(provider.url, lambda api: api.looks())


def test_voices_are_the_accounts_own_and_the_public_ones(simulator: Simulator) -> None:
    voices = calling(simulator.url, lambda api: api.voices())
    assert [voice.kind for voice in voices][:2] == ["private", "public"]
    assert calling(simulator.url, lambda api: api.voice("own_ceo")) == voices[0]
    assert {voice.id: voice.language for voice in voices}["de_jonas"] == "German"
    assert isinstance(voices[0], Voice)


def test_templates_tell_their_variables_one_by_one(simulator: Simulator) -> None:
    (first, *_) = calling(simulator.url, lambda api: api.templates())
    alone = calling(simulator.url, lambda api: api.template(first.id))
    assert alone is not None
    assert alone.variables == {"first_name": "text", "logo": "image", "speaker": "character"}


NOBODY = {"username": "anna", "email": None, "first_name": None, "last_name": None}


@pytest.mark.parametrize(
    ("billing", "account"),
    [
        (
            {"billing_type": "wallet", "wallet": {"currency": "usd", "remaining_balance": 12.5}},
            Account(username="anna", billing_type="wallet", balance_usd=12.5),
        ),
        (
            {"billing_type": "wallet", "wallet": {"currency": "credits", "remaining_balance": 70}},
            Account(username="anna", billing_type="wallet", credits=70),
        ),
        (
            {"billing_type": "wallet", "wallet": {"currency": "usd", "auto_reload": {"enabled": True}}},
            Account(username="anna", billing_type="wallet", auto_reload=True),
        ),
        (
            {
                "billing_type": "subscription",
                "subscription": {
                    "plan": "enterprise",
                    "credits": {"premium_credits": {"remaining": 5}, "add_on_credits": {"remaining": 2}},
                },
            },
            Account(username="anna", billing_type="subscription", plan="enterprise", credits=7),
        ),
        (
            {"billing_type": "usage_based", "usage_based": {"spending_current_usd": 80.0, "spending_cap_usd": 100.0}},
            Account(username="anna", billing_type="usage_based", balance_usd=20.0),
        ),
        ({"billing_type": None, "wallet": [], "subscription": "x"}, Account(username="anna")),
    ],
)
def test_what_is_left_is_read_for_every_kind_of_account(billing: dict[str, Any], account: Account) -> None:
    assert account_of({**NOBODY, **billing}) == account
