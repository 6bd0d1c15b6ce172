"""Asking the provider: only about what rows name, once an hour, and never so that its trouble stops a run."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from batchgen.catalogue import Catalogue, asked_by, fetch_catalogue
from batchgen.catalogue.cache import cache_file
from batchgen.request import BuiltRow
from batchgen.simulator import Simulator
from batchgen.video_api import VideoApi
from tests.catalogue.things import row

KEY = "sk-do-not-tell-anybody"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(state=tmp_path / "state", render="static") as running:
        yield running


def fetched(
    url: str, *rows: BuiltRow, cache: Path | None = None, refresh: bool = False, patience_s: float = 20.0
) -> Catalogue:
    async def run() -> Catalogue:
        async with VideoApi(base_url=url, key=SecretStr(KEY), connections=4, read_timeout_s=5, read_tries=1) as api:
            asked = asked_by(rows)
            return await fetch_catalogue(asked, api, cache=cache, refresh=refresh, patience_s=patience_s)

    return asyncio.run(run())


def calls(simulator: Simulator) -> dict[str, int]:
    """Calls by route, without the words that all of them have."""
    routes: dict[str, int] = simulator.log()["routes"]
    return {route.removeprefix("GET /v3/"): count for route, count in routes.items()}


def test_only_what_rows_name_is_asked_for_and_each_once(simulator: Simulator) -> None:
    rows = [row(number, voice_id="de_jonas") for number in range(2, 30)]
    catalogue = fetched(simulator.url, *rows)
    assert calls(simulator) == {"users/me": 1, "avatars/looks/{look_id}": 1, "voices/{voice_id}": 1}
    assert catalogue.not_checked == ()
    assert catalogue.kinds["Anna_public"] == "studio_avatar"
    assert catalogue.account is not None
    assert catalogue.account.balance_usd == 100_000.0


def test_where_rows_name_no_voice_the_avatars_own_is_looked_at(simulator: Simulator) -> None:
    catalogue = fetched(simulator.url, row(2))
    voice = catalogue.voice_of(None, "Anna_public")
    assert voice is not None
    assert voice.language == "English"


def test_with_many_ids_the_list_is_read_first(simulator: Simulator) -> None:
    rows = [row(number, voice_id=f"own-{number}") for number in range(2, 60)] + [row(60, voice_id="de_jonas")]
    catalogue = fetched(simulator.url, *rows)
    assert len(catalogue.voices) == 59
    assert calls(simulator)["voices"] >= 2
    assert calls(simulator)["voices/{voice_id}"] == 58


def test_what_does_not_exist_comes_with_what_may_have_been_meant(simulator: Simulator) -> None:
    catalogue = fetched(simulator.url, row(2, avatar_id="missing_ana", voice_id="missing_voice"))
    assert (catalogue.looks["missing_ana"], catalogue.voices["missing_voice"]) == (None, None)
    assert "Anna_public" in {look.id for look in catalogue.other_looks}
    assert "own_ceo" in {voice.id for voice in catalogue.other_voices}


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "respond", "status": 404, "code": "not_found"},
        {"action": "no_route"},
        {"action": "server_error"},
        {"action": "bad_gateway"},
        {"action": "empty_200"},
        {"action": "error_in_200"},
        {"action": "rate_limit"},
        {"action": "forbidden"},
        {"action": "drop"},
    ],
)
@pytest.mark.parametrize(("on", "words"), [("looks", "avatars"), ("voices", "voices"), ("me", "balance")])
def test_a_route_that_gives_no_answer_means_not_checked(
    simulator: Simulator, fault: dict[str, Any], on: str, words: str
) -> None:
    simulator.set_faults([{"on": on, **fault}])
    catalogue = fetched(simulator.url, row(2, avatar_id="missing_look", voice_id="missing_voice"))
    (reason,) = catalogue.not_checked
    assert words in reason or "refuses the API key" in reason
    if on == "looks":
        assert catalogue.looks == {}
    if on == "voices":
        assert catalogue.voices == {}


def test_a_wrong_key_is_tried_once(simulator: Simulator) -> None:
    simulator.set_faults([{"on": ["me", "looks", "voices"], "action": "unauthorized"}])
    catalogue = fetched(simulator.url, row(2))
    assert calls(simulator) == {"users/me": 1}
    assert "refuses the API key" in catalogue.not_checked[0]


def test_a_refused_id_says_nothing_about_the_others(simulator: Simulator) -> None:
    refused = {"on": "voices", "action": "respond", "status": 400, "code": "invalid_parameter", "nth": 1}
    simulator.set_faults([refused])
    rows = [row(number, voice_id=voice) for number, voice in enumerate(["odd", "de_jonas", "own_ceo"], start=2)]
    catalogue = fetched(simulator.url, *rows)
    assert len(catalogue.voices) == 2
    assert len(catalogue.not_checked) == 1


def test_nobody_there_means_not_checked() -> None:
    catalogue = fetched("http://127.0.0.1:1", row(2))
    assert len(catalogue.not_checked) == 2


def test_a_provider_that_hangs_is_given_up(simulator: Simulator) -> None:
    simulator.set_faults([{"on": "looks", "action": "delay"}])
    catalogue = fetched(simulator.url, row(2), patience_s=0.5)
    assert catalogue.not_checked == ("the provider did not answer within 0.5 s.",)


class TestTheCache:
    def test_what_was_learnt_is_asked_again_only_after_an_hour_or_on_demand(
        self, simulator: Simulator, tmp_path: Path
    ) -> None:
        cache = cache_file(tmp_path / "job", simulator.url)
        first = fetched(simulator.url, row(2), cache=cache)
        before = calls(simulator)
        assert fetched(simulator.url, row(2), cache=cache) == first
        assert calls(simulator) == before | {"users/me": 2}
        kept = orjson.loads(cache.read_bytes())
        for each in (kept["looks"], kept["voices"]):
            for id_, (_, item) in each.items():
                each[id_] = [time.time() - 3601, item]
        cache.write_bytes(orjson.dumps(kept))
        fetched(simulator.url, row(2), cache=cache)
        assert calls(simulator)["avatars/looks/{look_id}"] == 2
        fetched(simulator.url, row(2), cache=cache, refresh=True)
        assert calls(simulator)["avatars/looks/{look_id}"] == 3

    def test_it_holds_no_key_and_nothing_that_does_not_exist(self, simulator: Simulator, tmp_path: Path) -> None:
        cache = cache_file(tmp_path / "job", simulator.url)
        fetched(simulator.url, row(2, voice_id="missing_voice"), cache=cache)
        assert KEY not in cache.read_text()
        assert "missing_voice" not in cache.read_text()
        assert [file.name for file in cache.parent.iterdir()] == [cache.name]

    @pytest.mark.parametrize(
        "text",
        [b"", b"{", b"[]", b'{"looks": {"Anna_public": [1e12, {"id": 7}]}}', b'{"looks": 1}', b"\xff", b"null"],
    )
    def test_a_file_that_is_none_of_ours_is_ignored(self, simulator: Simulator, tmp_path: Path, text: bytes) -> None:
        cache = tmp_path / "catalogue.json"
        cache.write_bytes(text)
        assert fetched(simulator.url, row(2), cache=cache).kinds["Anna_public"] == "studio_avatar"
        assert orjson.loads(cache.read_bytes())["username"].startswith("demo-")

    def test_another_account_does_not_see_it(self, simulator: Simulator, tmp_path: Path) -> None:
        cache = tmp_path / "catalogue.json"
        fetched(simulator.url, row(2), cache=cache)
        kept = orjson.loads(cache.read_bytes()) | {"username": "somebody else"}
        cache.write_bytes(orjson.dumps(kept))
        fetched(simulator.url, row(2), cache=cache)
        assert calls(simulator)["avatars/looks/{look_id}"] == 2

    def test_where_it_cannot_be_kept_the_provider_is_asked_again(self, simulator: Simulator, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        catalogue = fetched(simulator.url, row(2), cache=tmp_path / "file" / "catalogue.json")
        assert catalogue.not_checked == ()

    def test_each_provider_has_its_own(self, tmp_path: Path) -> None:
        files = {
            cache_file(tmp_path, url) for url in ("https://api.heygen.com", "http://127.0.0.1:80/x", "http://[::1]:9")
        }
        assert len(files) == 3
        assert all(file.parent == tmp_path and os.sep not in file.name for file in files)
