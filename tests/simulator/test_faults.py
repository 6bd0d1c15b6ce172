from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from batchgen.simulator import Simulator
from batchgen.simulator.faults import ACTIONS, RESPONSES, FaultsInvalid, parse_faults
from tests.simulator.calls import (
    LONG_ENOUGH_S,
    bulk_statuses,
    client_of,
    create,
    created_id,
    download,
    error_code,
    finished,
    read,
)


def rule(on: str, action: str, **more: Any) -> dict[str, Any]:
    """One fault rule."""
    return {"on": on, "action": action, **more}


class TestLostAnswers:
    """The create is accepted, and the client does not learn it."""

    def test_the_connection_drops_after_the_video_was_accepted(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("create", "accept_then_drop", nth=1)])
        with pytest.raises(httpx.TransportError):
            create(api, key="k")
        assert create(api, key="k").status_code == 200
        lost, replayed = simulator.log()["creates"]
        assert (lost["accepted"], lost["status"]) == (True, None)
        assert lost["fault"].startswith("accept_then_drop")
        assert (replayed["accepted"], replayed["replayed"], replayed["video_id"]) == (False, True, lost["video_id"])

    @pytest.mark.parametrize(
        ("action", "status", "content_type"),
        [("accept_then_502", 502, "text/html; charset=utf-8"), ("accept_then_empty_200", 200, None)],
    )
    def test_the_answer_is_garbage_after_the_video_was_accepted(
        self, simulator: Simulator, api: httpx.Client, action: str, status: int, content_type: str | None
    ) -> None:
        simulator.set_faults([rule("create", action, nth=1)])
        answer = create(api, key="k")
        assert (answer.status_code, answer.headers.get("content-type")) == (status, content_type)
        assert create(api, key="k").json()["data"]["video_id"] == simulator.log()["creates"][0]["video_id"]

    def test_the_answer_is_held_until_the_client_gives_up(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("create", "accept_then_hold", nth=1)])
        with pytest.raises(httpx.ReadTimeout):
            api.post(
                "/v3/videos",
                json={"type": "avatar", "avatar_id": "a", "script": "x"},
                headers={"Idempotency-Key": "k"},
                timeout=0.3,
            )
        assert simulator.log()["creates"][0]["accepted"]
        while (again := create(api, key="k")).status_code == 409:
            threading.Event().wait(0.01)
        assert again.json()["data"]["video_id"] == simulator.log()["creates"][0]["video_id"]

    def test_only_the_headers_of_the_answer_arrive(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("create", "headers_then_drop", nth=1)])
        with (
            pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"),
            api.stream("POST", "/v3/videos", json={"type": "avatar", "avatar_id": "a", "script": "x"}) as answer,
        ):
            assert answer.status_code == 200
            answer.read()
        assert simulator.log()["creates"][0]["accepted"]


def test_a_connection_that_drops_before_the_create_is_accepted_leaves_nothing(
    simulator: Simulator, api: httpx.Client
) -> None:
    simulator.set_faults([rule("create", "drop", nth=1)])
    with pytest.raises(httpx.TransportError):
        create(api, key="k")
    assert [(call["accepted"], call["status"]) for call in simulator.log()["creates"]] == [(False, None)]
    assert api.get("/v3/videos").json()["data"] == []


