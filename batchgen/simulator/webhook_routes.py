"""The routes under /v3/webhooks."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from batchgen.simulator.answers import ApiError, data_answer, page_answer
from batchgen.simulator.outbox import EVENT_TYPES, Endpoint, Outbox, loopback_url
from batchgen.simulator.paging import limit_of, position_of, token_of
from batchgen.simulator.provider import Provider

PAGE = 10


class WebhookRoutes:
    """Endpoints: made, listed, changed, removed, given another secret; and the history of messages."""

    def __init__(self, provider: Provider, outbox: Outbox) -> None:
        self._provider = provider
        self._outbox = outbox

    async def create(self, request: Request) -> Response:
        """POST /v3/webhooks/endpoints; the only answer, beside that of rotate-secret, that holds the secret."""
        given = await _given(request)
        url, events = _url(given), _events(given)
        endpoint = self._outbox.add(url, events, self._provider.clock.now())
        return data_answer(_shown(endpoint) | {"secret": endpoint.secret})

    async def list(self, request: Request) -> Response:
        """GET /v3/webhooks/endpoints."""
        limit = limit_of(request.query_params.get("limit"), usual=PAGE)
        start = position_of(request.query_params.get("token")) or 0
        found = self._outbox.endpoints()
        more = start + limit < len(found)
        page = [_shown(endpoint) for endpoint in found[start : start + limit]]
        return page_answer(page, token_of(start + limit) if more else None)

    async def read(self, request: Request) -> Response:
        """GET /v3/webhooks/endpoints/{id}."""
        return data_answer(_shown(self._existing(request)))

    async def change(self, request: Request) -> Response:
        """PATCH /v3/webhooks/endpoints/{id}."""
        endpoint, given = self._existing(request), await _given(request)
        url = _url(given) if "url" in given else endpoint.url
        self._outbox.change(endpoint.id, url, _events(given) if "events" in given else endpoint.events)
        return data_answer(_shown(self._existing(request)))

    async def remove(self, request: Request) -> Response:
        """DELETE /v3/webhooks/endpoints/{id}."""
        endpoint = self._existing(request)
        self._outbox.remove(endpoint.id)
        return data_answer({"endpoint_id": endpoint.id, "deleted": True})

    async def rotate(self, request: Request) -> Response:
        """POST /v3/webhooks/endpoints/{id}/rotate-secret."""
        self._outbox.rotate(self._existing(request).id)
        endpoint = self._existing(request)
        return data_answer(_shown(endpoint) | {"secret": endpoint.secret})

    async def events(self, request: Request) -> Response:
        """GET /v3/webhooks/events, newest first."""
        limit = limit_of(request.query_params.get("limit"), usual=PAGE)
        found = self._outbox.events(before=position_of(request.query_params.get("token")), limit=limit + 1)
        shown = [event for _, event in found[:limit]]
        return page_answer(shown, token_of(found[limit - 1][0]) if len(found) > limit else None)

    async def event_types(self, request: Request) -> Response:
        """GET /v3/webhooks/event-types."""
        return page_answer([{"event_type": kind, "description": text} for kind, text in EVENT_TYPES.items()], None)

    def _existing(self, request: Request) -> Endpoint:
        endpoint_id = request.path_params["endpoint_id"]
        if (endpoint := self._outbox.endpoint(endpoint_id)) is None:
            raise ApiError(404, "webhook_endpoint_not_found", f"Endpoint {endpoint_id} was not found.")
        return endpoint


async def _given(request: Request) -> dict[str, Any]:
    try:
        given = orjson.loads(await request.body())
    except orjson.JSONDecodeError as exc:
        raise ApiError(400, "invalid_parameter", f"The body is not JSON: {exc}") from exc
    if not isinstance(given, dict):
        raise ApiError(400, "invalid_parameter", "The body must be an object.")
    if unknown := set(given) - {"url", "events", "entity_id"}:
        raise ApiError(400, "invalid_parameter", f"Unknown field {min(unknown)}.", param=min(unknown))
    return given


def _url(given: dict[str, Any]) -> str:
    """The provider takes https addresses; this one calls its own machine only, where there is no https."""
    url = given.get("url")
    if not loopback_url(url):
        message = "The simulator delivers to http://127.0.0.1:PORT/… and http://localhost:PORT/… only."
        raise ApiError(400, "invalid_parameter", message, param="url")
    return str(url)


def _events(given: dict[str, Any]) -> tuple[str, ...] | None:
    events = given.get("events")
    if events is None:
        return None
    if not isinstance(events, list) or not set(events) <= set(EVENT_TYPES):
        raise ApiError(400, "invalid_parameter", f"events may hold {', '.join(EVENT_TYPES)}.", param="events")
    return tuple(events)


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.events,
        "secret": None,
        "status": "enabled",
        "created_at": str(endpoint.created_at),
    }
