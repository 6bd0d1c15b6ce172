"""Our endpoint at the provider: found again by its address, made when it is missing, its secret kept.

Each step may be the last one before a crash. An endpoint that was made and not written down is found by its address,
and gets a new secret, for nobody knows its first one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from batchgen.errors import ApiUnavailable
from batchgen.listen.kept import Kept, forget, keep, read_kept
from batchgen.video_api import WebhookApi, WebhookEndpoint

OLD_SECRET_FOR_S = 24 * 3600.0
"""The provider repeats a message for a day, perhaps as it was signed first."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What is registered now, and whether it was made just now."""

    kept: Kept
    made: bool


async def register(api: WebhookApi, url: str, file: Path, *, for_a_run: bool) -> Registration:
    """See that exactly one endpoint calls ``url`` and that its secret is known. May be called again at any time.

    ``for_a_run``: an endpoint that has to be made is to be removed when the run ends; an endpoint of a run that is
    registered for good stays.
    """
    ours = await _ours(api, url)
    kept, made = read_kept(file), not ours
    known = [endpoint for endpoint in ours if kept is not None and endpoint.id == kept.endpoint_id]
    endpoint = (known or ours or [await _made(api, url)])[0]
    for twin in ours:
        if twin.id != endpoint.id:  # it would tell everything twice, the second time with another secret
            await api.remove(twin.id)
    if kept is None or kept.endpoint_id != endpoint.id:
        secret = _secret(endpoint)
        fresh = made and for_a_run
        kept = Kept(url=url, endpoint_id=endpoint.id, secret=secret, changing=not secret, for_a_run=fresh)
        keep(file, kept)
    if kept.changing:
        kept = await _with_new_secret(api, kept, file)
    if kept.for_a_run and not for_a_run:
        kept = replace(kept, for_a_run=False)
        keep(file, kept)
    return Registration(kept=kept, made=made)


async def rotate(api: WebhookApi, url: str, file: Path, *, clock: Callable[[], float] = time.time) -> Registration:
    """Have a new secret made. What the old one signed is taken for another day; a listener at work takes note."""
    registration = await register(api, url, file, for_a_run=False)
    if registration.made:
        return registration
    old = registration.kept
    asked = replace(old, changing=True, older_secret=old.secret, older_until=clock() + OLD_SECRET_FOR_S)
    keep(file, asked)
    return Registration(kept=await _with_new_secret(api, asked, file), made=False)


async def unregister(api: WebhookApi, url: str, file: Path, *, only_for_a_run: bool = False) -> int:
    """Remove every endpoint that calls ``url``; how many there were. ``only_for_a_run``: one that somebody registered
    for good meanwhile stays."""
    if only_for_a_run and (kept := read_kept(file)) is not None and not kept.for_a_run:
        return 0
    ours = await _ours(api, url)
    for endpoint in ours:
        await api.remove(endpoint.id)
    forget(file)
    return len(ours)


async def _ours(api: WebhookApi, url: str) -> list[WebhookEndpoint]:
    return [endpoint for endpoint in await api.endpoints() if endpoint.url == url]


async def _made(api: WebhookApi, url: str) -> WebhookEndpoint:
    try:
        return await api.create(url)
    except ApiUnavailable:  # the answer was lost; the endpoint may be there
        if found := await _ours(api, url):
            return found[0]
        raise


async def _with_new_secret(api: WebhookApi, kept: Kept, file: Path) -> Kept:
    answer = await api.rotate_secret(kept.endpoint_id)
    if answer.secret is None:
        raise ApiUnavailable("the provider's answer holds no new secret")
    changed = replace(kept, secret=answer.secret.get_secret_value(), changing=False)
    keep(file, changed)
    return changed


def _secret(endpoint: WebhookEndpoint) -> str:
    return "" if endpoint.secret is None else endpoint.secret.get_secret_value()
