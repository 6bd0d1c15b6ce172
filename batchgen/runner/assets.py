"""Local files in creates: which asset ids a body names, and what a refusal for one of them means."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from batchgen.ledger import Entry
from batchgen.request import VideoRequest, asset_places, digests_in
from batchgen.runner.work import Work
from batchgen.video_api import Rejected

ASSET_NOT_FOUND = "asset_not_found"


def with_their_assets(work: Work, requests: Mapping[int, VideoRequest]) -> dict[int, Mapping[str, str]]:
    """Entry id → the asset ids of its request's files (digest → id), for those whose files are all there.

    Called in the transaction that writes the intents: what it sees is what the bodies name.
    """
    digests = {entry_id: request.digests for entry_id, request in requests.items()}
    wanted = frozenset().union(*digests.values())
    ready = work.ledger.asset_ids(wanted) if wanted else {}
    if ready:
        work.ledger.assets_used(ready)
    return {
        entry_id: {digest: ready[digest] for digest in needed}
        for entry_id, needed in digests.items()
        if needed <= ready.keys()
    }


def assets_blamed(entry: Entry, body: bytes, outcome: Rejected) -> frozenset[str]:
    """The uploaded assets that a create was refused for; empty when it was refused for anything else.

    The provider may name the field, or the id in its words. When it names neither, all uploaded assets of the body
    are in question: to upload one too many costs nothing.
    """
    if (outcome.status, outcome.code) != (404, ASSET_NOT_FOUND) or not digests_in(entry.payload):
        return frozenset()
    ours, typed = _assets_in(entry, body)
    blamed = {asset for path, asset in ours.items() if _names(outcome, path, asset)}
    if blamed:
        return frozenset(blamed)
    if any(_names(outcome, path, asset) for path, asset in typed.items()):
        return frozenset()
    return frozenset(ours.values())


def _names(outcome: Rejected, path: str, asset: str) -> bool:
    return outcome.param == path or asset in outcome.message


def _assets_in(entry: Entry, body: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Path → asset id, of those that stand for local files, and of those that somebody typed."""
    asked = {path: str(place[name]) for path, place, name in asset_places(entry.payload)}
    sent = {path: str(place[name]) for path, place, name in asset_places(orjson.loads(body))}
    ours = {path: asset for path, asset in sent.items() if asset != asked.get(path)}
    return ours, {path: asset for path, asset in sent.items() if path not in ours}
