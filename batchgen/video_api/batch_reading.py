"""What became of the items of a batch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from batchgen.errors import ApiUnavailable
from batchgen.video_api.answers import (
    STATUS_OF_CODE,
    Answer,
    as_flag,
    as_text,
    create_outcome,
    next_page,
    read_items,
)
from batchgen.video_api.outcomes import AccountProblem, Deferred, Rejected
from batchgen.video_api.reading import Reading

MOST_PAGES = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchItem:
    """One item of a batch: its video once it has one, or why it gets none; neither: it still waits.

    ``of_run``: what the same refusal would mean of a create of its own, where that is more the run's concern.
    """

    video_id: str | None = None
    refusal: Rejected | None = None
    of_run: AccountProblem | Deferred | None = None


class BatchReading(Reading):
    """Raises as `Reading` says."""

    async def batch_items(self, batch_id: str) -> dict[int, BatchItem]:
        """Item index → what became of it, all pages of ``GET /v3/videos/batches/{id}``; the order means nothing.

        An item that the answer leaves out, names twice, or whose video is another item's too, is left out here.
        """
        told: list[tuple[int, BatchItem]] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            page: Any = await self._get(
                f"/v3/videos/batches/{quote(batch_id, safe='')}", {"token": token} if token else {}
            )
            if not isinstance(page, dict):
                raise ApiUnavailable("the provider's answer is no batch")
            told += [(item["item_index"], _item(item)) for item in read_items(page.get("items")) if _has_place(item)]
            token = next_page(as_text(page.get("next_token")), has_more=as_flag(page.get("has_more")))
            if token is None:
                return _unambiguous(told)
        raise ApiUnavailable("the provider's batch has no end")


def _has_place(item: dict[str, Any]) -> bool:
    return isinstance(item.get("item_index"), int) and not isinstance(item["item_index"], bool)


def _item(item: dict[str, Any]) -> BatchItem:
    video_id = as_text(item.get("video_id"))
    if video_id is not None or item.get("status") != "failed":
        return BatchItem(video_id=video_id)
    told = item.get("error")
    error: dict[str, Any] = told if isinstance(told, dict) else {}
    code = as_text(error.get("code")) or "failed"
    message = as_text(error.get("message")) or "the provider refused this item of the batch"
    status = STATUS_OF_CODE.get(code, 400)
    alone = create_outcome(Answer(status=status, data=None, error=error, retry_after_s=None), id_field="video_id")
    return BatchItem(
        refusal=Rejected(status=status, code=code, message=message),
        of_run=alone if isinstance(alone, AccountProblem | Deferred) else None,
    )


def _unambiguous(told: list[tuple[int, BatchItem]]) -> dict[int, BatchItem]:
    places = Counter(place for place, _ in told)
    videos = Counter(item.video_id for _, item in told)
    return {
        place: item
        for place, item in told
        if places[place] == 1 and (item.video_id is None or videos[item.video_id] == 1)
    }
