"""Our endpoint at the provider: made once, found again, its secret known only to us, whatever breaks off when."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from pydantic import SecretStr

from batchgen.errors import ApiUnavailable
from batchgen.listen import KeptSecrets, callback_secret, kept_file, register, rotate, unregister
from batchgen.listen.kept import Kept, keep, read_kept
from batchgen.simulator import Simulator
from batchgen.video_api import WebhookApi
from tests.simulator.calls import client_of

URL = "http://127.0.0.1:9/webhooks/heygen"
T = TypeVar("T")
Call = Callable[[WebhookApi], Coroutine[Any, Any, T]]


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(state=tmp_path / "simulator", render="static") as running:
        yield running


@pytest.fixture
def api(simulator: Simulator) -> Iterator[httpx.Client]:
    with client_of(simulator.url) as client:
        yield client


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return kept_file(tmp_path / ".batchgen", provider="p", url=URL)


def ask(simulator: Simulator, call: Call[T]) -> T:
    async def asked() -> T:
        async with WebhookApi(
            base_url=simulator.url, key=SecretStr("sk_live_0123"), connections=1, read_tries=1
        ) as api:
            return await call(api)

    return asyncio.run(asked())


def registered(simulator: Simulator, file: Path, *, for_a_run: bool = False) -> tuple[Kept, bool]:
    registration = ask(simulator, lambda api: register(api, URL, file, for_a_run=for_a_run))
    return registration.kept, registration.made


def endpoints(api: httpx.Client) -> list[str]:
    return [each["endpoint_id"] for each in api.get("/v3/webhooks/endpoints", params={"limit": 100}).json()["data"]]


def test_an_endpoint_is_made_once_and_used_again(simulator: Simulator, api: httpx.Client, file: Path) -> None:
    kept, made = registered(simulator, file)
    assert made
    assert registered(simulator, file) == (kept, False)
    assert endpoints(api) == [kept.endpoint_id]


def test_the_secret_is_kept_for_its_owner_alone_and_never_shown(simulator: Simulator, file: Path) -> None:
    kept, _ = registered(simulator, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept.secret
    assert kept.secret not in repr(kept)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_an_endpoint_whose_secret_nobody_knows_gets_a_new_one(
    simulator: Simulator, api: httpx.Client, file: Path
) -> None:
    """Killed between making it and writing it down, or the file was lost."""
    kept, _ = registered(simulator, file)
    file.unlink()
    found, made = registered(simulator, file)
    assert (found.endpoint_id, made) == (kept.endpoint_id, False)
    assert found.secret not in ("", kept.secret)
    assert endpoints(api) == [kept.endpoint_id]


def test_a_create_whose_answer_was_lost_is_not_made_again(simulator: Simulator, api: httpx.Client, file: Path) -> None:
    simulator.set_faults([{"on": "endpoints", "action": "headers_then_drop", "nth": 2}])
    kept, _ = registered(simulator, file)
    assert endpoints(api) == [kept.endpoint_id]
    assert kept.secret


def test_twins_of_the_endpoint_are_removed(simulator: Simulator, api: httpx.Client, file: Path) -> None:
    other = api.post("/v3/webhooks/endpoints", json={"url": "http://127.0.0.1:9/not-ours"}).json()["data"]
    api.post("/v3/webhooks/endpoints", json={"url": URL})
    kept, _ = registered(simulator, file)
    api.post("/v3/webhooks/endpoints", json={"url": URL})
    registered(simulator, file)
    assert set(endpoints(api)) == {other["endpoint_id"], kept.endpoint_id}


def test_an_endpoint_that_somebody_removed_is_made_anew(simulator: Simulator, api: httpx.Client, file: Path) -> None:
    kept, _ = registered(simulator, file)
    api.delete(f"/v3/webhooks/endpoints/{kept.endpoint_id}")
    fresh, made = registered(simulator, file)
    assert made
    assert endpoints(api) == [fresh.endpoint_id]


def test_what_is_made_for_a_run_is_remembered_as_such_until_it_is_registered_for_good(
    simulator: Simulator, file: Path
) -> None:
    assert registered(simulator, file, for_a_run=True)[0].for_a_run
    assert registered(simulator, file, for_a_run=True)[0].for_a_run
    assert not registered(simulator, file)[0].for_a_run
    assert not registered(simulator, file, for_a_run=True)[0].for_a_run


def test_a_run_removes_what_was_made_for_it_and_nothing_that_was_registered_for_good_meanwhile(
    simulator: Simulator, file: Path
) -> None:
    def removed() -> int:
        return ask(simulator, lambda api: unregister(api, URL, file, only_for_a_run=True))

    registered(simulator, file, for_a_run=True)
    registered(simulator, file)
    assert removed() == 0
    ask(simulator, lambda api: unregister(api, URL, file))
    registered(simulator, file, for_a_run=True)
    assert removed() == 1


def test_after_a_rotation_both_secrets_are_good_for_a_day(simulator: Simulator, file: Path) -> None:
    old, _ = registered(simulator, file)
    now = 1_800_000_000.0
    new = ask(simulator, lambda api: rotate(api, URL, file, clock=lambda: now)).kept
    assert new.secret != old.secret
    assert new.good_at(now + 3_600) == (new.secret, old.secret)
    assert new.good_at(now + 25 * 3_600) == (new.secret,)


def test_a_rotation_whose_answer_was_lost_is_done_again(simulator: Simulator, file: Path) -> None:
    registered(simulator, file)
    simulator.set_faults([{"on": "endpoints", "action": "headers_then_drop", "nth": 2}])
    with pytest.raises(ApiUnavailable):
        ask(simulator, lambda api: rotate(api, URL, file))
    lost = read_kept(file)
    assert lost is not None and lost.changing
    found, _ = registered(simulator, file)
    assert not found.changing
    assert found.secret != lost.secret


def test_unregistering_removes_what_calls_us_and_nothing_else(
    simulator: Simulator, api: httpx.Client, file: Path
) -> None:
    other = api.post("/v3/webhooks/endpoints", json={"url": "http://127.0.0.1:9/not-ours"}).json()["data"]
    registered(simulator, file)
    assert ask(simulator, lambda api: unregister(api, URL, file)) == 1
    assert endpoints(api) == [other["endpoint_id"]]
    assert not file.exists()
    assert ask(simulator, lambda api: unregister(api, URL, file)) == 0


# --- what is kept -----------------------------------------------------------------------------------------------


def test_a_listener_at_work_takes_note_of_a_rotation(file: Path) -> None:
    secrets = KeptSecrets(file, clock=lambda: 100.0)
    assert secrets() == ()
    kept = Kept(url=URL, endpoint_id="e", secret="first")
    keep(file, kept)
    assert secrets() == ("first",)
    keep(file, replace(kept, secret="second", older_secret="first", older_until=200.0))
    assert secrets() == ("second", "first")
    file.unlink()
    assert secrets() == ()


def test_an_unknown_secret_is_no_secret_that_anybody_could_sign_with(file: Path) -> None:
    keep(file, Kept(url=URL, endpoint_id="e", secret="", changing=True))
    assert KeptSecrets(file)() == ()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"url": "u"}', b'{"strange": 1}'])
def test_a_damaged_file_counts_as_nothing_kept(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert read_kept(file) is None


def test_a_callback_secret_is_made_once_for_each_job(tmp_path: Path) -> None:
    first = callback_secret(tmp_path / "state", "welcome")
    assert callback_secret(tmp_path / "state", "welcome") == first
    assert callback_secret(tmp_path / "state", "other") != first
    assert len(first) >= 32
    (file,) = (tmp_path / "state").glob("welcome.*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
