"""What the ledger's finished videos teach about the next ones, and what it knows of looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import orjson

from batchgen.cli.world import ledger_at
from batchgen.job import Job
from batchgen.ledger import Queries
from batchgen.price import NOTHING_LEARNT, Calibration, learnt_from


def learnt_lengths(job: Job) -> Calibration:
    """How fast the voices of this ledger speak, from its latest finished videos. Only reads."""
    queries = Queries.open(ledger_at(job))
    if queries is None:
        return NOTHING_LEARNT
    try:
        finished = queries.finished_lengths()
    finally:
        queries.close()
    return learnt_from((orjson.loads(request), seconds) for request, seconds in finished)


def with_known_kinds(job: Job) -> Job:
    """The job with prices that go by what the provider ever said of looks. Only reads."""
    queries = Queries.open(ledger_at(job))
    if queries is None:
        return job
    try:
        return with_kinds(job, queries.look_kinds())
    finally:
        queries.close()


def with_kinds(job: Job, kinds: Mapping[str, str]) -> Job:
    """The job with prices that go by these avatar types (look id → type)."""
    return replace(job, prices=replace(job.prices, kinds=kinds))
