"""Whether a message comes from the provider: hex HMAC-SHA256 of its raw body with the endpoint's secret.

Two forms are in use (provider's webhook pages, older and newer): the header ``Heygen-Signature`` with
``Heygen-Timestamp`` and ``Heygen-Event-Id``, or ``signature`` alone. The signature covers the body only; the timestamp
keeps out old recordings of whoever cannot change it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

SIGNATURE, TIMESTAMP, EVENT_ID = "heygen-signature", "heygen-timestamp", "heygen-event-id"
OLD_SIGNATURE = "signature"

TIMESTAMP_WITHIN_S = 300.0
_MILLISECONDS_FROM = 1e11  # no timestamp in seconds is that large before the year 5138


def is_signed(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], *, now: float) -> bool:
    """Whether one of the secrets signed the body, in a form that is in time. ``now`` is unix seconds.

    Takes the same time whichever secret it was, and wherever a wrong signature differs.
    """
    given = headers.get(SIGNATURE)
    if given is None:
        given = headers.get(OLD_SIGNATURE)
    elif not _is_in_time(headers.get(TIMESTAMP), now):
        return False
    if given is None:
        return False
    fits = [hmac.compare_digest(given.strip().lower().encode(), _of(body, secret)) for secret in secrets]
    return any(fits)


def is_one_of(given: str, secrets: Iterable[str]) -> bool:
    """Whether a secret from a path is one of ours, compared in constant time with each."""
    fits = [hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets]
    return any(fits)


def _of(body: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def _is_in_time(timestamp: str | None, now: float) -> bool:
    try:
        at = float(timestamp or "")
    except ValueError:
        return False
    seconds = at / 1000 if at >= _MILLISECONDS_FROM else at
    return abs(now - seconds) <= TIMESTAMP_WITHIN_S  # also False for nan
