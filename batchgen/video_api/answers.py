"""HTTP answer → our outcome, in one table.

The rule behind every line: *deferred* and *rejected* need proof that the request was not accepted. Whatever
proves nothing (a 5xx, a gateway's HTML page, an empty 200, a code that we have never seen) is *in doubt*.
Codes and reactions: the provider's error page, as summarised in README, "How answers are read".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from batchgen.errors import ApiUnavailable
from batchgen.video_api.outcomes import (
    Accepted,
    AccountProblem,
    Cause,
    CreateOutcome,
    Deferred,
    InDoubt,
    Rejected,
    RenderState,
    Video,
)

# HTTP 200 with an error body happens: the code then says which status was meant.
STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_parameter": 400,
    "download_failed": 400,
    "content_policy_violation": 400,
    "avatar_not_usable": 400,
    "avatar_consent_required": 400,
    "avatar_expired": 400,
    "script_too_short": 400,
    "tts_text_invalid": 400,
    "voice_unavailable": 400,
    "resource_limit_reached": 400,
    "unauthorized": 401,
    "insufficient_credit": 402,
    "trial_limit_exceeded": 402,
    "subscription_required": 402,
    "plan_upgrade_required": 402,
    "forbidden": 403,
    "insufficient_api_key_scope": 403,
    "resource_access_denied": 403,
    "phone_verification_required": 403,
    "voice_not_usable": 403,
    "video_not_found": 404,
    "avatar_not_found": 404,
    "voice_not_found": 404,
    "asset_not_found": 404,
    "template_not_found": 404,
    "request_in_progress": 409,
    "resource_not_ready": 409,
    "conflict": 409,
    "payload_too_large": 413,
    "rate_limit_exceeded": 429,
    "quota_exceeded": 429,
    "internal_error": 500,
    "voice_provider_error": 502,
    "service_unavailable": 503,
    "gateway_timeout": 504,
}

# Failure codes of a finished render that mean "the account cannot pay", reported to arrive as late as poll time.
PAYMENT_FAILURES = frozenset({"MOVIO_PAYMENT_INSUFFICIENT_CREDIT", "insufficient_credit", "quota_exceeded"})

LONGEST_WAIT_S = 3600.0  # what is believed of a Retry-After

LINK_FIELDS: Mapping[str, str] = {
    "video": "video_url",
    "captioned_video": "captioned_video_url",
    "subtitles": "subtitle_url",
    "thumbnail": "thumbnail_url",
    "gif": "gif_url",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One HTTP answer, read to its end. ``error`` is the ``error`` object of the body, if it has one."""

    status: int
    data: Any
    error: Mapping[str, Any] | None
    retry_after_s: float | None
    next_token: str | None = None
    has_more: bool | None = None

    @property
    def code(self) -> str | None:
        code = self.error.get("code") if self.error else None
        return code if isinstance(code, str) and code else None

    @property
    def message(self) -> str:
        message = self.error.get("message") if self.error else None
        return message if isinstance(message, str) and message else f"HTTP {self.status}"

    @property
    def meant_status(self) -> int:
        """The status, or for a 2xx with an error body the status that the code stands for (0: unknown code)."""
        if self.error is not None and 200 <= self.status < 300:
            return STATUS_OF_CODE.get(self.code or "", 0)
        return self.status


