"""What the ledger's finished videos teach about the next ones."""

from __future__ import annotations

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
