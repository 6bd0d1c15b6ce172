"""One run under way: it holds the job, does the work, writes the sheet and says what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from batchgen.cli.approving import next_run
from batchgen.cli.attention import ways_back
from batchgen.cli.choosing import (
    choice_facts,
    held_back_notes,
    name_of,
    unsent_of,
)
from batchgen.cli.commands import cap_words, command_for
from batchgen.cli.durations import in_words
from batchgen.cli.ending import ending_problems, exit_after, raised_cap, report_problems, rows_to_decide, sent_next_time
from batchgen.cli.exits import Exit
from batchgen.cli.mending import failed_rows_of
from batchgen.cli.money import money_facts
from batchgen.cli.output import Outcome, Output
from batchgen.cli.progress import Show, shown_progress
from batchgen.cli.rerendering import ALL
from batchgen.cli.rows import typed_row
from batchgen.cli.run_options import RunOptions
from batchgen.cli.same_account import refuse_other_account
from batchgen.cli.sealing import OpenedPlan
from batchgen.cli.signals import drain_on_signals
from batchgen.cli.telling import oldest_renders, summary_text
from batchgen.cli.world import Endpoint, place_of
from batchgen.errors import BatchgenError, SheetNotWritten
from batchgen.job import Job
from batchgen.ledger import (
    Ledger,
    Owner,
    Queries,
    Refusal,
    Result,
    Run,
    Status,
    begin_run,
    end_run,
    join_budget,
    listen_for_holder,
    record,
    remember_kinds,
    rename_rows,
)
from batchgen.plan import Plan, make_plan
from batchgen.report import Reported, remember_renamed, results_file, shown_results, summarize, write_report
from batchgen.runner import BudgetStop, Callbacks, RunResult, Stop, StopLevel, work_through
from batchgen.video_api import FileHost, VideoApi

SPARE_CONNECTIONS = 8  # for polling and settling beside the creates


@dataclass(frozen=True)
class Session:
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
            # Once more: another run may have ordered rows while a person was asked whether to send.
            under_way = self.queries.accounts_under_way(self.job.name)
            refuse_other_account(self.options.path, under_way, self.ledger.account)
            join_budget(self.ledger, run, self.job.budget.shared)
            remember_kinds(self.ledger, self.plan.kinds)
            remember_renamed(self.job, self.plan.renamed)  # first: renaming in the ledger ends the need for it
            rename_rows(self.ledger, run, self.plan.renamed)
            record(self.ledger, run, self.plan.requests(), rerender=self.plan.rerendered)
            with self._listening(provider) as callback_url, shown_progress(self.output) as show:
                result = asyncio.run(self._work(run, provider, show, callback_url))
        except BaseException as error:
            with suppress(BatchgenError):  # what broke the run is told, not what broke after it
                end_run(self.ledger, run, {"ending": type(error).__name__} | self._left_out())
                self._report()
            raise
        end_run(self.ledger, run, {"ending": result.ending, "reason": result.reason} | self._left_out())
        return self._outcome(run, result)

    def _begin(self) -> Run:
        """Take the job; with a sealed plan that was not used meanwhile, when there is one."""
        listen_for_holder(self.ledger, self.job.name, self.output.say)
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
                    kinds=self.plan.kinds,
                )

    def _left_out(self) -> dict[str, Any]:
        """What the ledger keeps of rows that this run did not take: those gone from the sheet, and those refused."""
        refused = {row_id: (each.fingerprint, each.reason) for row_id, each in self._refused().items()}
        return {"gone": list(self.plan.gone), "refused": refused}

    def _refused(self) -> dict[str, Refusal]:
        """What this run's checks refused, and what those of earlier runs did, as far as this run did not send it."""
        before, sent = self.queries.refused(self.job.name), {planned.row.id for planned in self.plan.to_send}
        return {row_id: each for row_id, each in before.items() if row_id not in sent} | dict(self.plan.refused)

    async def _checkpoint(self) -> None:
        await asyncio.to_thread(self._report)

    def _report(self) -> Reported | SheetNotWritten:
        """Write the sheet; what could not be written is told, and stays in the ledger."""
        try:
            return write_report(self.job, shown_results(self.job, self.queries), self._refused())
        except SheetNotWritten as error:
            self.output.warn(f"Results were not written into the sheet: {error}")
            return error

    def _outcome(self, run: Run, result: RunResult) -> Outcome:
        report = self._report()
        notes = (f"Stopped: {result.reason}.",) if result.reason and result.account_problem is None else ()
        results = self.queries.results(self.job.name)
        to_decide = rows_to_decide(result, self.queries.attempts(self.job.name))
        decide = {row: self._resolve(row, number) for row, number in to_decide.items()}
        back = ways_back(self.options.path, self.job, self.queries, results.values())
        later = sent_next_time(self.plan, results)
        summary = summarize(
            self.plan,
            results,
            self.queries.money(self.job.name),
            run=run.id,
            problems=(
                *ending_problems(result, next(iter(decide.values()), ""), sent_next_time=later),
                *report_problems(report),
            ),
            notes=(*notes, *oldest_renders(results.values(), time.time()), *held_back_notes(self.plan)),
            decide=decide | back,
        )
        code = exit_after(summary, result, report, sent_next_time=later)
        summary = summary.with_next(self._next(code, decide, result.budget_stop, to_mend=self._to_mend(results, back)))
        sheet = report.path if isinstance(report, Reported) else results_file(self.job)
        text = summary_text(self.job, summary, sheet=sheet)
        some_rows = self.options.choice.is_of_some_rows or bool(self.plan.waiting)
        facts = summary.facts() | choice_facts(self.plan, is_sample=some_rows)
        facts |= money_facts(self.job, self.queries)
        facts |= {"results": str(sheet)} if sheet else {}
        return Outcome(exit=code, facts=facts, text=text, notes=summary.notes)

    def _next(self, code: Exit, decide: Mapping[str, str], budget_stop: BudgetStop | None, *, to_mend: bool) -> str:
        if budget_stop is not None:
            more = [*unsent_of(self.plan, self.options.choice, self._pending()), "--max-usd", raised_cap(budget_stop)]
            return command_for(self.options.path, simulated=self.job.simulated, more=more)
        if code is Exit.IN_DOUBT:
            return next(iter(decide.values()))
        if code is Exit.ROWS_FAILED and to_mend:
            return failed_rows_of(self.options.path, self.job)
        if code is Exit.ROWS_FAILED:
            return command_for(self.options.path, verb="audit", simulated=self.job.simulated)
        if code is Exit.DONE and self.plan.waiting:
            return self._after_sample()
        if code is Exit.DONE:
            return command_for(self.options.path, verb="status", simulated=self.job.simulated)
        return command_for(self.options.path, simulated=self.job.simulated, more=[*self._rest(code), *self._cap()])

    def _rest(self, code: Exit) -> list[str]:
        """The options of a run that ends what this one began, and sends nothing that it was not to send."""
        if not self.plan.waiting:
            return []
        if code is not Exit.UNDER_WAY and (pending := self._pending()):
            return unsent_of(self.plan, self.options.choice, pending)
        rows = ",".join(name_of(planned.row) for planned in self.plan.to_send)
        return ["--rows", rows] if rows else []

    def _cap(self) -> list[str]:
        """The option that repeats the cap of this run, where it is not the job's own."""
        return cap_words(self.sealed.own_max_usd if self.sealed else self.options.max_usd)

    def _to_mend(self, results: Mapping[str, Result], back: Collection[str]) -> bool:
        """Whether any row is to be mended: all but those whose video may be at the provider after all (``back``)."""
        rows = (results[planned.row.id] for planned in self.plan.rows if planned.row.id in results)
        failed = any(row.status is Status.FAILED and row.row_id not in back for row in rows)
        return failed or bool(self.plan.built.invalid)

    def _pending(self) -> set[str]:
        known = self.queries.known(self.job.name)
        sent = (planned.row.id for planned in self.plan.to_send)
        return {row_id for row_id in sent if known[row_id].status is Status.PENDING}

    def _after_sample(self) -> str:
        """Look and approve, where that is asked for; then go on with the rows that wait."""
        after = make_plan(self.job, self.plan.built, self.queries.known(self.job.name), rerender=self.plan.rerender)
        more = [*(["--rerender", ALL] if ALL in self.options.choice.rerender else []), *self._cap()]
        return next_run(after, self.options.path, more=more)

    def _resolve(self, row_id: str, number: int) -> str:
        row = typed_row(row_id, number)
        return command_for(self.options.path, verb="resolve", simulated=self.job.simulated, more=[row])