def read_answer(status: int, headers: Mapping[str, str], body: bytes, *, now: float) -> Answer:
    """Parse an answer; a body that is not a JSON object has neither data nor error. ``now`` is unix seconds."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = None
    fields = parsed if isinstance(parsed, dict) else {}
    error = fields.get("error")
    return Answer(
        status=status,
        data=fields.get("data"),
        error=error if isinstance(error, dict) else None,
        retry_after_s=_retry_after(headers.get("retry-after"), now),
        next_token=as_text(fields.get("next_token")),
        has_more=as_flag(fields.get("has_more")),
    )


def create_outcome(answer: Answer, id_field: str) -> CreateOutcome:
    """What a create led to; the table of design §5. ``id_field`` names the video in an answer of its route."""
    status, code = answer.meant_status, answer.code
    if 200 <= answer.status < 300 and answer.error is None:
        return _accepted_or_in_doubt(answer, id_field)
    if code is None or status in (0, 408) or status < 400 or status >= 500:
        return InDoubt(reason=_describe(answer))
    match status, code:
        case 409, "request_in_progress":
            return InDoubt(reason="an earlier send of this request is still being processed", soon=True)
        case 409, "resource_not_ready":
            return Deferred(reason=_describe(answer), cause=Cause.NOT_READY, after_s=answer.retry_after_s)
        case 429, "rate_limit_exceeded":
            return Deferred(reason=_describe(answer), cause=Cause.TOO_FAST, after_s=answer.retry_after_s)
        case (401 | 402, _) | (429, "quota_exceeded"):
            return AccountProblem(code=code, message=answer.message)
        case 403, _ if code != "voice_not_usable":
            return AccountProblem(code=code, message=answer.message)
        case (409, _) if code != "conflict":
            return InDoubt(reason=_describe(answer))
        case 429, _:
            return InDoubt(reason=_describe(answer))
        case _:
            return Rejected(status=status, code=code, message=answer.message, param=_param(answer))


def _accepted_or_in_doubt(answer: Answer, id_field: str) -> CreateOutcome:
    video_id = answer.data.get(id_field) if isinstance(answer.data, dict) else None
    if isinstance(video_id, str) and video_id:
        return Accepted(video_id=video_id)
    return InDoubt(reason=f"HTTP {answer.status} without a video id")


def read_video(data: Any) -> Video:
    """A ``Video`` from the ``data`` object of a status answer or of one list item.

    Raises ``ApiUnavailable`` for what is no video; a field of a kind that nobody expects counts as not given.
    """
    fields = data if isinstance(data, dict) else {}
    video_id = as_text(fields.get("id"))
    if video_id is None:
        raise ApiUnavailable("the provider's answer is no video")
    links = {kind: as_text(fields.get(name)) for kind, name in LINK_FIELDS.items()}
    return Video(
        id=video_id,
        state=render_state(fields.get("status")),
        title=as_text(fields.get("title")),
        page_url=as_text(fields.get("video_page_url")),
        folder_id=as_text(fields.get("folder_id")),
        duration_s=_number(fields.get("duration")),
        failure_code=as_text(fields.get("failure_code")),
        failure_message=as_text(fields.get("failure_message")),
        created_at=_number(fields.get("created_at")),
        links={kind: link for kind, link in links.items() if link is not None},
    )


def read_legacy_video(video_id: str, data: Any) -> Video:
    """A ``Video`` from the ``data`` of GET /v1/video_status.get, which need not repeat the id."""
    fields = data if isinstance(data, dict) else {}
    error = fields.get("error")
    told = error if isinstance(error, dict) else {"message": error}
    code = told.get("code")
    failure = {"failure_code": None if code is None else str(code), "failure_message": told.get("message")}
    return read_video({**fields, "id": video_id, **failure})


def read_videos(data: Any) -> list[Video]:
    """The videos of one page of the list. Raises ``ApiUnavailable`` when it is none."""
    return [read_video(item) for item in read_items(data)]


def read_states(data: Any) -> dict[str, RenderState]:
    """Video id → state, from the answer for many videos. Raises ``ApiUnavailable`` when it is none."""
    named = ((as_text(item.get("video_id")), item.get("status")) for item in read_items(data))
    return {video_id: render_state(word) for video_id, word in named if video_id is not None}


def render_state(word: Any) -> RenderState:
    """Completed and failed are the provider's own words; anything else still runs (contract §2)."""
    match word:
        case "completed":
            return RenderState.COMPLETED
        case "failed":
            return RenderState.FAILED
        case "not_found":
            return RenderState.NOT_FOUND
        case _:
            return RenderState.RUNNING


def read_items(data: Any) -> list[dict[str, Any]]:
    """The objects of a list. Raises ``ApiUnavailable`` when it is none."""
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise ApiUnavailable("the provider's answer is no list of objects")
    return data


def next_page(token: str | None, *, has_more: bool | None) -> str | None:
    """The token of the next page; None after the last one. Raises ``ApiUnavailable`` when one is missing."""
    if has_more and token is None:
        raise ApiUnavailable("the provider's list has more, but does not say where")
    return None if has_more is False else token


def as_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def as_flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _describe(answer: Answer) -> str:
    return f"HTTP {answer.status}" + (f" {answer.code}: {answer.message}" if answer.code else "")


def _param(answer: Answer) -> str | None:
    param = answer.error.get("param") if answer.error else None
    return param if isinstance(param, str) else None


def _retry_after(header: str | None, now: float) -> float | None:
    if header is None:
        return None
    if re.fullmatch(r"\d{1,6}(\.\d+)?", header.strip()):
        return min(float(header), LONGEST_WAIT_S)
    try:
        date = parsedate_to_datetime(header)
        # "-0000" gives a date without a zone, which still is one in UTC.
        at = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, at - now), LONGEST_WAIT_S)
