"""VideoRequest: what one row asks for, immutable, with its fingerprint and the bytes that are sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from batchgen.fields import BY_PATH
from batchgen.media import REFERENCE, LocalFile
from batchgen.request.legacy_rules import legacy_problems
from batchgen.request.local_files import LocalFiles, digests_in, with_assets
from batchgen.request.models import shape_problems
from batchgen.request.normal_form import leaves, normal_form
from batchgen.request.pieces import arm_of, wire_form
from batchgen.request.problems import FieldProblem, RequestInvalid
from batchgen.request.rules import Rulebook, rule_problems, rule_warnings

TEMPLATE_ID = "template_id"
# Where the answer is sent to changes nothing about the video.
_NOT_OF_THE_VIDEO = ("callback_url", "callback_id")


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """The exact payload of one create request. Made by `check`, and of what a ledger kept: that was checked once and
    is not checked again, since the rules may have moved.

    A video from one of the provider's templates has ``template_id`` in it: that is how anyone can tell, also from
    what the ledger stored, which route it goes to.

    Kept as bytes: a hundred thousand of them stay small, and nothing can change them.
    """

    stored: bytes
    """Canonical JSON: sorted keys, no None, no marker. The ledger keeps it."""
    fingerprint: str
    """SHA-256 (hex) of the canonical JSON without callback fields."""

    @property
    def payload(self) -> dict[str, Any]:
        """The payload as a fresh dictionary; changing it changes nothing here."""
        payload: dict[str, Any] = orjson.loads(self.stored)
        return payload

    @property
    def template_id(self) -> str | None:
        """The provider's template that the video is made from; None: from none."""
        return self.payload.get(TEMPLATE_ID) if _A_TEMPLATE in self.stored else None

    @property
    def digests(self) -> frozenset[str]:
        """The sha256 (hex) of every local file that it needs; they are uploaded before it is sent."""
        return digests_in(self.payload) if _A_DIGEST in self.stored else frozenset()

    def body(
        self, *, marker: str | None = None, callback_url: str | None = None, assets: Mapping[str, str] | None = None
    ) -> bytes:
        """The exact bytes to POST. ``marker`` goes into the title: ``Welcome Anna [b7f3]``; ``callback_url`` is
        where the provider shall tell that the video is done, unless the row names an address of its own, or its
        kind of video takes none. The id of a provider's template is part of the route, not of the body. ``assets``
        are the asset ids of its local files (sha256 → id); without them the digests stand in their place."""
        payload = self.payload
        takes_callback = arm_of(payload) in BY_PATH["callback_url"].arms
        is_stored = payload.pop(TEMPLATE_ID, None) is None
        if is_stored and marker is None and callback_url is None and not assets:
            return self.stored
        if assets:
            with_assets(payload, assets)
        if marker is not None:
            title = payload.get("title")
            payload["title"] = f"{title} [{marker}]" if title else f"[{marker}]"
        if callback_url is not None and takes_callback:
            payload.setdefault("callback_url", callback_url)
        return canonical_json(payload)


# Only what holds these bytes is worth parsing for it.
_A_TEMPLATE = f'"{TEMPLATE_ID}":'.encode()
_A_DIGEST = f'"{REFERENCE}'.encode()


def check(fields: Mapping[str, Any], rules: Rulebook = "newest", files: LocalFiles | None = None) -> VideoRequest:
    """The request that nested ``fields`` make; paths in it are those of ``files``.

    Raises RequestInvalid with every problem there is.
    """
    payload = normal_form(fields)
    problems = [] if files is None else files.put_into(payload)
    found = _problems(payload, rules, None if files is None else files.by_digest)
    problems += [problem for problem in found if not _spoken_of(problem.path, problems)]
    if problems:
        raise RequestInvalid(tuple(problems))
    return _request(wire_form(payload))


def warnings(payload: Mapping[str, Any]) -> tuple[FieldProblem, ...]:
    """What the API accepts but will probably disappoint: settings without effect, likely refusals."""
    return tuple(rule_warnings(payload, leaves(payload)))


def canonical_json(payload: Mapping[str, Any]) -> bytes:
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)


def _request(payload: Mapping[str, Any]) -> VideoRequest:
    stored = canonical_json(payload)
    hashed = stored
    if not payload.keys().isdisjoint(_NOT_OF_THE_VIDEO):
        hashed = canonical_json({name: part for name, part in payload.items() if name not in _NOT_OF_THE_VIDEO})
    # orjson's bytes keep the 4 KB buffer that they were written in; a copy is as small as it looks.
    return VideoRequest(bytes(memoryview(stored)), hashlib.sha256(hashed).hexdigest())


def _problems(payload: Mapping[str, Any], rules: Rulebook, files: Mapping[str, LocalFile] | None) -> list[FieldProblem]:
    shape = shape_problems(payload)
    together = rule_problems(payload, rules, files)
    if rules == "legacy":
        together += legacy_problems(payload, leaves(payload))
    return shape + [problem for problem in together if not _spoken_of(problem.path, shape)]


def _spoken_of(path: str, problems: list[FieldProblem]) -> bool:
    """Whether the field, or the object that holds it, is already said to be wrong."""
    return any(f"{path}.".startswith(f"{problem.path}.") for problem in problems)
