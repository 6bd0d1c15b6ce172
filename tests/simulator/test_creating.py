from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from batchgen.simulator import Account, Simulator
from tests.simulator.calls import AVATAR, LONG_ENOUGH_S, client_of, create, created_id, error_code, finished, read


def test_a_create_is_answered_with_an_id_and_the_word_waiting(api: httpx.Client) -> None:
    answer = create(api, output_format="webm")
    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "video_id": answer.json()["data"]["video_id"],
        "status": "waiting",
        "output_format": "webm",
    }
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": ""}])
def test_without_an_api_key_everything_is_401(simulator: Simulator, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=simulator.url, headers=headers, trust_env=False) as client:
        for answer in (client.post("/v3/videos", json=AVATAR), client.get("/v3/users/me"), client.get("/v3/voices")):
            assert (answer.status_code, error_code(answer)) == (401, "unauthorized")
    assert simulator.log()["creates"] == []


def test_an_account_with_a_key_refuses_any_other(tmp_path: Path) -> None:
    with Simulator(state=tmp_path, account=Account(key="right")) as simulator, client_of(simulator.url) as api:
        assert create(api).status_code == 401
        api.headers["X-Api-Key"] = "right"
        assert create(api).status_code == 200


class TestIdempotencyKeys:
    def test_the_same_key_replays_the_first_answer_even_for_another_body(
        self, simulator: Simulator, api: httpx.Client
    ) -> None:
        first = create(api, key="row-1:1")
        again = create(api, key="row-1:1", script="Something else entirely", avatar_id="missing")
        assert again.content == first.content
        assert [(call["accepted"], call["replayed"]) for call in simulator.log()["creates"]] == [
            (True, False),
            (False, True),
        ]

    def test_a_refusal_is_not_stored_so_the_key_may_be_used_for_a_better_body(self, api: httpx.Client) -> None:
        assert create(api, key="k", resolution="8k").status_code == 400
        assert create(api, key="k").status_code == 200

    def test_after_24_hours_of_provider_time_the_key_makes_a_second_video(
        self, simulator: Simulator, api: httpx.Client
    ) -> None:
        first = created_id(api, key="k")
        simulator.advance(24 * 3600 - 60)
        assert created_id(api, key="k") == first
        simulator.advance(120)
        assert created_id(api, key="k") != first

    @pytest.mark.parametrize("key", ["a key", "ä".encode().decode("latin-1"), "x" * 256])
    def test_a_key_of_the_wrong_form_is_refused(self, api: httpx.Client, key: str) -> None:
        headers = {"Idempotency-Key": key.encode("latin-1")}
        answer = api.post("/v3/videos", json=AVATAR, headers=headers)  # type: ignore[arg-type]
        assert (answer.status_code, error_code(answer)) == (400, "invalid_parameter")

    def test_while_the_first_request_is_in_flight_the_same_key_is_409(
        self, simulator: Simulator, api: httpx.Client
    ) -> None:
        simulator.set_faults([{"on": "create", "nth": 1, "action": "accept_then_hold"}])
        first: list[httpx.Response] = []
        with client_of(simulator.url) as other:
            held = threading.Thread(target=lambda: first.append(create(other, key="k")))
            held.start()
            wait_for_creates(simulator, 1)
            second = create(api, key="k")
            simulator.release()
            held.join()
        assert (second.status_code, error_code(second)) == (409, "request_in_progress")
        assert create(api, key="k").content == first[0].content


def wait_for_creates(simulator: Simulator, count: int) -> None:
    """Until so many creates have arrived."""
    while len(simulator.log()["creates"]) < count:
        threading.Event().wait(0.01)


class TestLimits:
    def test_one_render_too_many_is_429_with_retry_after(self, tmp_path: Path) -> None:
        account = Account(concurrency=2)
        with Simulator(state=tmp_path, account=account) as simulator, client_of(simulator.url) as api:
            for _ in range(2):
                assert create(api).status_code == 200
            refused = create(api, key="third")
            assert (refused.status_code, error_code(refused)) == (429, "rate_limit_exceeded")
            assert int(refused.headers["retry-after"]) >= 1
            simulator.advance(LONG_ENOUGH_S)
            assert create(api, key="third").status_code == 200
            assert simulator.log()["max_concurrent_renders"] == 2

    def test_a_wallet_that_does_not_cover_the_video_is_402(self, tmp_path: Path) -> None:
        with Simulator(state=tmp_path, account=Account(credit_usd=0.30)) as simulator, client_of(simulator.url) as api:
            assert create(api).status_code == 200  # 2.4 s of Avatar IV: 0.16 USD
            refused = create(api)
            assert (refused.status_code, error_code(refused)) == (402, "insufficient_credit")

    def test_finished_videos_are_charged_and_failed_ones_are_not(self, simulator: Simulator, api: httpx.Client) -> None:
        def balance() -> float:
            return float(api.get("/v3/users/me").json()["data"]["wallet"]["remaining_balance"])

        before = balance()
        simulator.set_faults([{"on": "render", "title_contains": "bad", "action": "fail"}])
        video = finished(simulator, api)
        finished(simulator, api, title="bad luck")
        assert before - balance() == pytest.approx(video["duration"] * 0.0667)


class TestLengths:
    @pytest.mark.parametrize(
        ("fields", "seconds"),
        [
            ({"script": "one two three four five"}, 2.0),
            ({"script": "one two three four five", "voice_settings": {"speed": 0.5}}, 4.0),
            ({"script": 'one two <break time="2.5s"/> three four five'}, 4.5),
            ({"script": "田中様、このたびは誠に"}, 9 / 4.5 + 1 / 2.5),
        ],
    )
    def test_a_video_is_as_long_as_its_script_takes(
        self, simulator: Simulator, api: httpx.Client, fields: dict[str, Any], seconds: float
    ) -> None:
        assert finished(simulator, api, **fields)["duration"] == pytest.approx(seconds, abs=0.5)

    def test_the_same_audio_file_always_makes_the_same_length(self, simulator: Simulator, api: httpx.Client) -> None:
        def length(url: str) -> float:
            return float(finished(simulator, api, script=None, audio_url=url)["duration"])

        assert length("https://a.example/x.mp3") == length("https://a.example/x.mp3")
        assert length("https://a.example/x.mp3") != length("https://a.example/y.mp3")


def test_the_whole_life_of_a_video_can_be_watched(simulator: Simulator, api: httpx.Client) -> None:
    video_id = created_id(api)
    assert read(api, video_id)["status"] == "pending"
    simulator.advance(8)
    assert read(api, video_id)["status"] == "processing"
    simulator.advance(LONG_ENOUGH_S)
    video = read(api, video_id)
    assert video["status"] == "completed"
    assert video["created_at"] < video["completed_at"]
