"""What a person's orders allow the provider to see again: another paid video for a row that has one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

Request = tuple[str, str]
"""What the provider saw: title without its marker, script."""

RERENDER = "rerender"

_MARKER = re.compile(r" \[[a-z2-7]+\]$")


def request_in(payload: bytes) -> Request:
    """What a create's body, or a stored request, asks for."""
    body = json.loads(payload)
    return _MARKER.sub("", body["title"]), body["script"]


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One more video for ``request``, by a person's retry, resubmit or rerender.

    ``accepted`` is how many videos the provider had accepted when it was carried out. ``waits``: a run held the job and
    carries the order out when it can, so a create that was on its way may be accepted first.
    """

    request: Request
    wish: str
    entry_id: int
    accepted: int
    waits: bool

    def lies_between(self, before: int, after: int) -> bool:
        """Whether it was given between two videos, told by their numbers in the order of their acceptance."""
        return self.accepted < after and (self.waits or before <= self.accepted)


class Grants:
    """The grants of a world, each good for one video."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._left = list(grants)

    def take(self, request: Request, *, before: int, after: int) -> bool:
        """Use one up for a video that comes ``after`` others, the newest of which has the number ``before``."""
        for grant in self._left:
            if grant.request == request and grant.lies_between(before, after):
                self._left.remove(grant)
                return True
        return False
