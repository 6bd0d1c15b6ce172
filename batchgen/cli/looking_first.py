"""A last look before a row in doubt is sent under a new key: does the provider have its video after all?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.output import Output
from batchgen.cli.world import Endpoint, endpoint
from batchgen.errors import ApiError, KeyMissing, Problem, RowsInvalid
from batchgen.job import Job
from batchgen.ledger import AttemptFact, Queries, Status
from batchgen.video_api import RenderState, VideoApi

NOT_LOOKED = "Nobody looked whether the provider has the video after all"
CONNECTIONS = 2
READ_TRIES = 2


def refuse_if_there(job: Job, path: Path, queries: Queries, rows: Collection[str], output: Output) -> None:
    """Raise ``RowsInvalid`` for rows in doubt whose video the provider lists: "it never arrived" would pay twice.

    A person's word counts where the provider cannot be asked; that is told. Not finding a video proves nothing.
    """
    doubtful = [
        fact
        for fact in queries.attempts(job.name)
        if fact.row_id in rows and fact.is_current and fact.status is Status.IN_DOUBT
    ]
    if not doubtful or not job.output.title_marker or _simulator_is_at_work(job, queries):
        return
    try:
        with endpoint(job) as provider:
            found = asyncio.run(_videos_of(doubtful, provider))
    except (ApiError, KeyMissing) as error:
        output.warn(f"{NOT_LOOKED}: {error}")
        return
    if found:
        raise RowsInvalid([_problem(job, path, fact, found[fact.row_id]) for fact in doubtful if fact.row_id in found])


def _simulator_is_at_work(job: Job, queries: Queries) -> bool:
    """A simulated provider is part of the run that holds the job; nobody else can ask it."""
    return job.simulated and queries.holder(job.name, time.time()) is not None


async def _videos_of(facts: Collection[AttemptFact], provider: Endpoint) -> Mapping[str, str]:
    """Row id → the video that carries the marker of its send; failed renders cost nothing and do not count."""
    found = {}
    async with VideoApi(
        base_url=provider.base_url, key=provider.key, connections=CONNECTIONS, read_tries=READ_TRIES
    ) as api:
        for fact in facts:
            videos = await api.videos_titled(f"[{fact.marker}]")
            there = [video for video in videos if video.state is not RenderState.FAILED]
            if there:
                found[fact.row_id] = there[0].id
    return found


def _problem(job: Job, path: Path, fact: AttemptFact, video_id: str) -> Problem:
    adopt = command_for(path, verb="resolve", simulated=job.simulated, more=[fact.row_id, "--adopt", video_id])
    return Problem(
        message=f"It did arrive: the provider has video {video_id} of this row. Nothing was decided.",
        hint=f"Take it: {adopt}",
        row=fact.row_number,
        id=fact.row_id,
    )