def test_a_slow_create_is_carried_out_although_the_client_gave_up(tmp_path: Path) -> None:
    with Simulator(state=tmp_path, clock_speed=50) as simulator, client_of(simulator.url) as api:
        simulator.set_faults([rule("create", "delay", seconds=30.0)])
        with pytest.raises(httpx.ReadTimeout):
            api.post("/v3/videos", json={"type": "avatar", "avatar_id": "a", "script": "x"}, timeout=0.1)
        while not simulator.log()["creates"]:
            threading.Event().wait(0.02)
        assert simulator.log()["creates"][0]["accepted"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("action", "status", "code"),
        [
            ("rate_limit", 429, "rate_limit_exceeded"),
            ("quota", 429, "quota_exceeded"),
            ("insufficient_credit", 402, "insufficient_credit"),
            ("unauthorized", 401, "unauthorized"),
            ("forbidden", 403, "forbidden"),
            ("server_error", 500, "internal_error"),
            ("unavailable", 503, "service_unavailable"),
            ("not_ready", 409, "resource_not_ready"),
            ("conflict", 409, "conflict"),
            ("not_found", 404, "video_not_found"),
            ("error_in_200", 200, "internal_error"),
        ],
    )
    def test_each_can_be_scripted_and_nothing_is_accepted(
        self, simulator: Simulator, api: httpx.Client, action: str, status: int, code: str
    ) -> None:
        simulator.set_faults([rule("create", action)])
        answer = create(api)
        assert (answer.status_code, error_code(answer)) == (status, code)
        (call,) = simulator.log()["creates"]
        assert (call["accepted"], call["status"]) == (False, status)

    def test_retry_after_is_sent_as_scripted(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("create", "rate_limit", retry_after_s=7)])
        assert create(api).headers["retry-after"] == "7"

    def test_any_answer_can_be_scripted(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults(
            [rule("create", "respond", status=400, code="content_policy_violation", message="Not that.")]
        )
        assert create(api).json() == {"error": {"code": "content_policy_violation", "message": "Not that."}}

    def test_gateways_answer_html_or_nothing(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("me", "bad_gateway", nth=1), rule("me", "empty_200", nth=2)])
        html, empty = api.get("/v3/users/me"), api.get("/v3/users/me")
        assert (html.status_code, html.text[:6]) == (502, "<html>")
        assert (empty.status_code, empty.content) == (200, b"")

    def test_the_bulk_route_can_be_missing(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("statuses", "no_route")])
        answer = api.get("/v3/videos/statuses", params={"video_ids": "x"})
        assert answer.status_code == 404
        assert not answer.headers["content-type"].startswith("application/json")

    def test_money_can_run_out_after_some_dollars(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("create", "insufficient_credit", after_usd=0.3)])
        assert [create(api).status_code for _ in range(4)] == [200, 200, 402, 402]  # 0.16 USD each


class TestFates:
    """What becomes of a video after it was accepted."""

    def test_a_render_fails_with_a_code(self, simulator: Simulator, api: httpx.Client) -> None:
        code = "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"
        simulator.set_faults([rule("render", "fail", failure_code=code, message="No credit.")])
        video = finished(simulator, api)
        assert (video["status"], video["failure_code"], video["failure_message"]) == ("failed", code, "No credit.")
        item = api.get("/v3/videos/statuses", params={"video_ids": video["id"]}).json()["data"][0]
        assert item["error"] == {"code": code, "message": "No credit."}

    def test_a_video_is_completed_without_a_link(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("render", "no_video_url")])
        video = finished(simulator, api)
        assert (video["status"], video["video_url"]) == ("completed", None)

    def test_a_render_never_ends(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("render", "stuck")])
        video_id = created_id(api)
        simulator.advance(30 * 24 * 3600)
        assert read(api, video_id)["status"] == "processing"

    def test_a_render_is_slow(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("render", "slow", seconds=2 * LONG_ENOUGH_S)])
        video = finished(simulator, api)
        assert video["status"] == "processing"
        simulator.advance(2 * LONG_ENOUGH_S)
        assert read(api, video["id"])["status"] == "completed"

    def test_a_running_video_has_a_status_word_that_nobody_knows(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("render", "unknown_status", word="polishing")])
        video_id = created_id(api)
        assert read(api, video_id)["status"] == "polishing"
        assert bulk_statuses(api, video_id) == {video_id: "polishing"}
        simulator.advance(LONG_ENOUGH_S)
        assert read(api, video_id)["status"] == "completed"

    def test_a_video_vanishes(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("render", "vanish")])
        video_id = created_id(api)
        simulator.advance(LONG_ENOUGH_S)
        assert error_code(api.get(f"/v3/videos/{video_id}")) == "video_not_found"
        assert bulk_statuses(api, video_id) == {video_id: "not_found"}


