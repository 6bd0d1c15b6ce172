"""What ``batchgen run`` does: read, plan, ask, work, report."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import typer

from batchgen.cli.approving import next_run, refuse_unapproved
from batchgen.cli.checking import checked_for_run
from batchgen.cli.choosing import (
    Choice,
    choice_facts,
    chosen_plan,
    held_back_notes,
    name_of,
    refuse_contradictions,
)
from batchgen.cli.commands import command_for, failed_rows_of
from batchgen.cli.durations import in_words
from batchgen.cli.ending import ending_problems, exit_after, raised_cap, report_problems, rows_to_decide
from batchgen.cli.exits import Exit
from batchgen.cli.learning import learnt_lengths, with_kinds, with_known_kinds
from batchgen.cli.link_checking import links_checked_for_run
from batchgen.cli.money import money_facts
from batchgen.cli.output import Outcome, Output
from batchgen.cli.progress import Show, shown_progress
from batchgen.cli.reading import built_rows, refuse_invalid_job
from batchgen.cli.refusing import refuse_forgotten, refuse_lookalikes
from batchgen.cli.rerendering import kept_all_the_same, rerender_of
from batchgen.cli.rows import typed_row
from batchgen.cli.sealing import OpenedPlan
from batchgen.cli.signals import drain_on_signals
from batchgen.cli.telling import costs_line, counted, oldest_renders, summary_text, tell_plan
from batchgen.cli.world import (
    Endpoint,
    cap_of,
    endpoint,
    job_in_world,
    known_entries,
    known_videos,
    open_ledger,
    place_of,
    refuse_real_only,
    with_cap,
)
from batchgen.errors import BatchgenError, Problem, RowsInvalid, SheetNotWritten, UsageError
from batchgen.job import Job
from batchgen.ledger import (
    Ledger,
    Owner,
    Queries,
    Run,
    begin_run,
    end_run,
    join_budget,
    record,
    remember_kinds,
    rename_rows,
)
from batchgen.plan import Plan, make_plan
from batchgen.report import Reported, remember_renamed, results_file, shown_results, summarize, write_report
from batchgen.runner import BudgetStop, Callbacks, RunResult, Stop, StopLevel, work_through
from batchgen.video_api import FileHost, VideoApi

SPARE_CONNECTIONS = 8  # for polling and settling beside the creates


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of ``batchgen run``."""

    path: Path
    simulate: bool
    yes: bool
    skip_invalid: bool
    time_limit_s: float | None
    clock_speed: float | None
    faults: Path | None
    static: bool
    choice: Choice
    plan: Path | None
    allow_new: bool
    max_usd: float | None
    listen: bool
    public_url: str | None
    host: str | None
    port: int | None
    refresh: bool
    check_links: bool


def run_job(options: RunOptions, output: Output) -> Outcome:
    """Run a job from its file to the filled-in sheet. Raises ``BatchgenError`` for whatever stops it."""
    own_job = _job(options, output)
    output.job = own_job.name
    sealed = None if options.plan is None else OpenedPlan.read(options.plan, own_job, options.path)
    job = with_cap(own_job, sealed.max_usd if sealed else options.max_usd)
    plan = _chosen_plan(job, sealed, options, output)
    tell_plan(plan, output)
    if sealed is not None:
        sealed.refuse_stale(plan)
    refuse_unapproved(plan, options.path)
    _refuse_doubtful_rows(plan, options)
    refuse_unpriced(plan)
    _refuse_unwritable(job.output.folder)
    _refuse_unasked(plan, options)
    with endpoint(job, faults=options.faults, static=options.static) as provider, open_ledger(job) as ledger:
        told = costs_line(plan)
        plan = checked_for_run(plan, provider, output, refresh=options.refresh, skip_invalid=options.skip_invalid)
        if options.check_links:
            plan = links_checked_for_run(plan, output, skip_invalid=options.skip_invalid)
        if plan.to_send and costs_line(plan) != told:
            output.say(costs_line(plan))
        _ask(plan, options)
        return _Session(plan.job, plan, sealed, ledger, Queries(ledger.engine), options, output).carry_out(provider)


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
    return job_in_world(options.path, simulated=options.simulate, clock_speed=options.clock_speed)


