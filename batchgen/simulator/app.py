"""The ASGI application: host check, API key, routes, error answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from batchgen.simulator import catalogue_routes
from batchgen.simulator.answers import ApiError, data_answer
from batchgen.simulator.asset_routes import AssetRoutes
from batchgen.simulator.batch_routes import BatchRoutes
from batchgen.simulator.control import ControlRoutes
from batchgen.simulator.courier import Courier
from batchgen.simulator.files import FileOf, FileRoutes, Links
from batchgen.simulator.interference import Interference
from batchgen.simulator.legacy_routes import LegacyRoutes
from batchgen.simulator.links import Signer
from batchgen.simulator.outbox import Outbox
from batchgen.simulator.provider import Provider
from batchgen.simulator.timeline import LINK_LIFETIME_S
from batchgen.simulator.video_routes import VideoRoutes
from batchgen.simulator.webhook_routes import WebhookRoutes

Endpoint = Callable[[Request], Awaitable[Response]]

LOOPBACK_NAMES = ("127.0.0.1", "localhost")


class SimulatorApp:
    """The provider on the wire. Answers only requests that name this machine as their host.

    A web page that a browser was lured to could otherwise reach the port through a name that resolves to
    loopback.
    """

    def __init__(self, provider: Provider, file_of: FileOf, token: str) -> None:
        self._provider = provider
        self._interference = Interference(provider.store, provider.clock)
        signer = Signer(secret=provider.store.secret("link_secret"), lifetime_s=LINK_LIFETIME_S)
        self._assets = AssetRoutes(provider, self._interference, provider.store.secret("upload_secret"))
        links = Links(signer, provider)
        self._videos = VideoRoutes(provider, self._interference, links)
        self._batches = BatchRoutes(provider, self._interference)
        self._legacy = LegacyRoutes(provider, self._videos, links)
        self._files = FileRoutes(provider, self._interference, signer, file_of)
        outbox = Outbox(provider.store)
        self._webhooks = WebhookRoutes(provider, outbox)
        self.courier = Courier(provider, outbox)
        self._control = ControlRoutes(provider, self._interference, outbox, token)
        routes = self._routes()
        self._router = Router(routes=routes)
        # By endpoint: scope["route"] came with Starlette 1.8 only.
        self._paths: dict[object, str] = {route.endpoint: route.path for route in routes}

    def release_held(self) -> None:
        """Let held answers go, so that the server can stop."""
        self._interference.release()

    def _routes(self) -> list[Route]:
        videos, assets = self._videos, self._assets
        return [
            Route("/v3/videos", self._keyed(videos.create), methods=["POST"]),
            Route("/v3/videos", self._read("list", videos.list), methods=["GET"]),
            Route("/v3/videos/statuses", self._read("statuses", videos.statuses), methods=["GET"]),
            Route("/v3/videos/batches", self._keyed(self._batches.create), methods=["POST"]),
            Route("/v3/videos/batches/{batch_id}", self._read("batch_status", self._batches.read), methods=["GET"]),
            Route("/v3/videos/{video_id}", self._read("status", videos.read), methods=["GET"]),
            Route("/v3/videos/{video_id}", self._read("delete", videos.delete), methods=["DELETE"]),
            Route("/v3/users/me", self._read("me", self._me), methods=["GET"]),
            Route("/v3/avatars/looks", self._read("looks", catalogue_routes.looks), methods=["GET"]),
            Route("/v3/avatars/looks/{look_id}", self._read("looks", catalogue_routes.look), methods=["GET"]),
            Route("/v3/voices", self._read("voices", catalogue_routes.voices), methods=["GET"]),
            Route("/v3/voices/{voice_id}", self._read("voices", catalogue_routes.voice), methods=["GET"]),
            Route("/v3/templates", self._read("templates", catalogue_routes.templates), methods=["GET"]),
            Route("/v3/templates/{template_id}", self._read("templates", catalogue_routes.template), methods=["GET"]),
            Route("/v3/templates/{template_id}", self._keyed(videos.create), methods=["POST"]),
            *self._webhook_routes(),
            Route("/v3/assets", self._read("asset", assets.upload), methods=["POST"]),
            Route("/v3/assets/direct-uploads", self._read("upload", assets.begin), methods=["POST"]),
            Route("/v3/assets/{asset_id}/complete", self._read("complete", assets.complete), methods=["POST"]),
            Route("/uploads/{asset_id}", assets.put, methods=["PUT"]),
            Route("/v2/video/generate", self._keyed(self._legacy.create), methods=["POST"]),
            Route("/v1/video_status.get", self._read("status", self._legacy.status), methods=["GET"]),
            Route("/files/{video_id}/{file}", self._files.download, methods=["GET", "HEAD"]),
            Route("/videos/{video_id}", self._page, methods=["GET"]),
            *self._control.routes(),
        ]

    def _webhook_routes(self) -> list[Route]:
        webhooks, endpoints = self._webhooks, "/v3/webhooks/endpoints"
        one = f"{endpoints}/{{endpoint_id}}"
        return [
            Route(endpoints, self._read("endpoints", webhooks.create), methods=["POST"]),
            Route(endpoints, self._read("endpoints", webhooks.list), methods=["GET"]),
            Route(one, self._read("endpoints", webhooks.read), methods=["GET"]),
            Route(one, self._read("endpoints", webhooks.change), methods=["PATCH"]),
            Route(one, self._read("endpoints", webhooks.remove), methods=["DELETE"]),
            Route(f"{one}/rotate-secret", self._read("endpoints", webhooks.rotate), methods=["POST"]),
            Route("/v3/webhooks/events", self._read("endpoints", webhooks.events), methods=["GET"]),
            Route("/v3/webhooks/event-types", self._read("endpoints", webhooks.event_types), methods=["GET"]),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        if request.headers.get("host", "").rpartition(":")[0] not in LOOPBACK_NAMES:
            await ApiError(403, "forbidden", "This server answers only to loopback names.").response()(
                scope, receive, send
            )
            return
        with suppress(ClientDisconnect):  # clients are killed while they upload: nobody is there to be answered
            await self._router(scope, receive, send)
        self._count(scope)

    def _count(self, scope: Scope) -> None:
        path = self._paths.get(scope.get("endpoint"), "/simulator")  # none: nothing that the provider has
        if not path.startswith("/simulator"):
            self._provider.store.count_route(f"{scope['method']} {path}")

    def _keyed(self, endpoint: Endpoint) -> Endpoint:
        """Let through only requests with the right API key, and turn refusals into answers."""

        async def checked(request: Request) -> Response:
            key = request.headers.get("x-api-key")
            wanted = self._provider.account.key
            if not key or (wanted is not None and key != wanted):
                return ApiError(401, "unauthorized", "The API key is missing or wrong.").response()
            try:
                return await endpoint(request)
            except ApiError as error:
                return error.response()

        return checked

    def _read(self, kind: str, endpoint: Endpoint) -> Endpoint:
        """A keyed endpoint that faults of ``kind`` may befall as a whole."""

        async def befallen(request: Request) -> Response:
            fault = self._provider.rules.whole_request(kind, *self._subject(request))
            instead = await self._interference.before(fault)
            if instead is not None:
                return instead
            return await self._interference.after(fault, await endpoint(request), request)

        return self._keyed(befallen)

    def _subject(self, request: Request) -> tuple[str | None, str]:
        """Title and id of the video that a request names, for fault rules that ask."""
        video_id = request.path_params.get("video_id") or request.query_params.get("video_id")
        video = self._provider.store.video(video_id) if video_id and self._provider.rules.rules else None
        return (video.title if video else None), video_id or ""

    async def _me(self, request: Request) -> Response:
        return data_answer(self._provider.user())

    async def _page(self, request: Request) -> Response:
        video = self._provider.store.video(request.path_params["video_id"])
        text = "No such video." if video is None else f"The simulated page of video {video.id}."
        return HTMLResponse(f"<p>{text}</p>", 404 if video is None else 200)
