"""Whether the links in requests can be fetched, asked as the provider would: without a key, from public addresses only.

The address that is checked is the one that is connected to: names are resolved within the connection, so that a name
whose address changes in between leads nowhere else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

AT_ONCE = 8
TIMEOUT_S = 15.0
REDIRECTS_FOLLOWED = 5
HEAD_REFUSED = frozenset({400, 403, 404, 405, 501})  # some hosts answer HEAD with these where GET works
GONE = frozenset({404, 410})


class LinkState(StrEnum):
    """How sure it is that the provider cannot fetch a link."""

    BROKEN = "broken"  # surely not
    DOUBTFUL = "doubtful"  # it could not be fetched from here, now


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkTrouble:
    """What is wrong with a link, in words that go on after "The link"."""

    state: LinkState
    reason: str


async def check_links(links: Iterable[str], *, private_allowed: bool) -> dict[str, LinkTrouble]:
    """The links that cannot be fetched, each asked once. ``private_allowed``: also addresses of this network."""
    places = asyncio.Semaphore(AT_ONCE)
    connector = aiohttp.TCPConnector(resolver=_Resolver(private_allowed=private_allowed), limit=AT_ONCE)
    headers = {"User-Agent": f"batchgen/{version('batchgen')}", "Accept-Encoding": "identity"}
    async with aiohttp.ClientSession(connector=connector, headers=headers, trust_env=False) as session:

        async def looked_at(link: str) -> LinkTrouble | None:
            async with places:
                return await _trouble_with(session, link, private_allowed=private_allowed)

        distinct = list(dict.fromkeys(links))
        found = await asyncio.gather(*map(looked_at, distinct))
    return {link: trouble for link, trouble in zip(distinct, found, strict=True) if trouble is not None}


class _Private(OSError):
    """A name leads to an address that is not of the public internet."""


class _Resolver(AbstractResolver):
    """Names to addresses; none that the provider could not reach."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._inner = ThreadedResolver()
        self._private_allowed = private_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._private_allowed and any(is_private(address["host"]) for address in found):
            raise _Private(f"{host} is not of the public internet")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_private(host: str) -> bool:
    """Whether an address is of this computer or this network, or for anything but the public internet."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not address.is_global or address.is_multicast


async def _trouble_with(session: aiohttp.ClientSession, link: str, *, private_allowed: bool) -> LinkTrouble | None:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            status = await _status(session, "HEAD", link, private_allowed=private_allowed)
            if status in HEAD_REFUSED:
                status = await _status(session, "GET", link, private_allowed=private_allowed)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        return _of_error(error)
    return _of_status(status)


async def _status(session: aiohttp.ClientSession, method: str, link: str, *, private_allowed: bool) -> int:
    """The last status of the way that the link leads. GET asks for one byte."""
    headers = {"Range": "bytes=0-0"} if method == "GET" else {}
    for _ in range(REDIRECTS_FOLLOWED + 1):
        _refuse_private(link, private_allowed=private_allowed)
        async with session.request(method, link, headers=headers, allow_redirects=False) as answer:
            location = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or location is None:
                return answer.status
            link = urljoin(link, location)
    raise ValueError("it redirects without end")


def _refuse_private(link: str, *, private_allowed: bool) -> None:
    """Raise ``_Private`` for an address written as numbers, which is not resolved."""
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it leads to something that is no web address")
    if private_allowed:
        return
    if (address := _as_numbers(parts.hostname)) is not None and is_private(address):
        raise _Private(f"{parts.hostname} is not of the public internet")


def _as_numbers(host: str) -> str | None:
    """The address that a host is, also when it is written as one number; None for a name, which is resolved."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except (OSError, UnicodeEncodeError):
            return None


def _of_status(status: int) -> LinkTrouble | None:
    if 200 <= status < 300 or status == 416:  # 416: an empty file has no first byte
        return None
    if status in GONE:
        return LinkTrouble(state=LinkState.BROKEN, reason=f"leads to nothing (HTTP {status})")
    if status in (401, 403):
        return LinkTrouble(state=LinkState.DOUBTFUL, reason=f"is not public (HTTP {status})")
    return LinkTrouble(state=LinkState.DOUBTFUL, reason=f"could not be fetched (HTTP {status})")


def _of_error(error: Exception) -> LinkTrouble:
    cause: Any = error
    while cause is not None:
        if isinstance(cause, _Private):
            return LinkTrouble(state=LinkState.BROKEN, reason=f"cannot be reached by the provider: {cause}")
        cause = getattr(cause, "os_error", None) or cause.__cause__
    if isinstance(error, TimeoutError):
        return LinkTrouble(state=LinkState.DOUBTFUL, reason="gave no answer in time")
    return LinkTrouble(state=LinkState.DOUBTFUL, reason=f"could not be fetched ({str(error) or type(error).__name__})")
