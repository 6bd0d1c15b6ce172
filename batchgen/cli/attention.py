"""What of a job waits: for a person, with the command that helps, and for the provider."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.rows import typed_row
from batchgen.job import Job
from batchgen.ledger import Queries, Result, Status


def attention(path: Path, job: Job, results: Collection[Result], decide: Mapping[str, str]) -> dict[str, object]:
    """For programs: ``attention`` lists the rows that failed and those in doubt that no run sends again, each with a
    command: that of ``decide`` (by row id), or a retry. ``oldest_render`` is the one that takes longest."""
    rows = [
        {
            "row": result.row_number,
            "id": result.row_id,
            "status": str(result.status),
            "reason": result.note or None,
            "command": decide.get(result.row_id) or _retry(path, result, simulated=job.simulated),
        }
        for result in results
        if result.status is Status.FAILED or result.row_id in decide
    ]
    return {"attention": rows, "oldest_render": _oldest_render(results, time.time())}


def run_settles(job: Job, *, batch: str | None, route: str | None, first_sent_at: float | None) -> bool:
    """Whether a run learns by itself what became of a send without an answer: from the ``batch`` that it arrived in,
    or by sending it again. Otherwise a person decides."""
    if batch is not None:
        return True
    from batchgen.runner import replays  # the libraries of the wire load in 0.2 s, and few jobs have such rows

    return replays(job, route=route, first_sent_at=first_sent_at or 0.0, now=time.time())


def ways_back(path: Path, job: Job, queries: Queries, results: Iterable[Result]) -> dict[str, str]:
    """Row id → the command that takes its video, of rows that failed although the provider may have it."""
    videos = queries.may_turn_up(job.name)
    return {
        result.row_id: way_back(path, result.row_id, result.row_number, videos[result.row_id], simulated=job.simulated)
        for result in results
        if result.status is Status.FAILED and result.row_id in videos
    }


def way_back(path: Path, row_id: str, number: int, video_id: str | None, *, simulated: bool) -> str:
    """The command that gives a row the video of its last send; where nobody knows its id, an audit looks for it."""
    if video_id is None:
        return command_for(path, verb="audit", simulated=simulated)
    more = [typed_row(row_id, number), "--adopt", video_id]
    return command_for(path, verb="resolve", simulated=simulated, more=more)


def retry_hint(path: Path, results: Collection[Result], decide: Collection[str], *, simulated: bool) -> Iterator[str]:
    """For people: how a row that failed is sent again as it is, but for rows that a person is to ``decide`` about."""
    failed = next(
        (result for result in results if result.status is Status.FAILED and result.row_id not in decide), None
    )
    if failed is not None:
        yield f"To send a failed row again as it is: {_retry(path, failed, simulated=simulated)}"


def _retry(path: Path, result: Result, *, simulated: bool) -> str:
    row = typed_row(result.row_id, result.row_number)
    return command_for(path, verb="retry", simulated=simulated, more=[row])


def _oldest_render(results: Collection[Result], now: float) -> dict[str, object] | None:
    renders = [
        (result.submitted_at, result) for result in results if result.status is Status.RENDERING and result.submitted_at
    ]
    if not renders:
        return None
    at, result = min(renders, key=lambda render: render[0])
    return {"row": result.row_number, "id": result.row_id, "seconds": round(now - at, 1)}
