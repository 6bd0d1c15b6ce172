"""Batches of creates: POST /v3/videos/batches takes up to a hundred, GET says what became of each by its index.

The provider publishes neither whether a batch may go beyond the concurrency limit nor when an item gets its video id.
Here a batch needs a free slot for every item, a bad item fails by itself, and ids are told once an item is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import orjson

from batchgen.simulator.answers import ApiError
from batchgen.simulator.faults import Fault
from batchgen.simulator.paging import token_of
from batchgen.simulator.provider import CreateRequest, Provider
from batchgen.simulator.shapes import Many, Record, Text, check
from batchgen.simulator.store import KEY_LIFETIME_S
from batchgen.simulator.timeline import bulk_status_of, failure_of

MOST_VIDEOS = 100
PAGE = 50
REFUSED_CODE = "content_policy_violation"

BATCH_TABLE = """
CREATE TABLE IF NOT EXISTS batch (
    id TEXT PRIMARY KEY, key TEXT, accepted_at REAL NOT NULL, answer BLOB NOT NULL, items BLOB NOT NULL
) STRICT;
"""
_ANYTHING = Record(fields={}, nullable=False)
BATCH = Record(
    fields={
        "videos": Many(item=_ANYTHING, minimum=1, maximum=MOST_VIDEOS, nullable=False),
        "title": Text(),
        "callback_url": Text(),
        "folder_id": Text(),
    },
    required=("videos",),
    nullable=False,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchCall:
    """A batch as it arrived, the fault that befalls it, and the status that its answer will have for the client."""

    key: str | None
    body: bytes
    fault: Fault | None
    status: int | None


class Batches:
    """Every batch that was accepted."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._db = provider.store.database
        self._db.executescript(BATCH_TABLE)

    def create(self, call: BatchCall) -> bytes:
        """The JSON answer to a batch; durable before it returns. Raises ``ApiError`` when nothing was accepted."""
        if call.key is not None and (answer := self._replayed(call)) is not None:
            return answer
        videos = _videos_in(call.body)
        self._provider.refuse_without_slots(len(videos))
        batch_id = f"batch_{uuid4().hex}"
        answer = orjson.dumps({"data": {"batch_id": batch_id, "status": "processing", "total_items": len(videos)}})
        with self._provider.store.transaction():
            items = [self._item(video, index, call) for index, video in enumerate(videos)]
            row = (batch_id, call.key, self._provider.clock.now(), answer, orjson.dumps(items))
            self._db.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?)", row)
        return answer

    def _replayed(self, call: BatchCall) -> bytes | None:
        since = self._provider.clock.now() - KEY_LIFETIME_S
        found = self._db.execute(
            "SELECT answer FROM batch WHERE key = ? AND accepted_at > ?", (call.key, since)
        ).fetchone()
        if found is None:
            return None
        for index, video in enumerate(_videos_in(call.body)):
            self._provider.store.log_call(replace(self._logged(video, index, call), replayed=True))
        return bytes(found["answer"])

    def _item(self, video: Mapping[str, Any], index: int, call: BatchCall) -> dict[str, Any]:
        """One video of the batch: its id, or why it was refused."""
        logged = self._logged(video, index, call)
        try:
            if call.fault is not None and call.fault.action == "refuse_items" and index % 2:
                raise ApiError(400, call.fault.code or REFUSED_CODE, "This item is refused.")
            made = orjson.loads(self._provider.create(_request(video), logged))
        except ApiError as error:
            self._provider.store.log_call(logged)
            return {"video_id": None, "error": {"code": error.code, "message": error.message}}
        return {"video_id": made["data"]["video_id"], "error": None}

    def _logged(self, video: Mapping[str, Any], index: int, call: BatchCall) -> Any:
        logged = self._provider.call(_request(video), call.fault, call.status)
        return replace(logged, key=f"{call.key}#{index}")

    def log_unheard(self, call: BatchCall) -> None:
        """Remember a batch of which nothing was done."""
        for index, video in enumerate(_videos_in(call.body)):
            self._provider.store.log_call(self._logged(video, index, call))

    def view(self, batch_id: str, *, after: int, fault: Fault | None) -> dict[str, Any]:
        """One page of a batch as GET shows it, from the item at the position ``after`` on."""
        found = self._db.execute("SELECT * FROM batch WHERE id = ?", (batch_id,)).fetchone()
        if found is None:
            raise ApiError(404, "batch_not_found", f"Batch {batch_id} was not found.")
        items = _distorted([self._shown(*item) for item in enumerate(orjson.loads(found["items"]))], fault)
        ended = all(item["status"] in ("completed", "failed") for item in items)
        end = after + PAGE
        words = [item["status"] for item in items]
        return {
            "batch_id": batch_id,
            "status": "completed" if ended else "processing",
            "total_items": len(items),
            "counts_by_status": {word: words.count(word) for word in sorted(set(words))},
            "created_at": int(found["accepted_at"]),
            "items": items[after:end],
            "has_more": end < len(items),
            "next_token": token_of(end) if end < len(items) else None,
        }

    def _shown(self, index: int, item: Mapping[str, Any]) -> dict[str, Any]:
        shown = {"item_index": index, **item}
        if item["video_id"] is None:
            return shown | {"status": "failed"}
        now = self._provider.clock.now()
        video = self._provider.store.video(item["video_id"])
        if video is None or (status := bulk_status_of(video, now)) == "not_found":
            return shown | {"status": "failed"}
        word = status if status in ("queued", "completed", "failed") else "processing"
        return shown | {
            "status": word,
            "video_id": None if word == "queued" else video.id,
            "error": failure_of(video, now),
        }


def _request(video: Mapping[str, Any]) -> CreateRequest:
    return CreateRequest.arrived(None, orjson.dumps(video))


def _videos_in(body: bytes) -> Sequence[Mapping[str, Any]]:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise ApiError(400, "invalid_parameter", f"The body is not JSON: {exc}") from exc
    if not isinstance(parsed, dict) or not all(isinstance(video, dict) for video in parsed.get("videos") or ()):
        raise ApiError(400, "invalid_parameter", "videos: must be a list of objects.", param="videos")
    check(BATCH, parsed | {"videos": [{} for _ in parsed.get("videos") or ()]})
    videos: list[Mapping[str, Any]] = parsed["videos"]
    return videos


def _distorted(items: list[dict[str, Any]], fault: Fault | None) -> list[dict[str, Any]]:
    match fault.action if fault else None:
        case "reorder":
            return items[::-1]
        case "missing_items":
            return items[::2]
        case _:
            return items
