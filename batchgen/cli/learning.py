"""Plans by what the ledger knows: what was sent and spent, what finished videos teach, and the kinds of looks."""

from __future__ import annotations

import orjson

from batchgen.cli.world import cap_of, known_entries
from batchgen.job import Job
from batchgen.ledger import Queries
from batchgen.plan import Plan, Rerender, make_plan
from batchgen.price import NO_KINDS, NOTHING_LEARNT, Calibration, Kinds, learnt_from
from batchgen.request import Built


def plan_by_ledger(job: Job, built: Built, queries: Queries | None, rerender: Rerender, kinds: Kinds) -> Plan:
    """The plan of a sheet's rows as the ledger knows them: what was sent and spent, and what it taught."""
    return make_plan(
        job,
        built,
        known_entries(job, queries),
        rerender=rerender,
        cap=cap_of(job, queries),
        calibration=learnt_lengths(queries),
        kinds=kinds,
    )


def learnt_lengths(queries: Queries | None) -> Calibration:
    """How fast the voices of this ledger speak, from its latest finished videos."""
    if queries is None:
        return NOTHING_LEARNT
    return learnt_from((orjson.loads(request), seconds) for request, seconds in queries.finished_lengths())


def known_kinds(queries: Queries | None) -> Kinds:
    """What the provider ever said of looks."""
    return NO_KINDS if queries is None else queries.look_kinds()
