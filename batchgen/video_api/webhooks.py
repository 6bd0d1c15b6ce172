"""Where the provider calls when a video is done: its endpoints of the account.

Sources: the provider's pages for /v3/webhooks/endpoints (GET, POST, DELETE, rotate-secret).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from batchgen.errors import ApiRefused, ApiUnavailable
from batchgen.video_api.answers import Answer, as_text, read_items
from batchgen.video_api.reading import Reading
from batchgen.video_api.wire import WIRE_ERRORS, in_short, wire_timeout

ENDPOINTS = "/v3/webhooks/endpoints"
VIDEO_EVENTS = ("avatar_video.success", "avatar_video.fail")
PAGE_LIMIT = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookEndpoint:
    """One registered address. ``secret`` comes with the answers to create and rotate, and never again."""

    id: str
    url: str
    secret: SecretStr | None = None


class WebhookApi(Reading):
    """The account's webhook endpoints. Every call raises ``ApiUnavailable`` or ``ApiRefused``.

    What changes something is sent once: an answer that was lost is looked after by listing the endpoints.
    """

    async def endpoints(self) -> list[WebhookEndpoint]:
        """All of the account's endpoints."""
        pages = self._pages(ENDPOINTS, {}, limit=PAGE_LIMIT)
        return [_endpoint(item) async for page in pages for item in read_items(page)]

    async def create(self, url: str, events: Sequence[str] = VIDEO_EVENTS) -> WebhookEndpoint:
        """Register an address."""
        return _endpoint((await self._call("POST", ENDPOINTS, {"url": url, "events": list(events)})).data)

    async def rotate_secret(self, endpoint_id: str) -> WebhookEndpoint:
        """Have a new secret made; the old one is worth nothing from then on."""
        return _endpoint((await self._call("POST", f"{_path(endpoint_id)}/rotate-secret", {})).data)

    async def remove(self, endpoint_id: str) -> None:
        """Forget an endpoint; one that is gone already is fine."""
        try:
            await self._call("DELETE", _path(endpoint_id), None)
        except ApiRefused as refusal:
            if refusal.status != 404:
                raise

    async def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        limit_s = self._read_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                response = await self._http.request(method, path, json=body, timeout=wire_timeout(limit_s))
        except WIRE_ERRORS as error:
            raise ApiUnavailable(f"no answer from the provider ({in_short(error)})") from error
        answer = self._answer(response)
        if answer.meant_status == 0 or answer.meant_status >= 500:
            raise ApiUnavailable(answer.message)
        if not 200 <= answer.meant_status < 300:
            raise ApiRefused(answer.meant_status, answer.code, answer.message)
        return answer


def _path(endpoint_id: str) -> str:
    return f"{ENDPOINTS}/{quote(endpoint_id, safe='')}"


def _endpoint(data: Any) -> WebhookEndpoint:
    fields = data if isinstance(data, dict) else {}
    endpoint_id, url = as_text(fields.get("endpoint_id")), as_text(fields.get("url"))
    if endpoint_id is None or url is None:
        raise ApiUnavailable("the provider's answer is no webhook endpoint")
    secret = as_text(fields.get("secret"))
    return WebhookEndpoint(id=endpoint_id, url=url, secret=None if secret is None else SecretStr(secret))
