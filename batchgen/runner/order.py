"""How a row is ordered: by which route, in which exact bytes, and whether the same may ever go out twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from batchgen.job import Job
from batchgen.ledger import Entry, Sending
from batchgen.request import VideoRequest, legacy_body
from batchgen.video_api import LEGACY, Create, Route, route_at, route_of


class Body(Protocol):
    """Makes the exact bytes of a new attempt, with what `VideoRequest.body` takes."""

    def __call__(
        self, *, marker: str | None = None, callback_url: str | None = None, assets: Mapping[str, str] | None = None
    ) -> bytes: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """How a new attempt goes out: where to, and in which bytes."""

    route: Route
    body: Body


def request_of(entry: Entry) -> VideoRequest:
    """What the entry's row asked for."""
    return VideoRequest(entry.request, entry.fingerprint)


def order_of(job: Job, request: VideoRequest) -> Order:
    """The order that the job makes of a request: by the legacy route when the job file says so."""
    if job.provider.api == "v2":
        return Order(route=LEGACY, body=partial(legacy_body, request))
    return Order(route=route_of(request.template_id), body=request.body)


def create_of(entry: Entry, sending: Sending) -> Create:
    """What goes out for an attempt, the first time and every time again: its stored body to its own route."""
    route = route_of(request_of(entry).template_id) if sending.route is None else route_at(sending.route)
    return Create(route=route, body=sending.body, key=sending.key if route.replays else None)


def replays(job: Job, *, route: str | None, first_sent_at: float, now: float) -> bool:
    """Whether what was sent may go out again, to be answered with the first answer: its route replays keys (``route``:
    its path; None: one of v3) and the key's window has not passed. Times are unix seconds."""
    if route is not None and not route_at(route).replays:
        return False
    return job.key_replays(first_sent_at, now)