def _refuse_what_the_plan_says(options: RunOptions) -> None:
    """A sealed plan says what is sent; nothing on the command line may say it again, or otherwise."""
    if options.plan is None:
        return
    more = {"--max-usd": options.max_usd is not None, "--skip-invalid": options.skip_invalid}
    given = [*options.choice.options(), *(name for name, is_given in more.items() if is_given)]
    if given:
        raise UsageError(f"--plan says what is sent: leave out {' and '.join(given)}, or make a plan with them.")


def _chosen_plan(job: Job, sealed: OpenedPlan | None, options: RunOptions, output: Output) -> Plan:
    """The plan of the rows that are wanted: those of the sealed plan, those that were typed, or all."""
    built = built_rows(job, output, skip_invalid=options.skip_invalid)
    rerender = sealed.rerender if sealed else rerender_of(options.choice.rerender, built)
    cap, calibration = cap_of(job), learnt_lengths(job)
    job = with_kinds(job, sealed.kinds) if sealed else with_known_kinds(job)
    plan = make_plan(job, built, known_entries(job), rerender=rerender, cap=cap, calibration=calibration)
    if sealed is not None:
        return plan.sending_only(sealed.sends)
    plan = chosen_plan(plan, options.choice, output)
    for line in kept_all_the_same(plan):
        output.warn(line)
    return plan


def _refuse_doubtful_rows(plan: Plan, options: RunOptions) -> None:
    if options.allow_new:
        return
    refuse_lookalikes(plan)
    audit = command_for(options.path, verb="audit", simulated=plan.job.simulated)
    refuse_forgotten(plan, known_videos(plan.job), audit=audit)


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


