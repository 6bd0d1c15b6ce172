"""What ``batchgen report`` does: account for every row of the sheet, or write some of them to files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from batchgen.cli.attention import ways_back
from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.exits import Exit
from batchgen.cli.mending import failed_rows_of
from batchgen.cli.money import money_facts
from batchgen.cli.output import MOST_PROBLEMS_SHOWN, Outcome, Output
from batchgen.cli.telling import WORDS
from batchgen.cli.world import job_in_world, known_entries, reading_ledger
from batchgen.errors import UsageError
from batchgen.job import Job
from batchgen.ledger import Money, Result, Status
from batchgen.plan import Plan, PlanWord, make_plan
from batchgen.report import (
    Account,
    Extract,
    Extracts,
    accounts_of,
    counts_of,
    dollars,
    gone_rows,
    is_own_sheet,
    is_untouched,
    made_as_extract,
    problems_of,
    shown_results,
    usd,
    without_refused,
)
from batchgen.request import build_rows
from batchgen.sheet import Sheet, read_sheet

SUFFIXES = (".csv", ".xlsx")
NOTHING: Mapping[Extract, str] = {
    Extract.FAILED: "No row failed; nothing was written.",
    Extract.SUCCEEDED: "No row has its video yet; nothing was written.",
    Extract.UNPROCESSED: "Every row was sent; nothing was written.",
}
WRITTEN: Mapping[Extract, str] = {
    Extract.FAILED: "to mend",
    Extract.SUCCEEDED: "with their videos",
    Extract.UNPROCESSED: "not sent",
}


def extracted(path: Path, targets: Mapping[Extract, Path], output: Output, *, simulated: bool) -> Outcome:
    """Write some of the sheet's rows to files. Nothing is written when one of the names cannot be taken."""
    job = job_in_world(path, simulated=simulated)
    output.job = job.name
    for extract, target in targets.items():
        _refuse(job, path, extract, target)
    if len({target.resolve() for target in targets.values()}) < len(targets):
        raise UsageError("Each of the files needs a name of its own.")
    sheet, plan, results, _ = _read(job)
    accounts = accounts_of(plan, results)
    extracts = Extracts(job, sheet, accounts)
    rows = {extract: extracts.write(extract, target) for extract, target in targets.items()}
    to_run = rows.get(Extract.FAILED) or any(account.word in (PlanWord.NEW, Status.PENDING) for account in accounts)
    next_command = command_for(path, verb="run" if to_run else "status", simulated=simulated)
    files = [
        {"kind": str(extract), "rows": rows[extract], "written": str(target) if rows[extract] else None}
        for extract, target in targets.items()
    ]
    lines = [
        f"{counted(rows[extract], 'row')} {WRITTEN[extract]}: {target}"
        if rows[extract]
        else _nothing(extract, accounts)
        for extract, target in targets.items()
    ]
    if rows.get(Extract.FAILED):
        lines.append("Correct them in the sheet, then run again.")
    facts = {"job": job.name, "rows": sum(rows.values()), "files": files, "next": next_command}
    return Outcome(exit=Exit.DONE, facts=facts, text="\n".join([*lines, f"Next: {next_command}"]))


def _nothing(extract: Extract, accounts: list[Account]) -> str:
    invalid = sum(account.word is PlanWord.INVALID for account in accounts)
    if extract is not Extract.UNPROCESSED or not invalid:
        return NOTHING[extract]
    return (
        f"Nothing was written: all that were not sent are invalid ({counted(invalid, 'row')}); --failed writes those."
    )


def _refuse(job: Job, path: Path, extract: Extract, target: Path) -> None:
    if problem := _why_not(job, extract, target):
        raise UsageError(problem, instead=failed_rows_of(path, job) if extract is Extract.FAILED else "")


def _why_not(job: Job, extract: Extract, target: Path) -> str | None:
    """Why the rows cannot be written to this file; None: they can."""
    if target.suffix.lower() not in SUFFIXES:
        return f"{target.name} must end with .xlsx or .csv."
    if is_own_sheet(job, target):
        return f"{target.name} is the job's own sheet. Name another file."
    if target.exists() and not made_as_extract(target, extract, job):
        return f"{target.name} is there already, and batchgen did not make it. Name another file."
    if target.exists() and not is_untouched(job, target):
        return f"{target.name} was changed since it was written, or is another job's. Name another file, or delete it."
    return None


