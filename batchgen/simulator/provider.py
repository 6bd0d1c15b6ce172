"""The simulated provider without its wire: accepts requests, ages videos, keeps accounts."""

from __future__ import annotations

import hashlib
import heapq
import math
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from batchgen.simulator import catalogue
from batchgen.simulator.answers import ApiError
from batchgen.simulator.clock import ProviderClock
from batchgen.simulator.faults import Fault, FaultRules
from batchgen.simulator.legacy_rules import legacy_payload
from batchgen.simulator.prices import price_microusd
from batchgen.simulator.request_rules import asset_references, check_request
from batchgen.simulator.settings import Account
from batchgen.simulator.speech import video_seconds
from batchgen.simulator.store import CreateCall, Store, Video
from batchgen.simulator.template_rules import check_template_request
from batchgen.simulator.timeline import Outcome, schedule

_KEY = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
_LONGEST_RETRY_AFTER_S = 60

ASSET_PREFIX = "upl_"
"""What the ids of uploaded files begin with. Other ids are taken as if the account had them (see ``catalogue``)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateRequest:
    """A create as it arrived."""

    key: str | None
    body: bytes
    title: str | None
    template_id: str | None = None
    is_legacy: bool = False

    @classmethod
    def arrived(
        cls, key: str | None, body: bytes, *, template_id: str | None = None, is_legacy: bool = False
    ) -> CreateRequest:
        """Read the title, which fault rules may ask for, even from a body that will be refused."""
        return cls(key=key, body=body, title=_title(body), template_id=template_id, is_legacy=is_legacy)

    @property
    def scoped_key(self) -> str | None:
        """The key as it counts: keys hold per endpoint and path resource."""
        return self.key if self.key is None or self.template_id is None else f"templates/{self.template_id} {self.key}"

    @property
    def body_sha256(self) -> str:
        """Hex digest of the body as it arrived."""
        return hashlib.sha256(self.body).hexdigest()


class Provider:
    """Decides every create and knows every video. One thread uses it."""

    def __init__(self, store: Store, clock: ProviderClock, account: Account, rules: FaultRules) -> None:
        self.store = store
        self.clock = clock
        self.account = account
        self.rules = rules
        self._username = f"demo-{store.secret('username')[:8]}"
        self._committed_microusd = store.committed_microusd()
        self._finishes = store.unfinished(clock.now())
        heapq.heapify(self._finishes)

    @property
    def committed_usd(self) -> float:
        """What the accepted videos cost, those under way included."""
        return self._committed_microusd / 1e6

    # -- creating -----------------------------------------------------------------------------------------

    def create(self, request: CreateRequest, call: CreateCall) -> bytes:
        """The JSON answer to a create; durable before it returns. ``call`` is logged with what became of it.

        Raises ``ApiError`` when nothing was accepted (the caller logs that).
        """
        replayed = self._replayed(request)
        if replayed is not None:
            answer, video_id = replayed
            self.store.log_call(replace(call, replayed=True, video_id=video_id))
            return answer
        payload = _parsed(request.body)
        if request.template_id is not None:
            check_template_request(payload, _template(request.template_id))
            payload = {"type": "template", "template_id": request.template_id, **payload}
        elif request.is_legacy:
            payload = legacy_payload(payload)
        else:
            check_request(payload, self.account.rules)
        self._refuse_missing_assets(payload)
        return self._accept(request, payload, call)

    def _replayed(self, request: CreateRequest) -> tuple[bytes, str] | None:
        if request.key is None or request.scoped_key is None:
            return None
        if not _KEY.fullmatch(request.key):
            raise ApiError(400, "invalid_parameter", "Idempotency-Key must match ^[A-Za-z0-9_\\-:.]{1,255}$.")
        return self.store.replay(request.scoped_key, self.clock.now())

    def _accept(self, request: CreateRequest, payload: Mapping[str, Any], call: CreateCall) -> bytes:
        now = self.clock.now()
        seconds = video_seconds(payload, self.store.recordings_in(payload))
        price = price_microusd(payload, seconds, photo_look=_is_photo(payload))
        self.refuse_without_slots(1)
        self._refuse_without_credit(price)
        video = self._fated(_new_video(request, payload, now, seconds, price))
        answer = orjson.dumps(_created(video, request, payload))
        self.store.accept(video, request.scoped_key, answer, replace(call, accepted=True, video_id=video.id))
        heapq.heappush(self._finishes, video.finishes_at)
        if video.outcome != Outcome.FAILED:
            self._committed_microusd += price
        return answer

    def _refuse_missing_assets(self, payload: Mapping[str, Any]) -> None:
        """An uploaded file must be there and complete; no id has a colon in it."""
        for path, asset_id in asset_references(payload):
            if asset_id.startswith(ASSET_PREFIX) or ":" in asset_id:
                asset = self.store.asset(asset_id)
                if asset is None or asset.state != "ready":
                    raise ApiError(404, "asset_not_found", f"{path}: {asset_id} was not found.", param=path)

    def expire_assets(self, body: bytes) -> None:
        """Forget every uploaded file that a create names, as a provider does after a while."""
        for _, asset_id in asset_references(_parsed(body)):
            self.store.expire_asset(asset_id)

    def refuse_without_slots(self, wanted: int) -> None:
        """Raise ``ApiError`` when so many more renders do not fit into the account's concurrency."""
        now = self.clock.now()
        while self._finishes and self._finishes[0] <= now:
            heapq.heappop(self._finishes)
        if len(self._finishes) + wanted > self.account.concurrency:
            wait_s = self.clock.wall_seconds(self._finishes[0] - now) if self._finishes else 0.0
            message = f"This account renders at most {self.account.concurrency} videos at once."
            after_s = max(1, math.ceil(min(wait_s, _LONGEST_RETRY_AFTER_S)))
            raise ApiError(429, "rate_limit_exceeded", message, retry_after_s=after_s)

    def _refuse_without_credit(self, price_microusd: int) -> None:
        if self._committed_microusd + price_microusd > self.account.credit_usd * 1e6:
            raise ApiError(402, "insufficient_credit", "The wallet does not cover this video.")

    def _fated(self, video: Video) -> Video:
        fault = self.rules.pick("render", title=video.title, scope=video.id, spent_usd=self.committed_usd)
        return video if fault is None else _with_fate(video, fault)

    # -- the account ---------------------------------------------------------------------------------------

    def user(self) -> dict[str, Any]:
        """The account as GET /v3/users/me shows it, named after its state; only finished, not failed videos were
        charged."""
        balance = self.account.credit_usd - self.store.charged_microusd(self.clock.now()) / 1e6
        return {
            "username": self._username,
            "email": f"{self._username}@localhost",
            "first_name": "Simulated",
            "last_name": "Account",
            "billing_type": "wallet",
            "wallet": {
                "currency": "usd",
                "remaining_balance": round(balance, 6),
                "auto_reload": {"enabled": False, "threshold_usd": None, "amount_usd": None},
            },
            "subscription": None,
            "usage_based": None,
        }

    def call(self, request: CreateRequest, fault: Fault | None, status: int | None) -> CreateCall:
        """What the log says of a create that arrives now."""
        return CreateCall(
            wall_time=time.time(),
            provider_time=self.clock.now(),
            key=request.key,
            body_sha256=request.body_sha256,
            title=request.title,
            status=status,
            fault=fault.name if fault else None,
        )


