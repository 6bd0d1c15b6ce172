"""What ``batchgen plan`` shows. What asks the provider is imported where it asks: its libraries load in 0.2 s."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from batchgen.cli.approving import next_run
from batchgen.cli.choosing import Choice, choice_facts, chosen_plan, held_back_notes, refuse_contradictions
from batchgen.cli.commands import cap_words
from batchgen.cli.exits import Exit
from batchgen.cli.learning import known_kinds, plan_by_ledger
from batchgen.cli.output import Outcome, Output
from batchgen.cli.plan_page import write_plan_page
from batchgen.cli.plan_table import draws_tables, rows_text, totals_lines
from batchgen.cli.plan_time import pace_of, time_facts, time_line
from batchgen.cli.policies import policies, policy_lines
from batchgen.cli.reading import fetch_if_linked, refuse_invalid_job, refuse_unfetched, rows_of
from batchgen.cli.rerendering import rerender_of
from batchgen.cli.sealing import refuse_no_place, save_plan
from batchgen.cli.telling import budget_facts, plan_lines
from batchgen.cli.uploads import to_upload
from batchgen.cli.world import job_in_world, reading_ledger, with_cap
from batchgen.job import Job
from batchgen.plan import Plan
from batchgen.report import RenderPace, gone_rows, refuse_not_ours, rows_as_json, totals_of, usd


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What of the plan is wanted: all rows, one row alone, a page for a person, the plan itself, sealed."""

    everything: bool
    row: str | None
    page: Path | None
    sealed: Path | None


def planned(
    path: Path,
    output: Output,
    *,
    simulated: bool,
    offline: bool,
    refresh: bool,
    check_links: bool,
    max_usd: float | None,
    choice: Choice,
    shown: Shown,
    again: str,
) -> Outcome:
    """The plan of a job, also when rows are invalid: then with exit code 2 and every problem.

    ``offline``: a sheet behind a link is taken as it was fetched last, and the provider is not asked.
    ``again``: the command as it was typed. ``refresh``: what it said within the last hour does not count.
    """
    _refuse_no_place(shown)
    refuse_contradictions(choice)
    refuse_invalid_job(path, output)
    own_job = job_in_world(path, simulated=simulated)
    job = with_cap(own_job, max_usd)
    output.job = job.name
    if offline:
        refuse_unfetched(job)
    else:
        fetch_if_linked(job)
    plan = _chosen(job, choice, output)
    if not offline:
        from batchgen.cli.checking import checked_plan

        plan = checked_plan(plan, output, refresh=refresh)
    if check_links and not offline:
        from batchgen.cli.link_checking import links_checked

        plan = links_checked(plan, output)
    built = plan.built
    if shown.row is not None:
        from batchgen.cli.plan_row import one_row

        return one_row(plan, shown.row, path, output)
    if built.problem_count:
        output.problems(built.problems, count=built.problem_count)
    code = Exit.INVALID if built.problem_count else Exit.DONE
    next_command = again if built.problem_count else _next(plan, path, choice, shown, max_usd)
    pace = pace_of(plan)
    lines = [*plan_lines(plan), *filter(None, [time_line(plan, pace)]), *policy_lines(plan.job), *held_back_notes(plan)]
    facts = _facts(plan, pace, next_command) | choice_facts(plan, is_sample=choice.is_of_some_rows)
    if shown.everything:
        facts["planned"] = orjson.Fragment(rows_as_json(plan))
    if shown.page is not None:
        write_plan_page(shown.page, plan, lines[1:], output)
        facts["page"] = str(shown.page)
        lines.append(f"Page: {shown.page}")
    if shown.sealed is not None:
        lines.append(_sealed(plan, own_job, shown.sealed, facts))
    text = "" if output.json else _text(plan, lines, next_command, shown)
    return Outcome(exit=code, facts=facts, text=text, is_drawn=draws_tables())


def _chosen(job: Job, choice: Choice, output: Output) -> Plan:
    """The plan of the rows that are wanted."""
    built = rows_of(job, output)
    rerender = rerender_of(choice.rerender, built)
    with reading_ledger(job) as queries:
        plan = plan_by_ledger(job, built, queries, rerender, known_kinds(queries))
    return chosen_plan(plan, choice, output)


def _refuse_no_place(shown: Shown) -> None:
    if shown.page is not None:
        refuse_not_ours(shown.page)
    if shown.sealed is not None:
        refuse_no_place(shown.sealed)


def _sealed(plan: Plan, own_job: Job, file: Path, facts: dict[str, object]) -> str:
    """Seal the plan; one with invalid rows could not be carried out."""
    facts["saved"] = None
    if plan.built.problem_count:
        return f"Not sealed: {file}. Mend the rows first."
    save_plan(plan, own_job, file)
    facts["saved"] = str(file)
    return f"Sealed: {file}, good for one run"


def _next(plan: Plan, path: Path, choice: Choice, shown: Shown, max_usd: float | None) -> str:
    """Look at a sample first, or run."""
    if shown.sealed is not None:
        return next_run(plan, path, more=["--plan", str(shown.sealed)])
    return next_run(plan, path, more=[*choice.words(), *cap_words(max_usd)])


def _text(plan: Plan, lines: list[str], next_command: str, shown: Shown) -> str:
    rows = rows_text(plan, everything=shown.everything)
    parts = [rows, *lines[:1], *totals_lines(totals_of(plan)), *lines[1:], f"Next: {next_command}"]
    return "\n".join(filter(None, parts))


def _facts(plan: Plan, pace: RenderPace | None, next_command: str) -> dict[str, object]:
    return {
        "job": plan.job.name,
        "run": None,
        "rows": plan.total_rows,
        "counts": plan.counts,
        "problems": [asdict(problem) for problem in plan.built.problems],
        "spent_usd": None,
        "to_send": len(plan.to_send),
        "estimate_usd": usd(plan.microusd),
        "estimate_low_usd": usd(plan.microusd_low),
        "estimate_high_usd": usd(plan.microusd_high),
        "totals": totals_of(plan).facts(),
        "time": time_facts(plan, pace),
        "price_tables": plan.price_tables,
        "learnt_from": plan.learnt_from,
        "budget": budget_facts(plan.cap),
        "uploads": to_upload(plan).facts,
        "gone": list(gone_rows(plan.gone)),
        "policies": policies(plan.job),
        "next": next_command,
    }
