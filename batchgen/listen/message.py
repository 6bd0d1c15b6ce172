"""What a message says, as far as we care: which video it is about, and by which id it is known again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from batchgen.ledger import Arrival
from batchgen.listen.signature import EVENT_ID

LONGEST_ID = 200


class NoMessage(ValueError):
    """The body is not a message of the provider."""


def read_message(headers: Mapping[str, str], body: bytes) -> Arrival | None:
    """The arrival that a message is; None when it is about no video. Raises ``NoMessage``.

    Deliveries without an event id (the older form, and callbacks) are known by what they are about.
    """
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NoMessage("the body is not JSON") from error
    if not isinstance(message, dict):
        raise NoMessage("the body is no object")
    kind, data = message.get("event_type"), message.get("event_data")
    video_id = _text(data.get("video_id")) if isinstance(data, dict) else None
    if video_id is None:
        return None
    return Arrival(event_id=_text(headers.get(EVENT_ID)) or f"{_text(kind)} {video_id}", video_id=video_id)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable() else None
