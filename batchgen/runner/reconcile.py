"""Settling what is in doubt without ever rendering twice.

Inside the window in which the provider replays its first answer for a key, the stored body goes out again under
the stored key. Outside it, and on a route that knows no keys, nothing is sent: the provider's list is searched for
the attempt's title marker, exactly one match is adopted, and everything else is left to a person. Not finding a
video proves nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from batchgen.errors import ApiError, EventRefused
from batchgen.ledger import Batch, Entry, Sending, Status
from batchgen.runner.answered import acceptance, described, hold_back
from batchgen.runner.assets import assets_blamed
from batchgen.runner.batches import accepted_item, goes_again, items_of, send_again, taken_after_all
from batchgen.runner.order import create_of, replays
from batchgen.runner.pacing import Backoff
from batchgen.runner.work import Left, Work, wait
from batchgen.video_api import (
    Accepted,
    AccountProblem,
    BatchItem,
    Cause,
    CreateOutcome,
    Deferred,
    InDoubt,
    Rejected,
    Video,
)

RESEND = Backoff(first=5.0, longest=300.0)
SEARCH = Backoff(first=10.0, longest=60.0)
SEARCHES = 3
AT_ONCE = 4
MOST_ITEMS = 100
# A send that is repeated later than this is looked for first: were the clock wrong when it went out for the first time,
# its key might not replay any more. By then the provider's list holds what it took.
LOOK_FIRST_S = 3600.0
# So often a batch in doubt is told to wait its turn, though nothing renders: the account may never take so many.
MOST_TOO_MANY = 5
IDLE_S = 1.0

# Inside the window these answers speak of the first send too; any other says nothing about it (design §4).
ANSWERS_THE_FIRST_SEND = frozenset({400, 404, 413})


@dataclass(kw_only=True)
class Tried:
    """What this run tried in vain: searches by entry, and re-sends of a batch that had to wait for their turn."""

    searches: Counter[int] = field(default_factory=Counter)
    too_many: Counter[int] = field(default_factory=Counter)


async def settle_doubts(work: Work) -> None:
    """Look after entries in doubt until the run is over."""
    waker = work.waker()
    tried = Tried()
    while not work.over:
        skip = frozenset(work.in_hand | work.left.keys())
        entries = (
            [] if work.account_problem else work.ledger.claim(work.run, Status.IN_DOUBT, limit=MOST_ITEMS, exclude=skip)
        )
        begun = _begin(work, entries, tried)
        await wait(waker, 0 if begun else IDLE_S)


def _begin(work: Work, entries: list[Entry], tried: Tried) -> int:
    """Settle entries of one batch together, and a few others at once. How many were begun."""
    waiting = {entry.id: entry for entry in entries}
    singles = 0
    while waiting and singles < AT_ONCE:
        entry = next(iter(waiting.values()))
        if (batch := work.ledger.batch_of(entry.id)) is None:
            del waiting[entry.id]
            singles += 1
            work.begin(entry.id, _settle(work, entry, tried), work.sends)
            continue
        items = [waiting.pop(id_) for id_ in batch.places if id_ in waiting]
        # A whole batch may go out again: until that is settled, nobody may give up an item that is not due, either.
        ids = batch.places if batch.is_whole else [item.id for item in items]
        work.begin_together(ids, _settle_batch(work, batch, items, tried), work.sends)
    return len(entries) - len(waiting)


async def _settle(work: Work, entry: Entry, tried: Tried) -> None:
    sending = work.ledger.sending(entry.id)
    if replays(work.job, route=sending.route, first_sent_at=sending.first_sent_at, now=work.clock()):
        if found := await _listed(work, sending):
            await _adopt_or_leave(work, entry, sending, found)
            return
        await work.writer.write(partial(work.ledger.sent_again, work.run, entry.id))
        outcome = await work.api.create(create_of(entry, sending))
        later = _next_send(work, outcome, _later(work, entry))
        if not (_refused_at_last(outcome) and await _turns_up(work, entry, sending, later)):
            await work.writer.write(partial(_answered_again, work, entry, sending, outcome, later))
    else:
        await _look_for_it(work, entry, sending, tried)


async def _settle_batch(work: Work, batch: Batch, entries: list[Entry], tried: Tried) -> None:
    """Entries of one batch: asked for by their places in it; before it is known, the whole batch goes out again.

    Those that stay in doubt wait for one time, to stay together.
    """
    if batch.provider_batch_id is not None:
        items = await items_of(work, batch.provider_batch_id)
        later = _later(work, entries[0])
        for entry in entries:
            await _settle_item(work, entry, items, batch.places[entry.id], later, tried)
    elif not goes_again(work, batch) or tried.too_many[batch.id] >= MOST_TOO_MANY or await _any_listed(work, entries):
        for entry in entries:
            await _look_for_it(work, entry, work.ledger.sending(entry.id), tried)
    elif isinstance(outcome := await send_again(work, batch), Accepted):
        await work.writer.write(partial(taken_after_all, work, entries, batch, outcome))
    else:
        if _is_too_many(work, outcome):
            tried.too_many[batch.id] += 1
        later = _next_send(work, outcome, _later(work, entries[0]))
        for entry in entries:
            sending = work.ledger.sending(entry.id)
            if not (_refused_at_last(outcome) and await _turns_up(work, entry, sending, later)):
                await work.writer.write(partial(_answered_again, work, entry, sending, outcome, later))


def _is_too_many(work: Work, outcome: CreateOutcome) -> bool:
    """Whether a batch had to wait its turn although no other row takes a place."""
    too_fast = isinstance(outcome, Deferred) and outcome.cause is Cause.TOO_FAST
    return too_fast and not work.ledger.under_way(work.run).get(Status.RENDERING)


async def _settle_item(
    work: Work, entry: Entry, items: dict[int, BatchItem] | str, place: int, later: float, tried: Tried
) -> None:
    if isinstance(items, str):
        await _wait_on(work, entry, items, later)
    elif (item := items.get(place)) is None:
        await _look_for_it(work, entry, work.ledger.sending(entry.id), tried)
    elif item.video_id is not None:
        await work.writer.write(partial(accepted_item, work, entry, item.video_id))
    elif item.refusal is not None:
        await work.writer.write(partial(_item_refused, work, entry, item.refusal, item.of_run))
    else:
        await _wait_on(work, entry, "the provider has it in a batch; its video id is still to come", later)


def _item_refused(work: Work, entry: Entry, refusal: Rejected, of_run: AccountProblem | Deferred | None) -> None:
    """The provider says by name that this item made no video. Where the row is not to blame it fails all the same, for
    no row that was sent is sent anew without a person."""
    work.ledger.assets_forgotten(assets_blamed(entry, work.ledger.sending(entry.id).body, refusal))
    error = described(refusal)
    if of_run is not None:
        error = f"{error.rstrip('.')}. No video was made; batchgen retry sends the row again"
    work.ledger.submission_rejected(work.run, entry.id, error=error)
    match of_run:
        case AccountProblem():
            work.account_stop(of_run)
        case Deferred():
            hold_back(work, of_run)


async def _wait_on(work: Work, entry: Entry, reason: str, later: float) -> None:
    deferred = partial(work.ledger.resend_deferred, work.run, entry.id, not_before=later, reason=reason)
    await work.writer.write(deferred)


async def _look_for_it(work: Work, entry: Entry, sending: Sending, tried: Tried) -> None:
    """Nothing may be sent any more: the title marker tells, or a person."""
    if not work.job.output.title_marker:
        work.left[entry.id] = Left(status=Status.IN_DOUBT, reason="titles carry no marker to search for")
    else:
        await _search(work, entry, sending, tried)


def _answered_again(work: Work, entry: Entry, sending: Sending, outcome: CreateOutcome, later: float) -> None:
    """Write down what a re-send led to; where that says nothing of the first send, it is tried again ``later``."""
    run, ledger = work.run, work.ledger
    match outcome:
        case Accepted():
            work.throttle.answered()
            ledger.submissions_accepted(run, [acceptance(work, entry, outcome)])
        case Rejected() if outcome.status in ANSWERS_THE_FIRST_SEND:
            work.throttle.answered()
            # Nothing leads from in doubt to another send but a person; `retry` finds the file to be uploaded again.
            ledger.assets_forgotten(assets_blamed(entry, sending.body, outcome))
            ledger.submission_rejected(run, entry.id, error=described(outcome))
        case Rejected() | AccountProblem():
            ledger.resend_deferred(run, entry.id, not_before=later, reason=described(outcome))
            if isinstance(outcome, AccountProblem):
                work.account_stop(outcome)
        case Deferred() | InDoubt():
            ledger.resend_deferred(run, entry.id, not_before=later, reason=outcome.reason)


def _next_send(work: Work, outcome: CreateOutcome, later: float) -> float:
    """When to send again what this answer says nothing of: ``later``, or when the answer says."""
    if isinstance(outcome, Deferred):
        return max(work.clock() + hold_back(work, outcome), later)
    if isinstance(outcome, InDoubt) and outcome.soon:
        return work.clock() + work.provider_s(RESEND.first)
    return later


def _later(work: Work, entry: Entry) -> float:
    return work.clock() + work.provider_s(RESEND.after(entry.snoozes + 1, work.rng))


def _refused_at_last(outcome: CreateOutcome) -> bool:
    return isinstance(outcome, Rejected) and outcome.status in ANSWERS_THE_FIRST_SEND


async def _turns_up(work: Work, entry: Entry, sending: Sending, later: float) -> bool:
    """A refused re-send says that the first send was refused too, unless the provider has its video after all:
    one look into its list before the row is called failed. Whether the entry was dealt with."""
    if not work.job.output.title_marker:
        return False
    try:
        found = await _carrying_the_marker(work, sending)
    except ApiError as error:
        reason = f"refused now, and the provider's list could not be read ({error})"
        await _wait_on(work, entry, reason, later)
        return True
    if found:
        await _adopt_or_leave(work, entry, sending, found)
    return bool(found)


async def _search(work: Work, entry: Entry, sending: Sending, tried: Tried) -> None:
    """Outside the window: adopt the one video that carries the attempt's marker, or leave it to a person."""
    try:
        found = await _carrying_the_marker(work, sending)
    except ApiError as error:
        found, reason = [], f"the provider's list could not be read ({error})"
    else:
        reason = _count_of(found, sending)
    if found:
        await _adopt_or_leave(work, entry, sending, found)
        return
    tried.searches[entry.id] += 1
    tries = tried.searches[entry.id]
    await _wait_on(work, entry, reason, work.clock() + work.provider_s(SEARCH.after(tries, work.rng)))
    if tries >= SEARCHES:
        work.left[entry.id] = Left(status=Status.IN_DOUBT, reason=reason)


