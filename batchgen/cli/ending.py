"""What a run that came to its end leaves to say, and its exit code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter

from batchgen.cli.counting import counted_with
from batchgen.cli.exits import Exit
from batchgen.errors import Problem, SheetNotWritten
from batchgen.ledger import AttemptFact, Result, Status
from batchgen.plan import Plan, PlanWord
from batchgen.price import MICRO
from batchgen.report import Reported, Summary
from batchgen.runner import ANSWERS_LOST, BudgetStop, Ending, RunResult
from batchgen.video_api import ROUTE_GONE, AccountProblem

WHAT_TO_DO: Mapping[str, str] = {
    "unauthorized": "Check HEYGEN_API_KEY or the job's key file, then run again.",
    "insufficient_api_key_scope": "Give the API key the rights it lacks, then run again.",
    "insufficient_credit": "Top up the account, then run again.",
    "MOVIO_PAYMENT_INSUFFICIENT_CREDIT": "Top up the account, then run again.",
    ROUTE_GONE: 'Leave out api = "v2" below [provider]: the newer route makes Avatar III, too. Then run again.',
    ANSWERS_LOST: "See whether the provider is well. The rows in doubt are yours to settle; then run again.",
    "quota_exceeded": "Wait until the quota is renewed, or have it raised, then run again.",
}
DECIDE = (
    "It cannot be sent again safely. Look for the video on the provider's page, then decide row by row: "
    "{command} with --adopt VIDEO_ID, --resubmit (it never arrived) or --abandon."
)
SAME_ACCOUNT = (
    "Use the key of the account that made them, then run again. Give up what is surely gone: batchgen cancel JOB ROW."
)
SETTLE_IT = "Settle that with the provider, then run again."


def rows_to_decide(result: RunResult, attempts: Iterable[AttemptFact]) -> dict[str, int]:
    """The rows in doubt that only a person can settle: row id → row number, in the order of the sheet."""
    left = {entry for entry, left in result.left.items() if left.status is Status.IN_DOUBT}
    rows = {attempt.row_id: attempt.row_number for attempt in attempts if attempt.entry_id in left}
    return dict(sorted(rows.items(), key=itemgetter(1)))


def ending_problems(result: RunResult, resolve: str, *, sent_next_time: int) -> Iterator[Problem]:
    """What kept the run as a whole from finishing; ``resolve`` is the command for the first row to decide about."""
    if result.account_problem is not None:
        yield _of_account(result.account_problem)
    if (stop := result.budget_stop) is not None:
        yield _of_budget(stop)
    if result.trouble:
        hint = "Check the network, and HEYGEN_API_BASE if it is set; then run again."
        yield Problem(message=sentence(result.trouble), hint=hint)
    reasons = Counter((left.status, left.reason) for left in result.left.values())
    for (status, reason), rows in reasons.items():
        hint = _of_left(status, resolve)
        yield Problem(message=f"{_left_rows(rows, status)}: {reason}.", hint=hint)
    if sent_next_time:
        rows_were = counted_with(sent_next_time, "row", "was", "were")
        message = f"{rows_were} edited while the old video was made, which then failed."
        yield Problem(message=message, hint="Run again to send what the sheet says now.")


def _of_left(status: Status, resolve: str) -> str:
    match status:
        case Status.IN_DOUBT:
            return DECIDE.format(command=resolve)
        case Status.RENDERING:
            return SAME_ACCOUNT
        case _:
            return "Run again to go on."


def sent_next_time(plan: Plan, results: Mapping[str, Result]) -> int:
    """How many rows were edited while their old video was made, which then failed: nothing of them is under way, and
    this run did not ask for them as they are now."""
    changed = (planned.row.id for planned in plan.rows if planned.word is PlanWord.CHANGED)
    return sum(row_id in results and results[row_id].status is Status.PENDING for row_id in changed)


def _left_rows(rows: int, status: Status) -> str:
    if status is Status.SUCCEEDED:
        return counted_with(rows, "row", "still lacks files", "still lack files")
    return f"{counted_with(rows, 'row', 'is', 'are')} left {status.replace('_', ' ')}"


def sentence(reason: str) -> str:
    """``no connection`` → ``No connection.``"""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."


def report_problems(report: Reported | SheetNotWritten) -> Iterator[Problem]:
    """Where the results are, when that is not the sheet itself."""
    if isinstance(report, SheetNotWritten):
        hint = "The ledger keeps them: run again to write them, which costs nothing."
        yield Problem(message=f"Results were not written into the sheet: {report}.", hint=hint)
        return
    if report.reason is not None:
        yield Problem(message=f"Results are in {report.path.name}, not in the sheet itself: {report.reason}")
    yield from report.conflicts


def _of_account(problem: AccountProblem) -> Problem:
    said = f"{problem.code}: {problem.message}".rstrip(".")
    return Problem(message=f"The account stopped the run ({said}).", hint=what_to_do(problem.code))


def what_to_do(code: str) -> str:
    """What a person does about an account that the provider refuses with this code."""
    return WHAT_TO_DO.get(code, SETTLE_IT)


def _of_budget(stop: BudgetStop) -> Problem:
    rows = counted_with(stop.rows, "row", "waits", "wait")
    return Problem(
        message=(
            f"The budget stopped the run: {rows}, and ${stop.committed_microusd / MICRO:,.2f} of "
            f"${stop.max_microusd / MICRO:,.2f} is spent or reserved."
        ),
        hint=f"Nothing was sent for them. With a cap of ${raised_cap(stop)} all are sure to fit.",
    )


def raised_cap(stop: BudgetStop) -> str:
    """The cap in USD, in whole cents, at which the rows that wait are sure to fit."""
    return f"{math.ceil(stop.needed_microusd / (MICRO / 100)) / 100:.2f}"


def exit_after(summary: Summary, result: RunResult, report: Reported | SheetNotWritten, *, sent_next_time: int) -> Exit:
    """The exit code of a run that came to its end; the order is design §7's."""
    counts: Mapping[str, int] = summary.counts
    left = {left.status for left in result.left.values()}
    if result.ending in (Ending.ACCOUNT, Ending.BUDGET):
        return Exit.ACCOUNT
    if Status.IN_DOUBT in left:
        return Exit.IN_DOUBT
    # Open rows are also those that a person ordered in the last moment.
    if result.open_rows or sent_next_time or left & {Status.RENDERED, Status.SUCCEEDED}:
        return Exit.UNDER_WAY
    if isinstance(report, SheetNotWritten):  # a sheet without its results is not done
        return Exit.UNDER_WAY
    if counts.get("failed") or counts.get("invalid"):
        return Exit.ROWS_FAILED
    return Exit.DONE
