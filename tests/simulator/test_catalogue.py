"""What the simulated account has: looks, voices, templates, money."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from batchgen.simulator import Simulator
from tests.simulator.calls import create, error_code

SAMPLES = Path(__file__).parents[2] / "sample_jobs"


def listed(api: httpx.Client, path: str, **query: str) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        page = api.get(path, params=query | ({"token": token} if token else {})).json()
        items += page["data"]
        token = page["next_token"]
        assert page["has_more"] == (token is not None)
        if token is None:
            return items


def voices(api: httpx.Client) -> list[dict[str, Any]]:
    return [*listed(api, "/v3/voices", type="public"), *listed(api, "/v3/voices", type="private")]


def test_every_look_has_a_voice_of_the_account(api: httpx.Client) -> None:
    looks = listed(api, "/v3/avatars/looks")
    assert len(looks) >= 12
    assert {look["default_voice_id"] for look in looks} <= {voice["voice_id"] for voice in voices(api)}
    assert {look["avatar_type"] for look in looks} == {"studio_avatar", "digital_twin", "photo_avatar"}


@pytest.mark.parametrize("path", ["/v3/avatars/looks", "/v3/voices", "/v3/templates"])
def test_lists_come_in_pages(api: httpx.Client, path: str) -> None:
    assert listed(api, path, limit="1") == listed(api, path, limit="100")
    assert api.get(path, params={"limit": "0"}).status_code == 400
    assert api.get(path, params={"token": "nonsense"}).status_code == 400


def test_a_list_of_voices_holds_the_public_ones_unless_private_ones_are_asked_for(api: httpx.Client) -> None:
    assert {voice["type"] for voice in listed(api, "/v3/voices")} == {"public"}
    assert {voice["type"] for voice in listed(api, "/v3/voices", type="private")} == {"private"}
    assert api.get("/v3/voices", params={"type": "mine"}).status_code == 400


def test_lists_can_be_filtered(api: httpx.Client) -> None:
    assert {voice["language"] for voice in listed(api, "/v3/voices", language="German")} == {"German"}
    annas = listed(api, "/v3/avatars/looks", group_id="group_anna")
    assert len(annas) == 3
    assert {look["group_id"] for look in annas} == {"group_anna"}


@pytest.mark.parametrize(
    ("path", "id_name"),
    [("/v3/avatars/looks", "id"), ("/v3/voices", "voice_id"), ("/v3/templates", "id")],
)
def test_what_is_listed_can_be_read_alone(api: httpx.Client, path: str, id_name: str) -> None:
    for item in listed(api, path):
        alone = api.get(f"{path}/{item[id_name]}").json()["data"]
        assert alone.items() >= item.items()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v3/avatars/looks/missing_look", "avatar_not_found"),
        ("/v3/voices/missing_voice", "voice_not_found"),
        ("/v3/templates/any", "template_not_found"),
    ],
)
def test_what_does_not_exist_is_told_by_its_own_code(api: httpx.Client, path: str, code: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, error_code(answer)) == (404, code)


@pytest.mark.parametrize("look_id", ["Anna_public", "a-look-of-my-own", "missing_look"])
def test_a_look_can_be_read_exactly_when_a_create_takes_it(api: httpx.Client, look_id: str) -> None:
    assert api.get(f"/v3/avatars/looks/{look_id}").status_code == create(api, avatar_id=look_id).status_code


@pytest.mark.parametrize("voice_id", ["en_anna", "a-voice-of-my-own", "missing_voice"])
def test_a_voice_can_be_read_exactly_when_a_create_takes_it(api: httpx.Client, voice_id: str) -> None:
    assert api.get(f"/v3/voices/{voice_id}").status_code == create(api, voice_id=voice_id).status_code


def test_routes_of_the_catalogue_can_be_missing_broken_or_slow(simulator: Simulator, api: httpx.Client) -> None:
    simulator.set_faults(
        [
            {"on": "looks", "action": "respond", "status": 404, "code": "not_found"},
            {"on": "voices", "action": "server_error"},
            {"on": "templates", "action": "no_route"},
            {"on": "me", "action": "delay"},
        ]
    )
    assert error_code(api.get("/v3/avatars/looks/Anna_public")) == "not_found"
    assert api.get("/v3/voices").status_code == 500
    assert api.get("/v3/templates").status_code == 404
    with pytest.raises(httpx.ReadTimeout):
        api.get("/v3/users/me", timeout=0.2)


def sample_ids() -> Iterator[str]:
    """Every look and voice that a sample job names."""
    for file in SAMPLES.glob("*/job.toml"):
        looks = tomllib.loads(file.read_text())["request"].get("avatar_id", "")
        yield from [looks] if isinstance(looks, str) else looks
    for file in [*SAMPLES.glob("*/*.csv"), *SAMPLES.glob("*/*.tsv")]:
        with file.open(encoding="utf-8-sig", newline="") as sheet:
            for row in csv.DictReader(sheet, delimiter="\t" if file.suffix == ".tsv" else ","):
                yield from (row.get("avatar", ""), row.get("voice_id", ""))
    for workbook in SAMPLES.glob("*/*.xlsx"):
        header, *rows = load_workbook(workbook).worksheets[0].iter_rows(values_only=True)
        for cells in rows:
            named = dict(zip(header, cells, strict=True))
            yield from (str(named.get("Presenter") or ""), str(named.get("Voice") or ""))


def test_every_look_and_voice_of_the_samples_is_in_the_catalogue(api: httpx.Client) -> None:
    looks = {look["id"] for look in listed(api, "/v3/avatars/looks")}
    known = looks | {voice["voice_id"] for voice in voices(api)}
    named = {one for one in sample_ids() if one and "{" not in one}
    assert {"Clara_twin", "Ben_public", "ja_emi"} <= named <= known
