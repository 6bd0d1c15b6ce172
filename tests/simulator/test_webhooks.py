"""The simulated provider calls those who want to know, and whatever can go wrong on the way goes wrong on demand."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from batchgen.simulator import Account, Simulator
from tests.simulator.calls import LONG_ENOUGH_S, SimulatorProcess, client_of, created_id, error_code
from tests.simulator.mailbox import Letter, Mailbox

ENDPOINTS = "/v3/webhooks/endpoints"
STANDING_STILL = 1e-6


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as opened:
        yield opened


def registered(api: httpx.Client, url: str, **fields: Any) -> dict[str, Any]:
    answer = api.post(ENDPOINTS, json={"url": url, **fields})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def is_signed(letter: Letter, secret: str) -> bool:
    wanted = hmac.new(secret.encode(), letter.body, hashlib.sha256).hexdigest()
    return wanted in (letter.headers.get("heygen-signature"), letter.headers.get("signature"))


# --- endpoints --------------------------------------------------------------------------------------------------


def test_an_endpoint_is_made_listed_changed_and_removed(api: httpx.Client) -> None:
    made = registered(api, "http://127.0.0.1:9/hook", events=["avatar_video.success"])
    assert made["secret"]
    (listed,) = api.get(ENDPOINTS).json()["data"]
    assert (listed["endpoint_id"], listed["url"], listed["secret"]) == (made["endpoint_id"], made["url"], None)
    one = f"{ENDPOINTS}/{made['endpoint_id']}"
    assert api.patch(one, json={"url": "http://localhost:9/other"}).json()["data"]["url"] == "http://localhost:9/other"
    assert api.get(one).json()["data"]["events"] == ["avatar_video.success"]
    assert api.delete(one).json()["data"]["deleted"] is True
    assert api.delete(one).status_code == 404
    assert api.get(ENDPOINTS).json()["data"] == []


def test_only_the_answers_to_create_and_rotate_hold_a_secret(api: httpx.Client) -> None:
    made = registered(api, "http://127.0.0.1:9/hook")
    one = f"{ENDPOINTS}/{made['endpoint_id']}"
    assert api.get(one).json()["data"]["secret"] is None
    rotated = api.post(f"{one}/rotate-secret").json()["data"]["secret"]
    assert rotated not in (None, made["secret"])


def test_endpoints_come_page_by_page(api: httpx.Client) -> None:
    urls = [registered(api, f"http://127.0.0.1:9/{number}")["url"] for number in range(5)]
    seen: list[str] = []
    token: str | None = None
    while True:
        page = api.get(ENDPOINTS, params={"limit": 2, **({"token": token} if token else {})}).json()
        seen += [item["url"] for item in page["data"]]
        if not (token := page["next_token"]):
            break
    assert seen == urls


@pytest.mark.parametrize(
    "url", ["https://example.com/hook", "http://10.0.0.1:80/", "ftp://127.0.0.1:1/", "http://127.0.0.1/", "x", None, 5]
)
def test_an_address_beyond_this_machine_is_refused(api: httpx.Client, url: object) -> None:
    answer = api.post(ENDPOINTS, json={"url": url})
    assert (answer.status_code, error_code(answer)) == (400, "invalid_parameter")


def test_an_event_that_nobody_knows_is_refused(api: httpx.Client) -> None:
    answer = api.post(ENDPOINTS, json={"url": "http://127.0.0.1:9/", "events": ["moon.landed"]})
    assert answer.status_code == 400


# --- messages ---------------------------------------------------------------------------------------------------


def test_the_end_of_a_video_is_told_signed_in_one_of_the_two_forms(
    simulator: Simulator, api: httpx.Client, mailbox: Mailbox
) -> None:
    secret = registered(api, mailbox.url)["secret"]
    videos = {created_id(api, callback_id=f"c{number}") for number in range(20)}
    simulator.advance(LONG_ENOUGH_S)
    letters = mailbox.wait_for(20)
    assert {letter.video_id for letter in letters} == videos
    assert all(is_signed(letter, secret) for letter in letters)
    newer = [letter for letter in letters if "heygen-signature" in letter.headers]
    assert 0 < len(newer) < 20
    assert all(abs(time.time() - int(letter.headers["heygen-timestamp"])) < 60 for letter in newer)
    assert len({letter.headers["heygen-event-id"] for letter in newer}) == len(newer)
    assert {letter.message["event_type"] for letter in letters} == {"avatar_video.success"}
    history = api.get("/v3/webhooks/events", params={"limit": 100}).json()["data"]
    assert {event["event_data"]["callback_id"] for event in history} == {f"c{number}" for number in range(20)}


def test_a_failure_is_told_as_one(simulator: Simulator, api: httpx.Client, mailbox: Mailbox) -> None:
    simulator.set_faults([{"on": "render", "action": "fail", "message": "No."}])
    registered(api, mailbox.url)
    video_id = created_id(api)
    simulator.advance(LONG_ENOUGH_S)
    (letter,) = mailbox.wait_for(1)
    assert letter.message == {
        "event_type": "avatar_video.fail",
        "event_data": {"video_id": video_id, "msg": "No.", "callback_id": None},
    }


def test_an_endpoint_hears_of_the_events_that_it_asked_for(
    simulator: Simulator, api: httpx.Client, mailbox: Mailbox
) -> None:
    registered(api, mailbox.url.replace("hook", "failures"), events=["avatar_video.fail"])
    registered(api, mailbox.url, events=["avatar_video.success"])
    created_id(api)
    simulator.advance(LONG_ENOUGH_S)
    mailbox.wait_for(1)
    assert [delivery["url"] for delivery in simulator.log()["deliveries"]] == [mailbox.url]


def test_the_address_that_a_request_names_is_called_without_a_signature(
    simulator: Simulator, api: httpx.Client, mailbox: Mailbox
) -> None:
    video_id = created_id(api, callback_url=f"{mailbox.url}/s3cret?a=b", callback_id="mine")
    simulator.advance(LONG_ENOUGH_S)
    (letter,) = mailbox.wait_for(1)
    assert (letter.path, letter.video_id) == ("/hook/s3cret?a=b", video_id)
    assert not {"signature", "heygen-signature"} & set(letter.headers)


def test_nothing_beyond_this_machine_is_called(simulator: Simulator, api: httpx.Client, mailbox: Mailbox) -> None:
    created_id(api, callback_url="https://example.com/hook")
    created_id(api, callback_url=mailbox.url)
    simulator.advance(LONG_ENOUGH_S)
    mailbox.wait_for(1)
    by_url = {delivery["url"]: delivery["status"] for delivery in simulator.log()["deliveries"]}
    assert by_url["https://example.com/hook"] is None


def test_a_message_that_is_refused_comes_again(simulator: Simulator, api: httpx.Client, mailbox: Mailbox) -> None:
    mailbox.answers = [503, 500]
    registered(api, mailbox.url)
    created_id(api)
    simulator.advance(LONG_ENOUGH_S)
    for count in (1, 2, 3):
        letters = mailbox.wait_for(count)
        wait_until_counted(simulator, tries=count)
        simulator.advance(60)
    assert len({letter.body for letter in letters}) == 1
    assert simulator.log()["deliveries"][0]["status"] == 200


def wait_until_counted(simulator: Simulator, *, tries: int) -> None:
    until = time.monotonic() + 20
    while simulator.log()["deliveries"][0]["tries"] < tries:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_rotated_secret_signs_from_then_on(simulator: Simulator, api: httpx.Client, mailbox: Mailbox) -> None:
    made = registered(api, mailbox.url)
    new = api.post(f"{ENDPOINTS}/{made['endpoint_id']}/rotate-secret").json()["data"]["secret"]
    created_id(api)
    simulator.advance(LONG_ENOUGH_S)
    (letter,) = mailbox.wait_for(1)
    assert is_signed(letter, new)
    assert not is_signed(letter, made["secret"])


def test_a_killed_simulator_tells_afterwards_what_it_had_to_tell(tmp_path: Path, mailbox: Mailbox) -> None:
    state = tmp_path / "state"
    with SimulatorProcess(state, "--render", "static") as first, client_of(first.url) as api:
        secret = registered(api, mailbox.url)["secret"]
        video_id = created_id(api)
        first.kill()
    account = Account(concurrency=1000)
    with Simulator(state=state, clock_speed=STANDING_STILL, render="static", account=account) as second:
        second.advance(LONG_ENOUGH_S)
        (letter,) = mailbox.wait_for(1)
    assert letter.video_id == video_id
    assert is_signed(letter, secret)


# --- faults -----------------------------------------------------------------------------------------------------


def told(simulator: Simulator, api: httpx.Client, mailbox: Mailbox, *rules: dict[str, Any]) -> dict[str, str]:
    """Three videos, v1 to v3, end with these rules in force: the id of each."""
    simulator.set_faults([{"on": "webhook", **rule} for rule in rules])
    registered(api, mailbox.url)
    videos = {f"v{number}": created_id(api, title=f"v{number}") for number in (1, 2, 3)}
    simulator.advance(LONG_ENOUGH_S)
    return videos


def test_a_message_may_be_lost(simulator: Simulator, api: httpx.Client, mailbox: Mailbox) -> None:
    videos = told(simulator, api, mailbox, {"action": "lose", "title_contains": "v2"})
    assert {letter.video_id for letter in mailbox.wait_for(2)} == {videos["v1"], videos["v3"]}
    assert [each["tries"] for each in simulator.log()["deliveries"] if each["video_id"] == videos["v2"]] == [0]


def test_a_message_may_come_three_times(simulator: Simulator, api: httpx.Client, mailbox: Mailbox) -> None:
    videos = told(simulator, api, mailbox, {"action": "duplicate", "title_contains": "v2"})
    letters = [letter for letter in mailbox.wait_for(5) if letter.video_id == videos["v2"]]
    assert len(letters) == 3
    assert len({letter.headers.get("heygen-event-id") for letter in letters}) == 1


@pytest.mark.parametrize("action", ["delay", "reorder"])
def test_a_message_may_come_after_later_ones(
    simulator: Simulator, api: httpx.Client, mailbox: Mailbox, action: str
) -> None:
    videos = told(simulator, api, mailbox, {"action": action, "title_contains": "v1", "seconds": 50})
    mailbox.wait_for(2)
    simulator.advance(60)
    assert [letter.video_id for letter in mailbox.wait_for(3)][-1] == videos["v1"]


def test_a_forger_says_the_opposite_without_knowing_the_secret(
    simulator: Simulator, api: httpx.Client, mailbox: Mailbox
) -> None:
    videos = told(simulator, api, mailbox, {"action": "forge", "title_contains": "v1"})
    secret_holder = [letter for letter in mailbox.wait_for(4) if letter.video_id == videos["v1"]]
    assert {letter.message["event_type"] for letter in secret_holder} == {"avatar_video.success", "avatar_video.fail"}
    (endpoint,) = {delivery["endpoint_id"] for delivery in simulator.log()["deliveries"]}
    assert endpoint is not None