class TestReads:
    def test_one_reading_says_another_word(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("status", "unknown_status", nth=1, word="limbo")])
        video_id = created_id(api)
        assert [read(api, video_id)["status"] for _ in range(2)] == ["limbo", "pending"]

    def test_one_video_is_not_found_for_a_while(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("statuses", "unknown_video", title_contains="anna", times=2)])
        anna, ben = created_id(api, title="Anna"), created_id(api, title="Ben")
        words = [bulk_statuses(api, anna, ben) for _ in range(3)]
        assert [word[anna] for word in words] == ["not_found", "not_found", "queued"]
        assert {word[ben] for word in words} == {"queued"}

    def test_the_list_lags(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("list", "lag", seconds=60)])
        created_id(api)
        assert api.get("/v3/videos").json()["data"] == []
        simulator.advance(90)
        assert len(api.get("/v3/videos").json()["data"]) == 1

    @pytest.mark.parametrize("action", ["drop", "headers_then_drop"])
    def test_an_answer_is_lost(self, simulator: Simulator, api: httpx.Client, action: str) -> None:
        simulator.set_faults([rule("status", action, nth=1)])
        video_id = created_id(api)
        with pytest.raises(httpx.TransportError):
            read(api, video_id)
        assert read(api, video_id)["status"] == "pending"


class TestDownloads:
    @pytest.fixture
    def url(self, simulator: Simulator, api: httpx.Client) -> str:
        return str(finished(simulator, api)["video_url"])

    def test_a_link_expires_early(self, simulator: Simulator, url: str) -> None:
        simulator.set_faults([rule("download", "expired", each=True, nth=1)])
        assert [download(url).status_code for _ in range(2)] == [403, 200]

    def test_a_file_is_cut_short(self, simulator: Simulator, url: str) -> None:
        simulator.set_faults([rule("download", "truncate", bytes=100)])
        got = b""
        with (
            pytest.raises(httpx.RemoteProtocolError),
            httpx.stream("GET", url, trust_env=False) as answer,
        ):
            assert int(answer.headers["content-length"]) > 1000
            for chunk in answer.iter_bytes():
                got += chunk
        assert len(got) == 100

    def test_a_file_stalls(self, simulator: Simulator, url: str) -> None:
        simulator.set_faults([rule("download", "stall")])
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(url, trust_env=False, timeout=0.3)

    def test_a_file_is_empty(self, simulator: Simulator, url: str) -> None:
        simulator.set_faults([rule("download", "empty")])
        assert (download(url).status_code, download(url).content) == (200, b"")

    def test_a_file_is_something_else(self, simulator: Simulator, url: str) -> None:
        simulator.set_faults([rule("download", "wrong_container")])
        assert download(url).headers["content-type"] == "video/mp4"
        assert download(url).content.startswith(b"<html>")


