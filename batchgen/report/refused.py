"""Rows that runs left out though they can be built: nobody is asked about them a second time just to tell of them."""

from __future__ import annotations

from collections.abc import Mapping

from batchgen.errors import Problem
from batchgen.ledger import Refusal, Result, Status
from batchgen.request import Built, BuiltRow


def without_refused(built: Built, results: Mapping[str, Result], refused: Mapping[str, Refusal]) -> Built:
    """The sheet with the rows of ``refused`` (row id → why) as invalid ones, until they are edited or sent."""
    standing = [row for row in built.rows if _stands(row, refused.get(row.id), results.get(row.id))]
    reasons = {row.number: refused[row.id].reason for row in standing}
    problems = [Problem(message=reasons[row.number], row=row.number, id=row.id) for row in standing]
    return built.refusing(reasons, problems)


def _stands(row: BuiltRow, refusal: Refusal | None, result: Result | None) -> bool:
    if refusal is None or refusal.fingerprint != row.request.fingerprint:
        return False
    return result is None or result.fingerprint != refusal.fingerprint or result.status is Status.PENDING
