"""What ``batchgen plan`` shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from batchgen.cli.approving import next_run
from batchgen.cli.checking import checked_plan
from batchgen.cli.choosing import Choice, choice_facts, chosen_plan, held_back_notes, refuse_contradictions
from batchgen.cli.commands import command_for
from batchgen.cli.exits import Exit
from batchgen.cli.learning import learnt_lengths
from batchgen.cli.output import Outcome, Output
from batchgen.cli.policies import policies, policy_lines
from batchgen.cli.reading import fetch_if_linked, refuse_invalid_job, refuse_unfetched, rows_of
from batchgen.cli.rerendering import kept_all_the_same, rerender_of
from batchgen.cli.rows import short_id
from batchgen.cli.sealing import refuse_no_place, save_plan
from batchgen.cli.telling import budget_facts, counted, plan_lines
from batchgen.cli.world import cap_of, job_in_world, known_entries, with_cap
from batchgen.job import Job
from batchgen.plan import Plan, PlannedRow, make_plan
from batchgen.report import gone_rows, usd

MOST_ROWS_SHOWN = 40
EXCERPT = 60


def planned(
    path: Path,
    output: Output,
    *,
    simulated: bool,
    offline: bool,
    refresh: bool,
    max_usd: float | None,
    choice: Choice,
    sealed: Path | None,
) -> Outcome:
    """The plan of a job, also when rows are invalid: then with exit code 2 and every problem.

    ``offline``: a sheet behind a link is taken as it was fetched last, and the provider is not asked.
    ``refresh``: what it said within the last hour does not count.
    """
    if sealed is not None:
        refuse_no_place(sealed)
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
        plan = checked_plan(plan, output, refresh=refresh)
    built = plan.built
    if built.problem_count:
        output.problems(built.problems, count=built.problem_count)
    code = Exit.INVALID if built.problem_count else Exit.DONE
    next_command = _next(plan, path, choice, sealed)
    lines = [*_row_lines(plan), *plan_lines(plan), *policy_lines(plan.job), *held_back_notes(plan)]
    facts = _facts(plan, next_command) | choice_facts(plan, is_sample=choice.is_of_some_rows)
    if sealed is not None:
        lines.append(_sealed(plan, own_job, sealed, facts))
    text = "\n".join([*lines, f"Next: {next_command}"])
    return Outcome(exit=code, facts=facts, text=text)


def _chosen(job: Job, choice: Choice, output: Output) -> Plan:
    """The plan of the rows that are wanted."""
    built = rows_of(job, output)
    rerender = rerender_of(choice.rerender, built)
    cap, calibration = cap_of(job), learnt_lengths(job)
    plan = make_plan(job, built, known_entries(job), rerender=rerender, cap=cap, calibration=calibration)
    plan = chosen_plan(plan, choice, output)
    for line in kept_all_the_same(plan):
        output.warn(line)
    return plan


def _sealed(plan: Plan, own_job: Job, file: Path, facts: dict[str, object]) -> str:
    """Seal the plan; one with invalid rows could not be carried out."""
    facts["saved"] = None
    if plan.built.problem_count:
        return f"Not sealed: {file}. Mend the rows first."
    save_plan(plan, own_job, file)
    facts["saved"] = str(file)
    return f"Sealed: {file}, good for one run"


def _next(plan: Plan, path: Path, choice: Choice, sealed: Path | None) -> str:
    """Mend the sheet, or look at a sample first, or run."""
    if plan.built.problem_count:
        return command_for(path, verb="plan", simulated=plan.job.simulated)
    more = ["--plan", str(sealed)] if sealed is not None else [*choice.words()]
    return next_run(plan, path, more=more)


def _facts(plan: Plan, next_command: str) -> dict[str, object]:
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
        "price_tables": plan.price_tables,
        "learnt_from": plan.learnt_from,
        "budget": budget_facts(plan.cap),
        "gone": list(gone_rows(plan.gone)),
        "policies": policies(plan.job),
        "next": next_command,
    }


def _row_lines(plan: Plan) -> Iterator[str]:
    for planned_row in plan.rows[:MOST_ROWS_SHOWN]:
        yield _row_line(planned_row)
    if len(plan.rows) > MOST_ROWS_SHOWN:
        yield f"… and {counted(len(plan.rows) - MOST_ROWS_SHOWN, 'row')} more"


def _row_line(planned_row: PlannedRow) -> str:
    row, costs = planned_row.row, planned_row.estimate
    money = f"{costs.seconds:.0f} s, about ${usd(costs.microusd):,.2f}" if costs else "no known price"
    payload = row.request.payload
    said = " ".join(str(payload.get("script") or payload.get("audio_url") or payload.get("audio_asset_id")).split())
    excerpt = said if len(said) <= EXCERPT else f"{said[:EXCERPT]}…"
    return f"Row {row.number} (id {short_id(row.id)}): {planned_row.word}, {money}: {excerpt}"
