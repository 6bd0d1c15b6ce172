"""One run from start to stop: submit, poll, download and settle side by side on one event loop."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from batchgen.errors import LedgerError
from batchgen.job import Job
from batchgen.ledger import Ledger, Run, Status, apply_wishes, heartbeat, heed_arrivals, is_listened_to
from batchgen.media import LocalFile
from batchgen.price import NO_KINDS, Kinds
from batchgen.runner.budget import BudgetStop, spent_up
from batchgen.runner.download import download_videos
from batchgen.runner.group_writer import GroupWriter
from batchgen.runner.more_files import fetch_lacking, left_lacking, look_for_lacking
from batchgen.runner.pacing import Throttle
from batchgen.runner.poll import poll_renders
from batchgen.runner.reconcile import settle_doubts
from batchgen.runner.submit import submit_rows
from batchgen.runner.upload import upload_media
from batchgen.runner.uploads import Uploads
from batchgen.runner.work import Left, Stop, StopLevel, Work, wait
from batchgen.video_api import AccountProblem, FileHost, VideoApi

DRAIN_ANSWERS_S = 120.0
DRAIN_FILES_S = 10.0
LOOK_EVERY_S = 0.5
BEATS_PER_LEASE = 4
HEED_EVERY_S = 1.0
REPORT_REST = 10  # writing the sheet takes at most a tenth of the time


class Ending(StrEnum):
    """Why a run ended."""

    DONE = "done"  # nothing is left that this run could do
    STOPPED = "stopped"  # somebody, a time limit or a dead network stopped it
    ACCOUNT = "account"  # the provider will not take more from this account
    BUDGET = "budget"  # what is left of the budget is too little for the rows that wait


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How a run ended. ``open_rows`` are not final yet; ``left`` maps entries that it gave up on for now.

    ``trouble``: why the provider could not be reached at the end. ``budget_stop``: the rows that the cap held back.
    """

    ending: Ending
    reason: str
    account_problem: AccountProblem | None
    open_rows: int
    left: Mapping[int, Left]
    trouble: str = ""
    budget_stop: BudgetStop | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A glance at a run: its rows by status, seconds since it began, and what was final already then.

    ``trouble``: why nothing gets through to the provider right now. ``uploaded``: files that this run has uploaded,
    ``uploading``: those under way; ``sent_bytes``: of all of them. ``lacking``: succeeded rows that still lack files.
    """

    counts: Mapping[Status, int]
    elapsed_s: float
    done_before: int
    trouble: str = ""
    uploaded: int = 0
    uploading: int = 0
    sent_bytes: int = 0
    lacking: int = 0


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """What a run tells the outside: how it stands, and that results are worth writing into the sheet."""

    on_progress: Callable[[Progress], None]
    on_checkpoint: Callable[[], Awaitable[None]]


async def work_through(
    job: Job,
    ledger: Ledger,
    run: Run,
    *,
    api: VideoApi,
    files: FileHost,
    stop: Stop,
    callbacks: Callbacks,
    callback_url: str | None = None,
    media: Mapping[str, LocalFile] | None = None,
    kinds: Kinds = NO_KINDS,
    clock: Callable[[], float] = time.time,
    rng: random.Random | None = None,
) -> RunResult:
    """Work until every row that this run may touch is settled, or until ``stop``.

    ``media``: the local files that rows name, by the sha256 that stands for each in its request. ``kinds``: what the
    provider said of looks; what a video cost goes by it.
    What the ledger says is right at every moment, however this ends: killed, cancelled or with an exception.
    ``callback_url`` goes into every request that names none: whoever listens there makes the run look sooner.
    """
    rng = rng or random.Random()  # noqa: S311  # jitter
    work = Work(
        job=job,
        run=run,
        ledger=ledger,
        api=api,
        files=files,
        throttle=Throttle(job.pacing, clock=asyncio.get_running_loop().time, rng=rng),
        stop=stop,
        clock=clock,
        rng=rng,
        writer=GroupWriter(ledger, run),
        callback_url=callback_url,
        uploads=Uploads(files=media or {}),
        kinds=kinds,
    )
    work.messages.is_listened_to = is_listened_to(ledger, run.job)
    stop.listen(work.wake)
    apply_wishes(ledger, run, busy=frozenset())  # what a command could only write down before it was killed
    look_for_lacking(work)
    collecting = [poll_renders(work), download_videos(work), fetch_lacking(work)]
    parts = [upload_media(work), submit_rows(work), settle_doubts(work), *collecting]
    minders = [_keep_lease(work), _heed(work), _report_now_and_then(work, callbacks)]
    tasks = [asyncio.ensure_future(part) for part in (*parts, *minders)]
    try:
        await _until_settled(work, tasks, callbacks)
        asked_to_stop = stop.level > StopLevel.NO
        await _drain(work)
        apply_wishes(ledger, run, busy=frozenset(work.in_hand))  # what was asked for in the last moment
    finally:
        stop.ask(StopLevel.NOW, "")  # also when an exception came this way: no part goes on by itself
        await _end([*tasks, *work.sends, *work.fetches, *work.uploads.tasks])
        # What came in the last moment, though nobody waits for it any more.
        work.failure = work.failure or work.writer.flush()
    if work.failure is not None:
        raise work.failure
    budget_stop = spent_up(work)
    return RunResult(
        ending=_ending(work, budget_stop, asked_to_stop=asked_to_stop),
        reason=stop.reason,
        account_problem=work.account_problem,
        open_rows=sum(ledger.open_work(run).values()),
        left=work.left | left_lacking(work),
        trouble=work.trouble,
        budget_stop=budget_stop,
    )


def _ending(work: Work, budget_stop: BudgetStop | None, *, asked_to_stop: bool) -> Ending:
    if work.account_problem is not None:
        return Ending.ACCOUNT
    if budget_stop is not None:
        return Ending.BUDGET
    return Ending.STOPPED if asked_to_stop else Ending.DONE


async def _until_settled(work: Work, tasks: list[asyncio.Task[None]], callbacks: Callbacks) -> None:
    waker, began = work.waker(), time.monotonic()
    done_before = _final(work.ledger.progress(work.run))
    while not work.over:
        for task in tasks:
            if task.done() and not task.cancelled() and task.exception() is not None:
                work.fail(task.exception())
        counts = work.ledger.progress(work.run)
        elapsed_s = time.monotonic() - began
        callbacks.on_progress(
            Progress(
                counts=counts,
                elapsed_s=elapsed_s,
                done_before=done_before,
                trouble=work.trouble,
                uploaded=work.uploads.done,
                uploading=len(work.uploads.under_way),
                sent_bytes=work.uploads.sent_bytes,
                lacking=len(work.lacking),
            )
        )
        if not work.in_hand and not work.uploads.tasks and not work.lacking and _settled(work):
            return
        await wait(waker, LOOK_EVERY_S)


def _final(counts: Mapping[Status, int]) -> int:
    return sum(count for status, count in counts.items() if status.final)


def _settled(work: Work) -> bool:
    """Whether nothing is open that this run could still settle."""
    beyond_reach = set[Status]()
    if work.submitting_is_over or spent_up(work):
        beyond_reach.add(Status.PENDING)
    if work.account_problem is not None:
        beyond_reach.add(Status.IN_DOUBT)
    open_work = work.ledger.open_work(work.run)
    return all(status in beyond_reach or count <= work.left_in(status) for status, count in open_work.items())


async def _drain(work: Work) -> None:
    """Let the answers of creates that went out arrive, and files finish; no longer than promised.

    A run that broke off waits for its answers, too, unless it cannot write them down.
    """
    work.stop.ask(StopLevel.DRAIN, "")
    loop = asyncio.get_running_loop()
    began = loop.time()
    while work.stop.level < StopLevel.NOW and not isinstance(work.failure, LedgerError):
        drained_s = loop.time() - began
        waiting = set(work.sends) if drained_s < DRAIN_ANSWERS_S else set()
        if drained_s < DRAIN_FILES_S and work.failure is None:
            waiting |= work.fetches | work.uploads.tasks
        if not waiting:
            return
        await asyncio.wait(waiting, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_lease(work: Work) -> None:
    while True:
        await asyncio.sleep(work.run.lease_s / BEATS_PER_LEASE)
        heartbeat(work.ledger, work.run)


async def _heed(work: Work) -> None:
    """Apply what people asked for while the run is at work (retry, cancel, resolve), and what the provider told."""
    while True:
        busy = frozenset(work.in_hand)
        with work.ledger.transaction():
            wishes = apply_wishes(work.ledger, work.run, busy=busy)
            told = heed_arrivals(work.ledger, work.run, busy=busy)
            work.messages.is_listened_to = is_listened_to(work.ledger, work.run.job)
        if done := [settled.entry_id for settled in wishes if settled.done]:
            work.take_up(done)
        if told:
            work.messages.came()
            work.told |= told
        if wishes or told:
            work.wake()
        await asyncio.sleep(HEED_EVERY_S)


async def _report_now_and_then(work: Work, callbacks: Callbacks) -> None:
    """Write the sheet when something happened since the last time; a slow sheet is written more rarely."""
    wait_s, reported = work.job.output.report_every_s, work.ledger.progress(work.run)
    while True:
        await asyncio.sleep(wait_s)
        if (standing := work.ledger.progress(work.run)) == reported:
            continue
        began = time.monotonic()
        await callbacks.on_checkpoint()
        took_s = time.monotonic() - began
        wait_s, reported = max(work.job.output.report_every_s, REPORT_REST * took_s), standing