async def _any_listed(work: Work, entries: list[Entry]) -> bool:
    """Whether the provider took the batch, as the list of its videos shows."""
    for entry in entries:
        if await _listed(work, work.ledger.sending(entry.id)):
            return True
    return False


async def _listed(work: Work, sending: Sending) -> list[Video]:
    """What a send that is about to be repeated late has led to already; nothing when that cannot be read."""
    if not work.job.output.title_marker or work.clock() - sending.first_sent_at < work.provider_s(LOOK_FIRST_S):
        return []
    try:
        return await _carrying_the_marker(work, sending)
    except ApiError:
        return []


async def _carrying_the_marker(work: Work, sending: Sending) -> list[Video]:
    found = await work.api.videos_titled(sending.marker)
    return [video for video in found if f"[{sending.marker}]" in (video.title or "")]


async def _adopt_or_leave(work: Work, entry: Entry, sending: Sending, found: list[Video]) -> None:
    """Exactly one video is the entry's; several are a person's to choose from."""
    if len(found) > 1:
        work.left[entry.id] = Left(status=Status.IN_DOUBT, reason=_count_of(found, sending))
        return
    by, look_at = f"marker [{sending.marker}]", work.clock()
    adopted = partial(work.ledger.adopted, work.run, entry.id, video_id=found[0].id, look_at=look_at, by=by)
    try:
        await work.writer.write(adopted)
    except EventRefused as refusal:
        work.left[entry.id] = Left(status=Status.IN_DOUBT, reason=str(refusal))


def _count_of(found: list[Video], sending: Sending) -> str:
    return f"{len(found)} videos carry its marker [{sending.marker}]"