def accounted(path: Path, output: Output, *, simulated: bool) -> Outcome:
    """Where every row of the sheet stands, what it cost, and what to do next."""
    job = job_in_world(path, simulated=simulated)
    output.job = job.name
    _, plan, results, money = _read(job)
    accounts = accounts_of(plan, results)
    counts = counts_of(accounts)
    in_sheet = [account.result for account in accounts if account.result is not None]
    back = _ways_back(path, job, in_sheet)
    problems = [*plan.built.problems, *problems_of(in_sheet, back)]
    gone = list(gone_rows({row_id: results[row_id] for row_id in plan.gone if row_id in results}))
    next_command = _next(path, job, accounts, back)
    facts = {
        "job": job.name,
        "run": None,
        "rows": len(accounts),
        "counts": counts,
        "problems": [asdict(problem) for problem in problems],
        "spent_usd": usd(money.spent),
        **_money(job),
        "gone": gone,
        "next": next_command,
    }
    lines = [f'Job "{job.name}": {counted(len(accounts), "row")}']
    width = max(len(f"{count:,}") for count in [*counts.values(), len(accounts)])
    lines += [f"  {count:>{width},} {WORDS.get(word, word)}" for word, count in counts.items()]
    lines += [f"  ✗ {problem}" for problem in problems[:MOST_PROBLEMS_SHOWN]]
    if len(problems) > MOST_PROBLEMS_SHOWN:
        lines.append(f"  … and {len(problems) - MOST_PROBLEMS_SHOWN} more; --json lists them.")
    if gone:
        lines.append(f"Besides, no longer in the sheet: {counted(len(gone), 'row')} of earlier runs")
    lines.append(f"Money: {_money_line(money, simulated=simulated)}")
    return Outcome(exit=Exit.DONE, facts=facts, text="\n".join([*lines, f"Next: {next_command}"]))


def _money_line(money: Money, *, simulated: bool) -> str:
    if simulated:
        return f"a real run would have cost {dollars(money.spent)}"
    return f"{dollars(money.settled)} settled, {dollars(money.reserved)} reserved"


def _money(job: Job) -> dict[str, object]:
    with reading_ledger(job) as queries:
        return money_facts(job, queries)


def _ways_back(path: Path, job: Job, results: list[Result]) -> Mapping[str, str]:
    with reading_ledger(job) as queries:
        return {} if queries is None else ways_back(path, job, queries, results)


def _next(path: Path, job: Job, accounts: list[Account], back: Mapping[str, str]) -> str:
    """Rows to be mended come first, then those that an audit looks for."""
    if any(_is_to_mend(account, back) for account in accounts):
        return failed_rows_of(path, job)
    if back:
        return command_for(path, verb="audit", simulated=job.simulated)
    done = (Status.SUCCEEDED, Status.CANCELLED)
    is_open = any(account.result is not None and account.word not in done for account in accounts)
    return command_for(path, verb="run" if is_open else "plan", simulated=job.simulated)


def _is_to_mend(account: Account, back: Mapping[str, str]) -> bool:
    failed = account.result if account.word is Status.FAILED else None
    return account.invalid or (failed is not None and failed.row_id not in back)


def _read(job: Job) -> tuple[Sheet, Plan, dict[str, Result], Money]:
    """The sheet as it is now, how its rows stand, and what was spent. Raises ``InvalidInput`` for a sheet that
    cannot be read."""
    sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    built = build_rows(job, sheet)
    with reading_ledger(job) as queries:
        if queries is None:
            return sheet, make_plan(job, built, known_entries(job, queries)), {}, Money(settled=0, reserved=0)
        results = shown_results(job, queries)
        plan = make_plan(job, without_refused(built, results, queries.refused(job.name)), known_entries(job, queries))
        return sheet, plan, results, queries.money(job.name)
