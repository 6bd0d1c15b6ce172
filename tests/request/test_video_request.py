from __future__ import annotations

import dataclasses
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgen.fields import BY_PATH
from batchgen.request import check, legacy_body
from tests.request.requests import (
    AVATAR,
    EVERYTHING_AVATAR,
    EVERYTHING_IMAGE,
    accepted_fields,
    paths_of,
    values_of,
    with_value,
)


def shuffled(value: Any, draw: st.DataObject) -> Any:
    """The same fields in another order, at every depth."""
    if not isinstance(value, dict):
        return value
    names = draw.draw(st.permutations(list(value)))
    return {name: shuffled(value[name], draw) for name in names}


@settings(deadline=None)
@given(accepted_fields(), st.data())
def test_the_order_of_fields_changes_neither_bytes_nor_fingerprint(fields: dict[str, Any], draw: st.DataObject) -> None:
    assert check(shuffled(fields, draw)) == check(fields)


@settings(deadline=None)
@given(accepted_fields())
def test_what_the_ledger_stored_is_the_same_request_again(fields: dict[str, Any]) -> None:
    request = check(fields)
    assert check(request.payload) == request


@settings(deadline=None)
@given(accepted_fields(), st.data())
def test_changing_any_field_changes_the_fingerprint(fields: dict[str, Any], draw: st.DataObject) -> None:
    request = check(fields)
    changeable = [path for path in paths_of(request.payload) if "type" not in path and "callback" not in path]
    path = draw.draw(st.sampled_from(changeable))
    before = paths_of(request.payload)[path]
    value = draw.draw(values_of(BY_PATH[path]).filter(lambda value: value != before and str(value).strip()))
    assert check(with_value(request.payload, path, value)).fingerprint != request.fingerprint


@pytest.mark.parametrize("fields", [EVERYTHING_AVATAR, EVERYTHING_IMAGE])
def test_leaving_out_any_optional_field_changes_the_fingerprint(fields: dict[str, Any]) -> None:
    whole = check(fields).fingerprint
    optional = [path for path in paths_of(fields) if not BY_PATH[path].required and _is_free(path)]
    fingerprints = {check(with_value(fields, path, None)).fingerprint for path in optional}
    assert len(optional) > 15
    assert len(fingerprints | {whole}) == len(optional) + 1


def _is_free(path: str) -> bool:
    """Whether a request is still right without the field."""
    bound = ("callback", "script", "voice_id", "background.value", "image.", "watermark.image.")
    return not path.startswith(bound)


def test_callback_fields_are_sent_and_leave_the_fingerprint_alone() -> None:
    called = check({**AVATAR, "callback_url": "https://example.com/hook", "callback_id": "7"})
    assert called.payload["callback_id"] == "7"
    assert called.fingerprint == check(AVATAR).fingerprint


def test_one_and_one_point_zero_are_the_same_number_and_1_05_stays() -> None:
    whole, decimal = (check({**AVATAR, "voice_settings": {"speed": speed}}) for speed in (1, 1.0))
    assert whole == decimal
    assert b'"speed":1}' in whole.stored
    assert b'"speed":1.05}' in check({**AVATAR, "voice_settings": {"speed": 1.05}}).stored


def test_a_shorthand_and_its_object_are_the_same_request() -> None:
    assert check({**AVATAR, "engine": "avatar_v"}) == check({**AVATAR, "engine": {"type": "avatar_v"}})


def test_the_fingerprint_of_a_request_never_changes_between_versions() -> None:
    assert check(AVATAR).stored == b'{"avatar_id":"Anna_public","script":"Hello.","type":"avatar"}'
    assert check(AVATAR).fingerprint == "b90a68bde5def56fd2ab804441da53f6e02105f08604b9eac5fc79e74ffa0ca6"
    assert check(EVERYTHING_AVATAR).fingerprint == "2bb6de41aacd2bacaf8702a38dbad8d01b69bc510b31408cb7cc633e3dd230ff"


def test_the_marker_goes_behind_the_title_of_what_is_sent_and_nowhere_else() -> None:
    request = check({**AVATAR, "title": "Welcome Anna"})
    assert json.loads(request.body(marker="b7f3")) == {**request.payload, "title": "Welcome Anna [b7f3]"}
    assert request.payload["title"] == "Welcome Anna"


def test_without_a_title_the_marker_is_the_title() -> None:
    assert json.loads(check(AVATAR).body(marker="b7f3"))["title"] == "[b7f3]"


def test_a_kind_that_takes_no_address_to_call_back_gets_none() -> None:
    film = check({"type": "cinematic_avatar", "avatar_id": ["Anna_public"], "prompt": "She waves."})
    assert film.body(callback_url="https://h.test/c/s3cret") == film.stored
    spoken = check({**AVATAR, "engine": "avatar_iii", "voice_id": "en_anna"}, "legacy")
    assert "callback_url" not in json.loads(legacy_body(spoken, callback_url="https://h.test/c/s3cret"))


def test_an_address_to_call_back_goes_into_what_is_sent_unless_the_row_names_one() -> None:
    plain = check(AVATAR)
    assert json.loads(plain.body(callback_url="https://h.test/c/s3cret"))["callback_url"] == "https://h.test/c/s3cret"
    assert plain.body() == plain.stored
    own = check({**AVATAR, "callback_url": "https://own.test"})
    assert json.loads(own.body(callback_url="https://h.test/c/s3cret"))["callback_url"] == "https://own.test"
    assert own.fingerprint == plain.fingerprint


def test_without_a_marker_the_payload_is_sent_as_it_is() -> None:
    request = check(AVATAR)
    assert json.loads(request.body()) == AVATAR
    assert request.body() == request.stored


def test_every_script_of_the_world_is_sent_as_utf_8() -> None:
    script = "Grüße, 你好, שלום, สวัสดี 👩‍🚀"
    assert json.loads(check({**AVATAR, "script": script}).body().decode("utf-8"))["script"] == script


def test_a_request_cannot_be_changed() -> None:
    request = check(AVATAR)
    request.payload["script"] = "Something else"
    assert request.payload == AVATAR
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.fingerprint = "0"  # type: ignore[misc]


def test_a_hundred_thousand_requests_stay_small_in_memory() -> None:
    tracemalloc.start()
    kept = [check({**AVATAR, "title": f"Row {number}"}) for number in range(1_000)]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used / len(kept) < 600  # bytes
