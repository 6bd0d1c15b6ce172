"""Polling: which renders are done. Waiting is not failing: a slow render is looked at again, ever less often."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from functools import partial
from typing import Any

from batchgen.errors import ApiError, ApiRefused, ApiThrottled, ApiUnavailable
from batchgen.ledger import Entry, Status
from batchgen.runner.download import artifact_names
from batchgen.runner.pacing import next_look
from batchgen.runner.work import Left, StopLevel, Work, wait
from batchgen.video_api import (
    PAYMENT_FAILURES,
    STATUSES_AT_ONCE,
    AccountProblem,
    Reads,
    RenderState,
    Video,
    reads_of,
)

MISSING_TIMES = 3
MISSING_FOR_S = 600.0
ASKED_BESIDE = 10
NONE_KNOWN = "the provider knows none of the videos that were ordered with these"

# A failed render costs nothing, so these are worth another attempt. A code that we do not know is not: the row
# is reported as failed, and `batchgen retry` opens another attempt by hand.
WORTH_ANOTHER_ATTEMPT = PAYMENT_FAILURES | {
    "rendering_failed",
    "internal_error",
    "service_unavailable",
    "gateway_timeout",
    "voice_provider_error",
}


async def poll_renders(work: Work) -> None:
    """Ask for the state of due renders, up to 100 in one call, every ``poll_every_s``; and at once for those that
    the provider calls done: its message is a reason to look, never believed."""
    waker = work.waker()
    while not work.over:
        skip = frozenset(work.in_hand | work.left.keys())
        due = work.ledger.claim(work.run, Status.RENDERING, limit=STATUSES_AT_ONCE, exclude=skip)
        told = _called_done(work, due)
        if due:
            work.in_hand.update(entry.id for entry in due)
            try:
                await asyncio.gather(*_looks(work, due, told))
            finally:
                work.in_hand.difference_update(entry.id for entry in due)
            work.wake()
        if len(due) < STATUSES_AT_ONCE:
            await _pause(work, waker)


def _called_done(work: Work, due: list[Entry]) -> set[int]:
    """Those of the due renders that messages told of. Nobody waits for the rest when all that is due was claimed."""
    told = work.told.intersection(entry.id for entry in due)
    work.told = work.told - told if len(due) == STATUSES_AT_ONCE else set()
    return told


def _looks(work: Work, due: list[Entry], told: set[int]) -> Iterator[Coroutine[Any, Any, None]]:
    """One by one for what is called done, together for the others."""
    for reads, entries in by_page(work, due).items():
        for entry in entries:
            if entry.id in told:
                yield _collect(work, entry, reads)
        if others := [entry for entry in entries if entry.id not in told]:
            yield _look_at(work, others, reads)


async def _pause(work: Work, waker: asyncio.Event) -> None:
    """One poll interval, whatever else wakes the run meanwhile: a hundred renders cost one call per interval. A
    message of the provider ends it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + work.job.pacing.poll_every_s
    while not work.over and not work.told and (left := until - loop.time()) > 0:
        await wait(waker, left)


def by_page(work: Work, due: list[Entry]) -> dict[Reads, list[Entry]]:
    """The renders by where they are read: an attempt's video is where its own route put it."""
    routes = work.ledger.routes_of([entry.id for entry in due])
    pages: dict[Reads, list[Entry]] = {}
    for entry in due:
        pages.setdefault(reads_of(routes.get(entry.id)), []).append(entry)
    return pages


async def _look_at(work: Work, due: list[Entry], reads: Reads) -> None:
    try:
        states = await work.api.statuses(list({entry.video_id or "" for entry in due}), reads)
    except ApiError as error:
        reads_fail(work, error)
        _look_again(work, due, f"the render's state could not be read ({error})", at_least_s=error.after_s)
        return
    work.throttle.answered()
    running = [entry for entry in due if _is_running(states, entry)]
    _snooze(work, running)
    ended = [entry for entry in due if not _is_running(states, entry)]
    for _ in ended:
        work.messages.missed()
    await asyncio.gather(*(_collect(work, entry, reads) for entry in ended))


def _is_running(states: Mapping[str, RenderState], entry: Entry) -> bool:
    return states.get(entry.video_id or "", RenderState.RUNNING) is RenderState.RUNNING


def _snooze(work: Work, entries: list[Entry]) -> None:
    now = work.clock()
    work.ledger.still_running(work.run, [(entry.id, now + work.next_look(entry.snoozes), "") for entry in entries])


