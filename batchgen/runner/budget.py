"""The cap: no create begins unless its upper estimate fits into what is left of the budget."""

from __future__ import annotations

from dataclasses import dataclass

from batchgen.ledger import Entry, committed_microusd
from batchgen.runner.work import Work


@dataclass(frozen=True, kw_only=True)
class BudgetStop:
    """Rows that wait because of the cap. Money is micro-USD."""

    rows: int
    max_microusd: int
    committed_microusd: int
    """Spent or reserved by everything that the cap counts."""
    needed_microusd: int
    """The cap at which all waiting rows are sure to fit."""


def left_microusd(work: Work) -> int | None:
    """What may still be reserved; None: there is no cap. Below 0 when true lengths went beyond their estimates."""
    if (most := work.job.budget.max_microusd) is None:
        return None
    with work.ledger.transaction() as connection:
        return most - committed_microusd(connection, work.run.job, work.job.budget.shared)


def affordable(entries: list[Entry], left: int | None) -> list[Entry]:
    """The entries that fit together into what is ``left`` of the budget, in their order; None: there is no cap.

    What is left was seen in the transaction that reserves.
    """
    if left is None:
        return entries
    fitting = []
    for entry in entries:
        if entry.estimate_microusd <= left:
            left -= entry.estimate_microusd
            fitting.append(entry)
    return fitting


def spent_up(work: Work) -> BudgetStop | None:
    """Whether rows wait of which not even the cheapest fits any more; rows whose files were given up wait for these."""
    if (left := left_microusd(work)) is None:
        return None
    waiting = work.ledger.waiting_estimates(work.run, without_files=work.uploads.resting)
    if not waiting.rows or waiting.cheapest <= left:
        return None
    most = work.job.budget.max_microusd or 0
    committed = most - left
    return BudgetStop(
        rows=waiting.rows,
        max_microusd=most,
        committed_microusd=committed,
        needed_microusd=committed + waiting.total,
    )
