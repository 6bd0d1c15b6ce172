"""What the ledger's finished videos teach about the next ones, and what it knows of looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import orjson

from batchgen.cli.world import reading_ledger
from batchgen.job import Job
from batchgen.price import NOTHING_LEARNT, Calibration, learnt_from


def learnt_lengths(job: Job) -> Calibration:
    """How fast the voices of this ledger speak, from its latest finished videos. Only reads."""
    with reading_ledger(job) as queries:
        if queries is None:
            return NOTHING_LEARNT
        finished = queries.finished_lengths()
    return learnt_from((orjson.loads(request), seconds) for request, seconds in finished)


def with_known_kinds(job: Job) -> Job:
    """The job with prices that go by what the provider ever said of looks. Only reads."""
    with reading_ledger(job) as queries:
        if queries is None:
            return job
        return with_kinds(job, queries.look_kinds())


def with_kinds(job: Job, kinds: Mapping[str, str]) -> Job:
    """The job with prices that go by these avatar types (look id → type)."""
    return replace(job, prices=replace(job.prices, kinds=kinds))
