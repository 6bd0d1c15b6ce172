"""Pages of lists: how many items, and from where on."""

from __future__ import annotations

import base64
import binascii

from batchgen.simulator.answers import ApiError

LONGEST_PAGE = 100


def limit_of(text: str | None, *, usual: int) -> int:
    """The ``limit`` of a request; ``usual`` when it names none."""
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST_PAGE:
        raise ApiError(400, "invalid_parameter", f"limit must be 1 to {LONGEST_PAGE}.", param="limit")
    return int(text)


def token_of(position: int) -> str:
    """The token of the page that begins at ``position``."""
    return base64.urlsafe_b64encode(f"before {position}".encode()).decode()


def position_of(token: str | None) -> int | None:
    """Where the page of a token begins; None without one."""
    if token is None:
        return None
    try:
        word, position = base64.urlsafe_b64decode(token).decode().split()
        if word != "before":
            raise ValueError(word)
        return int(position)
    except (binascii.Error, UnicodeDecodeError, ValueError) as exc:
        raise ApiError(400, "invalid_parameter", "token is not one of ours.", param="token") from exc
