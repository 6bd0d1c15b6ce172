"""What the ledger's finished videos teach about the next ones, and what it knows of looks."""

from __future__ import annotations

import orjson

from batchgen.ledger import Queries
from batchgen.price import NO_KINDS, NOTHING_LEARNT, Calibration, Kinds, learnt_from


def learnt_lengths(queries: Queries | None) -> Calibration:
    """How fast the voices of this ledger speak, from its latest finished videos."""
    if queries is None:
        return NOTHING_LEARNT
    return learnt_from((orjson.loads(request), seconds) for request, seconds in queries.finished_lengths())


def known_kinds(queries: Queries | None) -> Kinds:
    """What the provider ever said of looks."""
    return NO_KINDS if queries is None else queries.look_kinds()
