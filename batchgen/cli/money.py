"""A job's money: what it ever spent and reserved, and what is left of its cap. USD."""

from __future__ import annotations

from collections.abc import Iterator

from batchgen.cli.telling import budget_facts, cap_line
from batchgen.cli.world import cap_of
from batchgen.job import Job
from batchgen.ledger import Money, Queries
from batchgen.report import usd

NOTHING = Money(settled=0, reserved=0)


def money_facts(job: Job, queries: Queries | None) -> dict[str, object]:
    """``money`` and ``budget``; the latter is null without a cap."""
    money = queries.money(job.name) if queries is not None else NOTHING
    return {
        "money": {
            "settled_usd": usd(money.settled),
            "reserved_usd": usd(money.reserved),
            "spent_usd": usd(money.spent),
        },
        "budget": budget_facts(cap_of(job, queries)),
    }


def cap_lines(job: Job, queries: Queries) -> Iterator[str]:
    """The cap and what is left of it, when there is one."""
    if (cap := cap_of(job, queries)) is not None:
        yield cap_line(cap)
