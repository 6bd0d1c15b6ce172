"""Submitting: the intent is on disk before the create goes out, and every answer becomes one event."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import assert_never

from batchgen.ledger import Entry, Intent, Sending, Status
from batchgen.request import VideoRequest
from batchgen.runner.answered import acceptance, described, hold_back, lost
from batchgen.runner.assets import assets_blamed, with_their_assets
from batchgen.runner.batches import in_batches, send_batch
from batchgen.runner.budget import affordable, left_microusd, spent_up
from batchgen.runner.order import create_of, order_of, request_of
from batchgen.runner.work import Work, wait
from batchgen.video_api import Accepted, AccountProblem, Deferred, InDoubt, Rejected

IDLE_S = 1.0
PROVIDER_BUSY = (Status.SUBMITTING, Status.IN_DOUBT, Status.RENDERING)


async def submit_rows(work: Work) -> None:
    """Begin creates while the run may, as many at once as pacing allows."""
    waker = work.waker()
    while not work.submitting_is_over:
        if _is_full(work) or not _begin(work):
            await wait(waker, _pause(work), moment_s=0)


def _is_full(work: Work) -> bool:
    """Whether so many creates are on their way that the ledger need not be asked."""
    return len(work.sends) >= work.throttle.limit


def _allowed(work: Work) -> int:
    """How many rows may go out right now, as far as pacing goes."""
    under_way = work.ledger.under_way(work.run)
    busy = sum(under_way.get(status, 0) for status in PROVIDER_BUSY) - work.left_in(Status.IN_DOUBT)
    return min(work.throttle.allowed(busy, rows_per_create=work.job.submit.batch), work.first_alone())


def _claim(work: Work, allowed: int, left: int | None) -> list[Entry]:
    """So many due rows, each of which fits by itself into what is ``left`` of the budget (micro-USD)."""
    return work.ledger.claim(
        work.run,
        Status.PENDING,
        limit=allowed,
        exclude=frozenset(work.in_hand),
        affordable_microusd=left,
    )


def _pause(work: Work) -> float:
    if _is_full(work):
        return IDLE_S
    due = work.ledger.next_due(work.run, Status.PENDING)
    if due is None or spent_up(work):
        return IDLE_S
    return min(IDLE_S, max(due - work.clock(), work.throttle.wait_s(), 0.01))


def _begin(work: Work) -> bool:
    """One commit for all claims and intents of this moment; each is durable before its own create goes out.

    Whether any create begins.
    """
    with work.ledger.transaction():
        if not (allowed := _allowed(work)):
            return False
        left = left_microusd(work)
        entries = _claim(work, allowed, left)
        requests = {entry.id: request_of(entry) for entry in entries}
        assets = with_their_assets(work, requests)
        entries = affordable([entry for entry in entries if entry.id in assets], left)
        intents = [_intent(work, entry, requests[entry.id], assets[entry.id]) for entry in entries]
        sendings = work.ledger.begin_submissions(work.run, intents)
        groups = list(in_batches(work, entries, sendings))
        batches = [work.ledger.begin_batch(work.run, [sendings[place] for place in group]) for group in groups]
    alone = set(range(len(entries))).difference(*groups)
    work.throttle.began(len(groups) + len(alone))
    for group, batch in zip(groups, batches, strict=True):
        together = [entries[place] for place in group]
        work.begin_together([entry.id for entry in together], send_batch(work, together, batch), work.sends)
    for place in alone:
        entry = entries[place]
        work.begin(entry.id, _send(work, entry, sendings[place]), work.sends)
    return bool(sendings)


def _intent(work: Work, entry: Entry, request: VideoRequest, assets: Mapping[str, str]) -> Intent:
    order = order_of(work.job, request)

    def body_with(marker: str) -> bytes:
        marked = marker if work.job.output.title_marker else None
        return order.body(marker=marked, callback_url=work.callback_url, assets=assets)

    return Intent(entry=entry, body_with=body_with, reserve_microusd=entry.estimate_microusd, route=order.route.path)


async def _send(work: Work, entry: Entry, sending: Sending) -> None:
    create = create_of(entry, sending)
    outcome = await work.api.create(create)
    if isinstance(outcome, InDoubt) and not create.route.replays:
        work.lost_for_good()
    if isinstance(outcome, Accepted):
        work.account_takes_creates()
        await work.writer.accepted(acceptance(work, entry, outcome))
    else:
        await work.writer.write(partial(_settle, work, entry, sending, outcome))


def _settle(
    work: Work, entry: Entry, sending: Sending, outcome: Deferred | InDoubt | Rejected | AccountProblem
) -> None:
    """Write down what the first send of an attempt led to, when it was not simply accepted."""
    run, ledger, now = work.run, work.ledger, work.clock()
    match outcome:
        case Deferred():
            not_before = now + hold_back(work, outcome)
            ledger.submission_deferred(run, entry.id, not_before=not_before, reason=outcome.reason)
        case InDoubt():
            lost(work, entry, outcome.reason)
        case Rejected():
            work.account_takes_creates()
            _reject(work, entry, sending, outcome)
        case AccountProblem():
            ledger.submission_deferred(run, entry.id, not_before=now, reason=described(outcome))
            work.account_stop(outcome)
        case _:
            assert_never(outcome)


def _reject(work: Work, entry: Entry, sending: Sending, outcome: Rejected) -> None:
    """The row failed, unless only a file is missing that the provider had: then it is uploaded again."""
    error = described(outcome)
    if (gone := assets_blamed(entry, sending.body, outcome)) and work.ledger.asset_gone(
        work.run, entry.id, asset_ids=gone, error=error
    ):
        return
    work.ledger.submission_rejected(work.run, entry.id, error=error)
