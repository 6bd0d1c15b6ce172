"""What ``batchgen run`` does before anything is sent: read, plan, refuse, ask."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer

from batchgen.cli.approving import refuse_unapproved
from batchgen.cli.checking import catalogue_for, checked_for_run
from batchgen.cli.choosing import chosen_plan, refuse_contradictions
from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.learning import known_kinds, plan_by_ledger
from batchgen.cli.link_checking import links_checked_for_run
from batchgen.cli.output import Outcome, Output
from batchgen.cli.reading import built_rows, refuse_invalid_job
from batchgen.cli.refusing import refuse_doubtful, refuse_occupied
from batchgen.cli.rerendering import rerender_of
from batchgen.cli.run_options import RunOptions
from batchgen.cli.same_account import heed_account
from batchgen.cli.sealing import OpenedPlan
from batchgen.cli.session import Session
from batchgen.cli.telling import changed_costs_lines, tell_plan
from batchgen.cli.world import (
    endpoint,
    job_in_world,
    known_videos,
    open_ledger,
    reading_ledger,
    refuse_real_only,
    with_cap,
)
from batchgen.errors import Problem, RowsInvalid, UsageError
from batchgen.job import Job
from batchgen.ledger import Queries
from batchgen.plan import Plan


def run_job(options: RunOptions, output: Output) -> Outcome:
    """Run a job from its file to the filled-in sheet. Raises ``BatchgenError`` for whatever stops it."""
    own_job = _job(options, output)
    output.job = own_job.name
    sealed = None if options.plan is None else OpenedPlan.read(options.plan, own_job, options.path)
    job = with_cap(own_job, sealed.max_usd if sealed else options.max_usd)
    with reading_ledger(job) as queries:
        plan = _chosen_plan(job, queries, sealed, options, output)
        tell_plan(plan, output)
        if sealed is not None:
            sealed.refuse_stale(plan)
        refuse_unapproved(plan, options.path)
        _refuse_doubtful_rows(plan, queries, options)
    refuse_unpriced(plan)
    _refuse_unwritable(job.output.folder)
    _refuse_unasked(plan, options)
    with endpoint(job, faults=options.faults, static=options.static) as provider, open_ledger(job) as ledger:
        told = plan
        catalogue = catalogue_for(plan, provider, refresh=options.refresh) if plan.to_send else None
        heed_account(job, options.path, ledger, provider, catalogue)
        if catalogue is not None:
            plan = checked_for_run(plan, catalogue, output, skip_invalid=options.skip_invalid)
        if options.check_links:
            plan = links_checked_for_run(plan, output, skip_invalid=options.skip_invalid)
        for line in changed_costs_lines(told, plan):
            output.say(line)
        _ask(plan, options)
        return Session(plan.job, plan, sealed, ledger, Queries(ledger.engine), options, output).carry_out(provider)


def _job(options: RunOptions, output: Output) -> Job:
    only_simulated = {
        "--clock-speed": options.clock_speed is not None,
        "--faults": options.faults is not None,
        "--static": options.static,
    }
    refuse_real_only(simulate=options.simulate, options=only_simulated)
    refuse_contradictions(options.choice)
    _refuse_what_the_plan_says(options)
    refuse_invalid_job(options.path, output)
    job = job_in_world(options.path, simulated=options.simulate, clock_speed=options.clock_speed)
    if options.public_url is not None and not options.listen and job.webhooks.mode != "callback":
        raise UsageError("--public-url says where --listen is called: write --listen, too.", add="--listen")
    return job


def _refuse_what_the_plan_says(options: RunOptions) -> None:
    """A sealed plan says what is sent; nothing on the command line may say it again, or otherwise."""
    if options.plan is None:
        return
    more = {"--max-usd": options.max_usd is not None, "--skip-invalid": options.skip_invalid}
    given = [*options.choice.options(), *(name for name, is_given in more.items() if is_given)]
    if given:
        alone = command_for(options.path, simulated=options.simulate, more=["--plan", str(options.plan)])
        message = f"--plan says what is sent: leave out {' and '.join(given)}, or make a plan with them."
        raise UsageError(message, instead=alone)


def _chosen_plan(
    job: Job, queries: Queries | None, sealed: OpenedPlan | None, options: RunOptions, output: Output
) -> Plan:
    """The plan of the rows that are wanted: those of the sealed plan, those that were typed, or all."""
    built = built_rows(job, output, skip_invalid=options.skip_invalid)
    rerender = sealed.rerender if sealed else rerender_of(options.choice.rerender, built)
    plan = plan_by_ledger(job, built, queries, rerender, sealed.kinds if sealed else known_kinds(queries))
    return chosen_plan(plan, options.choice, output) if sealed is None else plan.sending_only(sealed.sends)


def _refuse_doubtful_rows(plan: Plan, queries: Queries | None, options: RunOptions) -> None:
    if options.allow_new:
        return
    audit = command_for(options.path, verb="audit", simulated=plan.job.simulated)
    refuse_doubtful(plan, known_videos(plan.job, queries), audit=audit)
    if queries is None or not queries.known(plan.job.name):
        refuse_occupied(plan.job)


def refuse_unpriced(plan: Plan) -> None:
    """A cap can only be kept for rows whose price is known."""
    if plan.cap is None or not plan.unpriced:
        return
    advice = Problem(
        message="There is a cap (max_usd), and for these rows no price is known; nothing was sent.",
        hint="Write what a second costs: usd_per_s below [price]. Or run without the cap.",
    )
    rows = [
        Problem(message="No price is known for this kind of video.", row=planned.row.number, id=planned.row.id)
        for planned in plan.unpriced
    ]
    raise RowsInvalid([advice, *rows])


def _refuse_unwritable(folder: Path) -> None:
    """Before money is spent, see that there will be a place for the videos."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise UsageError(
            f"Nothing was sent: {there} is a file, but the videos need a folder there. Rename one of them."
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"Nothing was sent: the videos cannot be written into {there}. Give yourself permission.")


def _needs_yes(plan: Plan, options: RunOptions) -> bool:
    """Whether the run would spend real money, and nobody said yes to that yet; a sealed plan is a yes."""
    return not plan.job.simulated and not options.yes and options.plan is None and bool(plan.to_send)


def _refuse_unasked(plan: Plan, options: RunOptions) -> None:
    """Where nobody can be asked, the yes has to be there from the beginning."""
    if _needs_yes(plan, options) and not sys.stdin.isatty():
        raise UsageError("Nothing was sent: a run that spends money needs --yes when nobody can be asked.", add="--yes")


def _ask(plan: Plan, options: RunOptions) -> None:
    """A real run that would spend money needs a yes."""
    videos = counted(len(plan.to_send), "video")
    if _needs_yes(plan, options) and not typer.confirm(f"Create {videos}?", err=True):
        raise UsageError("Nothing was sent.")
