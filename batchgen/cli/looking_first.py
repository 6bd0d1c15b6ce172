"""A last look before a person's word counts: does the provider have the row's video after all, or is it another's?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.output import Output
from batchgen.cli.same_account import account_asked, refuse_other_account
from batchgen.cli.world import Endpoint, endpoint
from batchgen.errors import ApiError, KeyMissing, Problem, RowsInvalid
from batchgen.job import Job
from batchgen.ledger import AttemptFact, Queries, Status
from batchgen.video_api import RenderState, Video, VideoApi

NOT_LOOKED = "Nobody looked whether the provider has the video after all"
NOT_COMPARED = "Nobody looked whether the video carries the row's tag"
CONNECTIONS = 2
READ_TRIES = 2


def refuse_if_there(job: Job, path: Path, queries: Queries, rows: Collection[str], output: Output) -> None:
    """Raise ``RowsInvalid`` for rows in doubt whose video the provider lists: "it never arrived" would pay twice.

    Raises ``UsageError`` when the list is that of another account. A person's word counts where the provider cannot be
    asked; that is told. Not finding a video proves nothing.
    """
    doubtful = [
        fact
        for fact in queries.attempts(job.name)
        if fact.row_id in rows and fact.is_current and fact.status is Status.IN_DOUBT
    ]
    found = _look(job, path, queries, doubtful, output, NOT_LOOKED) or {}
    there = [(fact, alive[0]) for fact in doubtful if (alive := _alive(found.get(fact.row_id, ())))]
    if there:
        raise RowsInvalid([_problem(job, path, fact, video_id) for fact, video_id in there])


def refuse_foreign(
    job: Job, path: Path, queries: Queries, rows: Collection[str], video_id: str, output: Output
) -> None:
    """Raise ``RowsInvalid`` for rows that were given up and are to take a video that does not carry their tag.

    A person's word counts where the provider cannot be asked; that is told.
    """
    facts = [
        fact
        for fact in queries.attempts(job.name)
        if fact.row_id in rows and fact.may_turn_up and fact.video_id is None
    ]
    found = _look(job, path, queries, facts, output, NOT_COMPARED)
    if found is None:
        return
    foreign = [fact for fact in facts if video_id not in {video.id for video in found[fact.row_id]}]
    if foreign:
        raise RowsInvalid([_foreign(fact, video_id) for fact in foreign])


def _look(
    job: Job, path: Path, queries: Queries, facts: Collection[AttemptFact], output: Output, unknown: str
) -> Mapping[str, list[Video]] | None:
    """Row id → the videos that carry the marker of its send; None: nobody can look, which is told as ``unknown``."""
    if not facts or not job.output.title_marker or _simulator_is_at_work(job, queries):
        return None
    try:
        with endpoint(job) as provider:
            asked_about = {fact.row_id for fact in facts}
            if sent := [fact for fact in queries.accounts_under_way(job.name) if fact.row_id in asked_about]:
                refuse_other_account(path, sent, account_asked(provider))
            return asyncio.run(_videos_of(facts, provider))
    except (ApiError, KeyMissing) as error:
        output.warn(f"{unknown}: {error}")
        return None


def _simulator_is_at_work(job: Job, queries: Queries) -> bool:
    """A simulated provider is part of the run that holds the job; nobody else can ask it."""
    return job.simulated and queries.holder(job.name, time.time()) is not None


def _alive(videos: Iterable[Video]) -> list[str]:
    """Failed renders cost nothing and do not count."""
    return [video.id for video in videos if video.state is not RenderState.FAILED]


async def _videos_of(facts: Collection[AttemptFact], provider: Endpoint) -> Mapping[str, list[Video]]:
    async with VideoApi(
        base_url=provider.base_url, key=provider.key, connections=CONNECTIONS, read_tries=READ_TRIES
    ) as api:
        return {fact.row_id: await api.videos_titled(f"[{fact.marker}]") for fact in facts}


def _problem(job: Job, path: Path, fact: AttemptFact, video_id: str) -> Problem:
    adopt = command_for(path, verb="resolve", simulated=job.simulated, more=[fact.row_id, "--adopt", video_id])
    return Problem(
        message=f"It did arrive: the provider has video {video_id} of this row. Nothing was decided.",
        hint=f"Take it: {adopt}",
        row=fact.row_number,
        id=fact.row_id,
    )


def _foreign(fact: AttemptFact, video_id: str) -> Problem:
    return Problem(
        message=f"No video {video_id} carries the tag [{fact.marker}] of this row's last send. Nothing was decided.",
        hint="The list may lag: look again later. A video whose title was edited needs its tag back at the end of it.",
        row=fact.row_number,
        id=fact.row_id,
    )