def reads_fail(work: Work, error: ApiError) -> None:
    """A key that may not even read cannot collect anything: stop, and say so."""
    if isinstance(error, ApiRefused) and error.of_account:
        work.account_stop(AccountProblem(code=error.code or f"HTTP {error.status}", message=error.message))
        work.stop.ask(StopLevel.DRAIN, "the provider refuses to answer")
    elif isinstance(error, ApiThrottled):
        work.throttle.answered()
    elif isinstance(error, ApiUnavailable):
        work.no_connection(str(error))


async def _collect(work: Work, entry: Entry, reads: Reads) -> None:
    """A render that is called done: fetch its links, or write down how it failed."""
    assert entry.video_id is not None
    try:
        video = await work.api.video(entry.video_id, reads)
    except ApiError as error:
        reads_fail(work, error)
        _look_again(work, [entry], f"the finished video could not be read ({error})", at_least_s=error.after_s)
        return
    if video.state is RenderState.NOT_FOUND and _is_missing_for_long(work, entry):
        await _call_gone(work, entry, reads)
    else:
        await work.writer.write(partial(_ended, work, entry, video))


def _look_again(work: Work, entries: list[Entry], note: str, *, at_least_s: float = 0.0) -> None:
    """Nothing could be learnt of them, or not yet all: look as if nobody told when they are done."""
    now, pacing = work.clock(), work.job.pacing
    later = [(entry.id, now + max(next_look(pacing, entry.snoozes), at_least_s), note) for entry in entries]
    work.ledger.still_running(work.run, later)


def _ended(work: Work, entry: Entry, video: Video) -> None:
    match video.state:
        case RenderState.RUNNING:
            _look_again(work, [entry], "")
        case RenderState.NOT_FOUND:
            _look_for_missing(work, entry)
        case RenderState.FAILED:
            _failed(work, entry, video)
        case RenderState.COMPLETED if "video" not in video.links:
            _look_again(work, [entry], "the provider calls it completed but gives no link yet")
        case RenderState.COMPLETED:
            work.ledger.render_finished(
                work.run,
                entry,
                links=video.links,
                duration_s=video.duration_s,
                page_url=video.page_url,
                folder_id=video.folder_id,
                folder=str(work.job.output.folder),
                names=artifact_names(work.job, entry, video.links),
            )


def _failed(work: Work, entry: Entry, video: Video) -> None:
    code = video.failure_code or "no failure code"
    again = code in WORTH_ANOTHER_ATTEMPT and entry.tries < work.job.retry.attempts
    error = f"{code}: {video.failure_message or 'the render failed'}"
    work.ledger.render_failed(work.run, entry.id, error=error, again=again)
    if code in PAYMENT_FAILURES:
        work.account_stop(AccountProblem(code=code, message=video.failure_message or "the account cannot pay"))


def _is_missing_for_long(work: Work, entry: Entry) -> bool:
    now = work.clock()
    # A time in the future was written under a clock that has been set back since: it starts anew.
    since = now if entry.missing_since is None else min(entry.missing_since, now)
    return entry.missing_times + 1 >= MISSING_TIMES and now - since >= work.provider_s(MISSING_FOR_S)


async def _call_gone(work: Work, entry: Entry, reads: Reads) -> None:
    """A video is gone where the provider knows others that were ordered with it, or there are none to ask for. Where it
    knows none of them, the key may be another account's: the row stays as it is, and this run leaves it."""
    beside = work.ledger.ordered_beside(entry.id, limit=ASKED_BESIDE)
    others = [video_id for video_id, route in beside.items() if reads_of(route) is reads]
    try:
        states = await work.api.statuses(others, reads) if others else {}
    except ApiError as error:
        reads_fail(work, error)
        states = {}
    if not others or any(state is not RenderState.NOT_FOUND for state in states.values()):
        gone = f"the provider no longer knows video {entry.video_id}; it was accepted, so it counts as paid"
        await work.writer.write(partial(work.ledger.video_gone, work.run, entry.id, error=gone))
        return
    await work.writer.write(partial(_look_for_missing, work, entry))
    if len(states) == len(others):
        work.left[entry.id] = Left(status=Status.RENDERING, reason=NONE_KNOWN)


def _look_for_missing(work: Work, entry: Entry) -> None:
    later = work.clock() + max(
        next_look(work.job.pacing, entry.snoozes), work.provider_s(MISSING_FOR_S / MISSING_TIMES)
    )
    work.ledger.still_missing(work.run, entry.id, not_before=later)
