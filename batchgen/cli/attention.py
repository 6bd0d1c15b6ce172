"""What of a job waits: for a person, with the command that helps, and for the provider."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.rows import typed_row
from batchgen.job import Job
from batchgen.ledger import Result, Status


def attention(path: Path, job: Job, results: Collection[Result], decide: Mapping[str, str]) -> dict[str, object]:
    """For programs: ``attention`` lists the rows that failed and those in doubt that no run sends again (``decide``:
    row id → command); ``oldest_render`` is the one that takes longest."""
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


def retry_hint(path: Path, results: Collection[Result], *, simulated: bool) -> Iterator[str]:
    """For people: how a row that failed is sent again as it is."""
    failed = next((result for result in results if result.status is Status.FAILED), None)
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
