"""Paid videos of rows that the ledger knows nothing of, because it was lost or put back to an earlier state.

An attempt's marker is made of job, row id, request and attempt number alone: from the sheet it can be made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from batchgen.audit.findings import Amiss, Finding, marker_in
from batchgen.ledger import AttemptFact, NewRequest, Status, idempotency_key, marker_of
from batchgen.plan import Plan, PlanWord
from batchgen.video_api import RenderState, Video

MOST_ATTEMPTS = 10
"""Attempts of one row whose markers are looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LostVideo:
    """A video of a row that the ledger does not know to have been sent: what was asked for, and by which attempt."""

    finding: Finding
    request: NewRequest
    number: int
    is_only_one: bool  # no other video carries the same marker


def lost_videos(plan: Plan, facts: Iterable[AttemptFact], videos: Iterable[Video]) -> list[LostVideo]:
    """The newest attempt's video of each unsent row of the sheet. Failed renders cost nothing and do not count."""
    of_nobody = _by_marker(videos, known={fact.marker for fact in facts})
    if not of_nobody:
        return []
    unsent = {row.row.id for row in plan.rows if row.word in (PlanWord.NEW, Status.PENDING)}
    asked = (request for request in plan.requests() if request.row_id in unsent)
    return [lost for request in asked for lost in _of_row(plan.job.name, request, of_nobody)]


def _by_marker(videos: Iterable[Video], *, known: set[str]) -> dict[str, list[Video]]:
    found: dict[str, list[Video]] = {}
    for video in videos:
        marker = marker_in(video)
        if marker is not None and marker not in known and video.state is not RenderState.FAILED:
            found.setdefault(marker, []).append(video)
    return found


def _of_row(job: str, request: NewRequest, of_nobody: dict[str, list[Video]]) -> Iterator[LostVideo]:
    for number in range(MOST_ATTEMPTS, 0, -1):
        key = idempotency_key(job=job, row_id=request.row_id, fingerprint=request.fingerprint, number=number)
        if found := of_nobody.get(marker_of(key)):
            yield LostVideo(
                finding=_finding(request, found), request=request, number=number, is_only_one=len(found) == 1
            )
            return


def _finding(request: NewRequest, videos: Sequence[Video]) -> Finding:
    ids = " and ".join(video.id for video in videos)
    return Finding(
        amiss=Amiss.VIDEO_UNCLAIMED,
        entry_id=None,
        row_id=request.row_id,
        row_number=request.row_number,
        video_id=videos[0].id,
        message=f"the provider has {ids} of this row, and the ledger does not know that it was sent",
    )
