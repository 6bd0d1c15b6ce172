"""What every answer to a create means, as one table. Only proof makes a request surely unsent or surely refused."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, assert_never

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.video_api import VIDEOS, Accepted, AccountProblem, CreateOutcome, Deferred, InDoubt, Rejected
from batchgen.video_api.answers import STATUS_OF_CODE, create_outcome, read_answer

NOW = 1_800_000_000.0

# Every code of the contract's §4, its status, and the outcome of design §5.
CODES = [
    *((400, code, "rejected") for code in ("invalid_parameter", "download_failed", "content_policy_violation")),
    *((400, code, "rejected") for code in ("avatar_not_usable", "avatar_consent_required", "avatar_expired")),
    *((400, code, "rejected") for code in ("script_too_short", "tts_text_invalid", "voice_unavailable")),
    (400, "resource_limit_reached", "rejected"),
    (401, "unauthorized", "account"),
    *((402, code, "account") for code in ("insufficient_credit", "trial_limit_exceeded", "subscription_required")),
    (402, "plan_upgrade_required", "account"),
    *((403, code, "account") for code in ("forbidden", "insufficient_api_key_scope", "resource_access_denied")),
    (403, "phone_verification_required", "account"),
    (403, "voice_not_usable", "rejected"),
    *((404, code, "rejected") for code in ("video_not_found", "avatar_not_found", "voice_not_found")),
    *((404, code, "rejected") for code in ("asset_not_found", "template_not_found")),
    (409, "request_in_progress", "in doubt, soon"),
    (409, "resource_not_ready", "deferred: not_ready"),
    (409, "conflict", "rejected"),
    (413, "payload_too_large", "rejected"),
    (429, "rate_limit_exceeded", "deferred: too_fast"),
    (429, "quota_exceeded", "account"),
    (500, "internal_error", "in doubt"),
    (502, "voice_provider_error", "in doubt"),
    (503, "service_unavailable", "in doubt"),
    (504, "gateway_timeout", "in doubt"),
]

UNKNOWN = [
    (400, "a_code_of_next_year", "rejected"),
    (404, "a_code_of_next_year", "rejected"),
    (422, "a_code_of_next_year", "rejected"),
    (401, "a_code_of_next_year", "account"),
    (402, "a_code_of_next_year", "account"),
    (403, "a_code_of_next_year", "account"),
    (408, "a_code_of_next_year", "in doubt"),
    (409, "a_code_of_next_year", "in doubt"),
    (429, "a_code_of_next_year", "in doubt"),
    (200, "a_code_of_next_year", "in doubt"),
    (500, "a_code_of_next_year", "in doubt"),
    (302, "invalid_parameter", "in doubt"),
    (500, "invalid_parameter", "in doubt"),
    (503, "rate_limit_exceeded", "in doubt"),
    (408, "invalid_parameter", "in doubt"),
]

NOT_AN_ERROR_BODY = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"<html><h1>Bad Gateway</h1></html>", id="a gateway's page"),
    pytest.param(b'{"error": ', id="half a body"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"null", id="null"),
    pytest.param(b'{"error": "rate_limit_exceeded"}', id="an error that is a word"),
    pytest.param(b'{"error": {"message": "no"}}', id="an error without a code"),
    pytest.param(b'{"error": {"code": 400}}', id="a code that is a number"),
    pytest.param(b'{"error": {"code": ""}}', id="an empty code"),
    pytest.param(b"\xff\xfe\x00", id="no text at all"),
]


def outcome(status: int, body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> CreateOutcome:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return create_outcome(read_answer(status, headers or {}, raw, now=NOW), VIDEOS.id_field)


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "Say why.", "param": "voice_id"}}


def word(result: CreateOutcome) -> str:
    match result:
        case Accepted():
            return "accepted"
        case Deferred():
            return f"deferred: {result.cause}"
        case InDoubt():
            return "in doubt, soon" if result.soon else "in doubt"
        case Rejected():
            return "rejected"
        case AccountProblem():
            return "account"
        case _:
            assert_never(result)


@pytest.mark.parametrize(("status", "code", "expected"), [*CODES, *UNKNOWN])
def test_an_error_answer_means(status: int, code: str, expected: str) -> None:
    assert word(outcome(status, error(code))) == expected


@pytest.mark.parametrize(("status", "code", "expected"), CODES)
def test_an_error_under_status_200_is_read_by_its_code(status: int, code: str, expected: str) -> None:
    assert word(outcome(200, error(code))) == expected


@pytest.mark.parametrize("body", NOT_AN_ERROR_BODY)
@pytest.mark.parametrize(
    "status", [200, 201, 204, 301, 302, 307, 400, 401, 402, 403, 404, 408, 409, 413, 429, 500, 502]
)
def test_an_answer_without_an_error_code_or_a_video_proves_nothing(status: int, body: bytes) -> None:
    assert word(outcome(status, body)) == "in doubt"


@pytest.mark.parametrize(
    "body",
    [
        {"data": None},
        {"data": {}},
        {"data": []},
        {"data": {"video_id": None}},
        {"data": {"video_id": ""}},
        {"data": {"video_id": 17}},
        {"data": {"id": "v1"}},
        {"video_id": "v1"},
    ],
)
def test_a_success_that_names_no_video_is_in_doubt(body: dict[str, Any]) -> None:
    assert word(outcome(200, body)) == "in doubt"


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_success_that_names_its_video_is_accepted(status: int) -> None:
    body = {"data": {"video_id": "v1", "status": "waiting", "output_format": "mp4"}, "error": None}
    assert outcome(status, body) == Accepted(video_id="v1")


def test_the_table_knows_every_code_of_the_contract() -> None:
    assert {code: status for status, code, _ in CODES} == dict(STATUS_OF_CODE)


def test_a_refusal_names_the_field_and_the_providers_words() -> None:
    result = outcome(400, error("invalid_parameter"))
    assert result == Rejected(status=400, code="invalid_parameter", message="Say why.", param="voice_id")
    assert outcome(402, error("insufficient_credit")) == AccountProblem(code="insufficient_credit", message="Say why.")


def test_a_refusal_under_status_200_carries_the_status_that_it_means() -> None:
    """Only 400, 404 and 413 settle what is in doubt: the status must be the meant one."""
    result = outcome(200, error("avatar_not_found"))
    assert isinstance(result, Rejected)
    assert result.status == 404


@pytest.mark.parametrize("status", range(300, 600))
@pytest.mark.parametrize("code", ["rate_limit_exceeded", "resource_not_ready", "nobody_knows", None])
def test_no_status_but_429_and_409_is_ever_deferred(status: int, code: str | None) -> None:
    result = outcome(status, error(code) if code else b"")
    if isinstance(result, Deferred):
        assert (status, code) in {(429, "rate_limit_exceeded"), (409, "resource_not_ready")}


@given(status=st.integers(100, 599), body=st.binary(max_size=200))
def test_any_bytes_give_an_outcome_and_never_a_deferral(status: int, body: bytes) -> None:
    assert not isinstance(outcome(status, body), Deferred)


# --- Retry-After ----------------------------------------------------------------------------------------------


def waits(header: str | None) -> float | None:
    result = outcome(429, error("rate_limit_exceeded"), {} if header is None else {"retry-after": header})
    assert isinstance(result, Deferred)
    return result.after_s


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 0.0),
        ("Fri, 15 Jan 2027 08:01:30 -0000", 90.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("99999999999", None),
        ("Fri, 99 Foo 2027 08:01:30 GMT", None),
        ("Mon, 01 Jan 20240000000 00:00:00 GMT", None),
    ],
)
def test_the_provider_may_say_how_long_to_wait(header: str | None, seconds: float | None) -> None:
    assert waits(header) == seconds


@given(header=st.text(max_size=40))
def test_any_words_about_waiting_can_be_read(header: str) -> None:
    seconds = waits(header)
    assert seconds is None or seconds >= 0
