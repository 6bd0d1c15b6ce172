"""What the answer to a create means for the run: what to write down, and how long to hold back."""

from __future__ import annotations

from typing import assert_never

from batchgen.ledger import Acceptance, Entry, Status
from batchgen.runner.work import Work
from batchgen.video_api import Accepted, AccountProblem, Cause, Deferred, Rejected

FIRST_RESEND_S = 5.0
NOT_READY_S = 30.0


def acceptance(work: Work, entry: Entry, outcome: Accepted) -> Acceptance:
    """What to write down of an accepted create."""
    look_at = work.clock() + work.next_look(0)
    return Acceptance(entry_id=entry.id, video_id=outcome.video_id, look_at=look_at)


def lost(work: Work, entry: Entry, reason: str) -> None:
    """Write down that the answer to the first send of an attempt is not known."""
    not_before = work.clock() + work.provider_s(FIRST_RESEND_S)
    work.ledger.submission_lost(work.run, entry.id, error=reason, not_before=not_before)


def hold_back(work: Work, outcome: Deferred) -> float:
    """Slow the whole run down where the whole run is concerned; seconds until this row may go out again."""
    match outcome.cause:
        case Cause.TOO_FAST:
            rendering = work.ledger.under_way(work.run).get(Status.RENDERING, 0)
            return work.throttle.slow_down(outcome.after_s, rendering=rendering)
        case Cause.NOT_READY:
            return outcome.after_s if outcome.after_s is not None else work.provider_s(NOT_READY_S)
        case Cause.NO_CONNECTION:
            return work.no_connection(outcome.reason)
        case _:
            assert_never(outcome.cause)


def described(outcome: Rejected | AccountProblem) -> str:
    """The provider's own words, for the person at the sheet."""
    param = f" ({outcome.param})" if isinstance(outcome, Rejected) and outcome.param else ""
    return f"{outcome.code}{param}: {outcome.message}"