class TestSelection:
    def codes(self, api: httpx.Client, count: int, **fields: Any) -> list[int]:
        return [create(api, **fields).status_code for _ in range(count)]

    @pytest.mark.parametrize(
        ("chosen", "statuses"),
        [
            ({"nth": 2}, [200, 503, 200, 200]),
            ({"nth": [1, 4]}, [503, 200, 200, 503]),
            ({"every": 2}, [200, 503, 200, 503]),
            ({"times": 3}, [503, 503, 503, 200]),
            ({"every": 2, "times": 1}, [200, 503, 200, 200]),
            ({"probability": 0.0}, [200] * 4),
            ({"probability": 1.0}, [503] * 4),
            ({"title_contains": "ANNA"}, [503] * 4),
            ({"title_contains": "Ben"}, [200] * 4),
        ],
    )
    def test_rules_choose_their_requests(
        self, simulator: Simulator, api: httpx.Client, chosen: dict[str, Any], statuses: list[int]
    ) -> None:
        simulator.set_faults([rule("create", "unavailable", **chosen)])
        assert self.codes(api, 4) == statuses

    def test_each_counts_for_every_key_by_itself(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("create", "unavailable", each=True, nth=1)])
        assert [self.codes(api, 2, key=key) for key in ("a", "b")] == [[503, 200], [503, 200]]

    def test_chance_depends_on_nothing_but_the_seed(self) -> None:
        def drawn(seed: int) -> list[bool]:
            (coin,) = parse_faults({"fault": [rule("create", "drop", name="coin", probability=0.5, seed=seed)]})
            return [coin.fires(seen, 0, "") for seen in range(1, 201)]

        assert drawn(1) == drawn(1) != drawn(2)
        assert 70 < sum(drawn(1)) < 130

    def test_the_first_rule_that_fires_decides_and_all_count(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([rule("create", "unavailable", nth=1), rule("create", "quota", nth=[1, 2])])
        assert self.codes(api, 3) == [503, 429, 200]
        assert sorted(simulator.log()["faults"].values()) == [1, 1]

    def test_one_rule_can_befall_several_kinds_of_requests(self, simulator: Simulator, api: httpx.Client) -> None:
        simulator.set_faults([{"on": ["me", "voices"], "action": "server_error", "nth": 2}])
        assert [api.get("/v3/users/me").status_code, api.get("/v3/voices").status_code] == [200, 500]


class TestRuleFiles:
    def test_a_toml_file_is_read_at_the_start(self, tmp_path: Path) -> None:
        file = tmp_path / "faults.toml"
        file.write_text('[[fault]]\non = "create"\nnth = 1\naction = "rate_limit"\n')
        state = tmp_path / "state"
        with Simulator(state=state, faults=file) as simulator, client_of(simulator.url) as api:
            assert [create(api).status_code for _ in range(2)] == [429, 200]

    def test_rules_put_in_hold_after_a_restart_and_go_on_counting(self, tmp_path: Path) -> None:
        with Simulator(state=tmp_path) as simulator, client_of(simulator.url) as api:
            simulator.set_faults([rule("create", "rate_limit", nth=2)])
            assert create(api).status_code == 200
        with Simulator(state=tmp_path) as simulator, client_of(simulator.url) as api:
            assert [create(api).status_code for _ in range(2)] == [429, 200]

    @pytest.mark.parametrize(
        ("document", "message"),
        [
            ({"faults": []}, "nothing but"),
            ({"fault": {}}, "list"),
            ({"fault": ["x"]}, "fault 1 must be a table"),
            ({"fault": [{"action": "drop"}]}, "on is missing"),
            ({"fault": [{"on": "create"}]}, "action is missing"),
            ({"fault": [rule("crate", "drop")]}, "Did you mean create?"),
            ({"fault": [rule("create", "dorp")]}, "Did you mean drop?"),
            ({"fault": [rule("status", "accept_then_drop")]}, "not an action on status"),
            ({"fault": [rule("create", "drop", nht=1)]}, "Did you mean nth?"),
            ({"fault": [rule("create", "drop", nth="1")]}, "must be int or list"),
            ({"fault": [rule("create", "drop", each=1)]}, "must be bool"),
            ({"fault": [rule("create", "drop", every=0)]}, "at least 1"),
            ({"fault": [rule("create", "drop", then="sing")]}, "kill_client"),
            ({"fault": [rule("create", "respond")]}, "needs a status"),
            ({"fault": [rule("create", "respond", status=400, body="xml")]}, "json"),
        ],
    )
    def test_a_rule_that_makes_no_sense_is_explained(self, document: Any, message: str) -> None:
        with pytest.raises(FaultsInvalid, match=message.replace("?", r"\?")):
            parse_faults(document)

    def test_every_action_that_can_be_scripted_is_documented(self) -> None:
        import batchgen.simulator.faults as module

        actions = {action for allowed in ACTIONS.values() for action in allowed} | set(RESPONSES)
        undocumented = {action for action in actions if action not in (module.__doc__ or "")}
        assert undocumented == set()