@dataclass(frozen=True)
class _Session:
    """One run of one job, from taking the lease to the last word."""

    job: Job
    plan: Plan
    sealed: OpenedPlan | None
    ledger: Ledger
    queries: Queries
    options: RunOptions
    output: Output

    def carry_out(self, provider: Endpoint) -> Outcome:
        run = self._begin()
        try:
            join_budget(self.ledger, run, self.job.budget.shared)
            remember_kinds(self.ledger, self.plan.job.prices.kinds)
            remember_renamed(self.job, self.plan.renamed)  # first: renaming in the ledger ends the need for it
            rename_rows(self.ledger, run, self.plan.renamed)
            record(self.ledger, run, self.plan.requests(), rerender=self.plan.rerendered)
            with self._listening(provider) as callback_url, shown_progress(self.output) as show:
                result = asyncio.run(self._work(run, provider, show, callback_url))
        except BaseException as error:
            with suppress(BatchgenError):  # what broke the run is told, not what broke after it
                end_run(self.ledger, run, {"ending": type(error).__name__, "gone": list(self.plan.gone)})
                self._report()
            raise
        ending = {"ending": result.ending, "reason": result.reason, "gone": list(self.plan.gone)}
        end_run(self.ledger, run, ending)
        return self._outcome(run, result)

    def _begin(self) -> Run:
        """Take the job; with a sealed plan that was not used meanwhile, when there is one."""
        if self.sealed is not None:
            return self.sealed.begin(self.ledger)
        return begin_run(self.ledger, self.job.name, Owner.this_process(), place=place_of(self.job))

    @contextmanager
    def _listening(self, provider: Endpoint) -> Iterator[str | None]:
        """Receive the provider's messages, where that is wanted; the callback address for the run's requests."""
        options, webhooks = self.options, self.job.webhooks
        if not options.listen and webhooks.mode != "callback":
            yield None
            return
        from batchgen.cli.listening import Where, callback_of, listening_run  # the server's libraries load in 0.1 s

        where = Where(public_url=options.public_url, host=options.host, port=options.port)
        if options.listen:
            with listening_run(self.job, provider, where, self.output) as callback_url:
                yield callback_url
        else:
            yield None if self.job.simulated else callback_of(self.job, where.over(webhooks).public_url)

    async def _work(self, run: Run, provider: Endpoint, show: Show, callback_url: str | None) -> RunResult:
        pacing, stop = self.job.pacing, Stop()
        api = VideoApi(
            base_url=provider.base_url,
            key=provider.key,
            connections=pacing.concurrency + SPARE_CONNECTIONS,
            create_timeout_s=pacing.create_timeout_s,
            read_timeout_s=pacing.read_timeout_s,
        )
        files = FileHost(
            base_url=provider.base_url, connections=pacing.downloads, stall_timeout_s=pacing.read_timeout_s
        )
        if (limit_s := self.options.time_limit_s) is not None:
            reason = f"the time limit of {in_words(limit_s)} is over"
            asyncio.get_running_loop().call_later(limit_s, stop.ask, StopLevel.DRAIN, reason)
        async with api, files:
            with drain_on_signals(stop, self.output):
                return await work_through(
                    self.job,
                    self.ledger,
                    run,
                    api=api,
                    files=files,
                    stop=stop,
                    callbacks=Callbacks(on_progress=show, on_checkpoint=self._checkpoint),
                    callback_url=callback_url,
                    media=self.plan.built.media,
                )

    async def _checkpoint(self) -> None:
        await asyncio.to_thread(self._report)

    def _report(self) -> Reported | SheetNotWritten:
        """Write the sheet; what could not be written is told, and stays in the ledger."""
        try:
            return write_report(self.job, shown_results(self.job, self.queries))
        except SheetNotWritten as error:
            self.output.warn(f"Results were not written into the sheet: {error}")
            return error

    def _outcome(self, run: Run, result: RunResult) -> Outcome:
        report = self._report()
        notes = (f"Stopped: {result.reason}.",) if result.reason and result.account_problem is None else ()
        results = self.queries.results(self.job.name)
        to_decide = rows_to_decide(result, self.queries.attempts(self.job.name))
        decide = {row: self._resolve(row, number) for row, number in to_decide.items()}
        summary = summarize(
            self.plan,
            results,
            self.queries.money(self.job.name),
            run=run.id,
            problems=(*ending_problems(result, next(iter(decide.values()), "")), *report_problems(report)),
            notes=(*notes, *oldest_renders(results.values(), time.time()), *held_back_notes(self.plan)),
            decide=decide,
        )
        code = exit_after(summary, result, report)
        summary = summary.with_next(self._next(code, decide, result.budget_stop))
        sheet = report.path if isinstance(report, Reported) else results_file(self.job)
        text = summary_text(self.job, summary, sheet=sheet)
        some_rows = self.options.choice.is_of_some_rows or bool(self.plan.waiting)
        facts = summary.facts() | choice_facts(self.plan, is_sample=some_rows)
        facts |= money_facts(self.job, self.queries)
        facts |= {"results": str(sheet)} if sheet else {}
        return Outcome(exit=code, facts=facts, text=text, notes=summary.notes)

    def _next(self, code: Exit, decide: Mapping[str, str], budget_stop: BudgetStop | None) -> str:
        if budget_stop is not None:
            return command_for(
                self.options.path, simulated=self.job.simulated, more=["--max-usd", raised_cap(budget_stop)]
            )
        if code is Exit.IN_DOUBT:
            return next(iter(decide.values()))
        if code is Exit.ROWS_FAILED:
            return failed_rows_of(self.options.path, simulated=self.job.simulated)
        if code in (Exit.DONE, Exit.UNDER_WAY) and self.plan.waiting:
            return self._next_of_sample(code)
        verb = "status" if code is Exit.DONE else "run"
        return command_for(self.options.path, verb=verb, simulated=self.job.simulated)

    def _next_of_sample(self, code: Exit) -> str:
        """Finish the sample; then look and approve, where that is asked for; then go on with the rows that wait."""
        if code is Exit.UNDER_WAY:
            rows = ",".join(name_of(planned.row) for planned in self.plan.to_send)
            return command_for(self.options.path, simulated=self.job.simulated, more=["--rows", rows] if rows else [])
        after = make_plan(self.job, self.plan.built, self.queries.known(self.job.name), rerender=self.plan.rerender)
        return next_run(after, self.options.path)

    def _resolve(self, row_id: str, number: int) -> str:
        row = typed_row(row_id, number)
        return command_for(self.options.path, verb="resolve", simulated=self.job.simulated, more=[row])
