"""Where every row of the sheet stands, each counted exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from batchgen.ledger import Result, Status
from batchgen.plan import Plan, PlanWord
from batchgen.report.cells import CHANGED_NOTE, was_ordered, with_remark

Word = Status | PlanWord

WHY_NOT_SENT: Mapping[Word, str] = {
    PlanWord.NEW: "not sent yet",
    PlanWord.FILTERED: "only_if leaves it out",
    PlanWord.UNAPPROVED: "not approved",
    Status.PENDING: "waits to be sent",
    Status.CANCELLED: "given up",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One row of the sheet: what became of it, in one word, and why. ``note`` is for people."""

    number: int
    id: str | None
    word: Word
    note: str = ""
    result: Result | None = None
    invalid: bool = False
    """It cannot be sent as it is now; it may have a video all the same."""


def accounts_of(plan: Plan, results: Mapping[str, Result]) -> list[Account]:
    """One account for each row of the sheet, in its order: what the ledger knows of it, else what the sheet says."""
    accounts = [
        *_planned(plan, results),
        *(_left(row.number, row.id, PlanWord.FILTERED, results) for row in plan.built.filtered),
        *_invalid(plan, results),
    ]
    return sorted(accounts, key=lambda account: account.number)


def counts_of(accounts: Iterable[Account]) -> dict[str, int]:
    """Rows by word; they add up to the rows of the sheet."""
    return dict(Counter(str(account.word) for account in accounts))


def _planned(plan: Plan, results: Mapping[str, Result]) -> Iterator[Account]:
    for planned in plan.rows:
        row, result = planned.row, results.get(planned.row.id)
        if result is None:
            word = planned.word if planned.word in WHY_NOT_SENT else PlanWord.NEW
            yield Account(number=row.number, id=row.id, word=word, note=WHY_NOT_SENT[word])
            continue
        edited = was_ordered(result) and result.fingerprint != row.request.fingerprint
        note = with_remark(result.note or WHY_NOT_SENT.get(result.status, ""), CHANGED_NOTE if edited else "")
        yield Account(number=row.number, id=row.id, word=result.status, note=note, result=result)


def _invalid(plan: Plan, results: Mapping[str, Result]) -> Iterator[Account]:
    told: dict[int, list[str]] = {}
    for problem in plan.built.problems:
        if problem.row is not None:
            told.setdefault(problem.row, []).append(str(problem))
    for row in plan.built.invalid:
        account = _left(row.number, row.id, PlanWord.INVALID, results)
        note = "; ".join([*filter(None, [account.note]), *told.get(row.number, [row.note])])
        yield Account(number=row.number, id=row.id, word=account.word, note=note, result=account.result, invalid=True)


def _left(number: int, row_id: str | None, word: PlanWord, results: Mapping[str, Result]) -> Account:
    """A row that takes no part now; what was sent for it, or became of it, counts all the same."""
    result = results.get(row_id) if row_id is not None else None
    if result is None or result.status in (Status.PENDING, Status.CANCELLED):
        return Account(number=number, id=row_id, word=word, note=WHY_NOT_SENT.get(word, ""))
    return Account(number=number, id=row_id, word=result.status, note=result.note, result=result)
