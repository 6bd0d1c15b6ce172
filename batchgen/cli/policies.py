"""The policies that a run will keep: how fast it goes, and what it tries again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from batchgen.job import KEY_WINDOW_S, Job


def policies(job: Job) -> dict[str, object]:
    """The settings below ``[pacing]`` and ``[retry]`` as they hold, defaults included; seconds and hours."""
    return {"pacing": asdict(job.pacing), "retry": asdict(job.retry)}


def policy_lines(job: Job) -> Iterator[str]:
    """The same in words."""
    pacing, retry = job.pacing, job.retry
    yield (
        f"Pacing: at most {pacing.concurrency} renders at once and {pacing.requests_per_s:g} creates per second; "
        f"looks every {pacing.poll_every_s:g} to {pacing.poll_slowest_s:g} s; {pacing.downloads} downloads at once"
    )
    if job.submit.batch > 1:
        yield f"Batches: at most {job.submit.batch} rows in one create, after the first row, which goes alone"
    hours = f"{KEY_WINDOW_S / 3600 - retry.key_margin_h:g} hours"
    again = "never sent again" if job.provider.api == "v2" else f"sent again for {hours}"
    yield f"Retry: at most {retry.attempts} renders of one row; a create without an answer is {again}"