def _title(body: bytes) -> str | None:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    title = payload.get("title") if isinstance(payload, dict) else None
    return title if isinstance(title, str) else None


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise ApiError(400, "invalid_parameter", f"The body is not JSON: {exc}") from exc


def _is_photo(payload: Mapping[str, Any]) -> bool:
    avatar = payload.get("avatar_id")
    return isinstance(avatar, str) and catalogue.is_photo(avatar)


def _new_video(request: CreateRequest, payload: Mapping[str, Any], now: float, seconds: float, price: int) -> Video:
    video_id = uuid.uuid4().hex
    processing_at, finishes_at = schedule(video_id, now, seconds)
    return Video(
        id=video_id,
        title=request.title,
        folder_id=payload.get("folder_id"),
        request=orjson.dumps(payload) if request.template_id or request.is_legacy else request.body,
        created_at=now,
        processing_at=processing_at,
        finishes_at=finishes_at,
        duration_s=seconds,
        price_microusd=price,
        outcome=Outcome.COMPLETED,
    )


def _template(template_id: str) -> Mapping[str, Any]:
    template = catalogue.template(template_id)
    if template is None:
        raise ApiError(404, "template_not_found", f"Template {template_id} was not found.")
    return template


def _created(video: Video, request: CreateRequest, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a create answers: a few words, or for a template the video as it is then."""
    if request.is_legacy:
        return {"error": None, "data": {"video_id": video.id}}
    if payload["type"] == "template":
        made = {"id": video.id, "status": "pending", "title": video.title, "created_at": int(video.created_at)}
        return {"data": made}
    return {"data": {"video_id": video.id, "status": "waiting", "output_format": payload.get("output_format", "mp4")}}


def _with_fate(video: Video, fault: Fault) -> Video:
    match fault.action:
        case "fail":
            message = fault.message or "The render failed."
            return replace(video, outcome=Outcome.FAILED, failure_code=fault.failure_code, failure_message=message)
        case "no_video_url":
            return replace(video, outcome=Outcome.NO_LINK)
        case "vanish":
            return replace(video, outcome=Outcome.VANISHED)
        case "stuck":
            return replace(video, finishes_at=math.inf)
        case "slow":
            return replace(video, finishes_at=video.finishes_at + (fault.seconds or 0.0))
        case _:  # unknown_status
            return replace(video, running_word=fault.word)
