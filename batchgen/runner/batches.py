"""Creates of several rows at once: sent together, settled item by item.

The whole batch has one key. While its answer is unknown the same bytes go out again under it, and only as long as
every item still waits; later, and for what the provider leaves out of a batch, each item is a row in doubt like any
other. Neither the batch nor an item ever goes back to pending from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from batchgen.errors import ApiError, ApiRefused
from batchgen.ledger import Batch, Entry, Sending
from batchgen.runner.answered import acceptance, described, hold_back, lost
from batchgen.runner.work import Work
from batchgen.video_api import (
    BATCHES,
    VIDEOS,
    Accepted,
    AccountProblem,
    BatchItem,
    Create,
    CreateOutcome,
    Deferred,
    InDoubt,
    Rejected,
)

FIRST_LOOK_S = 5.0


def in_batches(work: Work, entries: Sequence[Entry], sendings: Sequence[Sending]) -> Iterator[list[int]]:
    """The places of those that go out together; what goes out by itself is in none.

    Only a create of POST /v3/videos can be an item, and none that a whole batch was refused for.
    """
    if (size := work.job.submit.batch) == 1:
        return
    together = [
        place
        for place, (entry, sending) in enumerate(zip(entries, sendings, strict=True))
        if sending.route == VIDEOS.path and entry.id not in work.alone
    ]
    for _, places in groupby(enumerate(together), lambda numbered: numbered[0] // size):
        batch = [place for _, place in places]
        if len(batch) > 1:
            yield batch


async def send_batch(work: Work, entries: Sequence[Entry], batch: Batch) -> None:
    """The first send of a batch whose intents are on disk, and its answer."""
    outcome = await work.api.create(Create(route=BATCHES, body=batch.body, key=batch.key))
    if isinstance(outcome, Accepted):
        work.account_takes_creates()
    await work.writer.write(partial(_settle, work, entries, batch, outcome))


def _settle(work: Work, entries: Sequence[Entry], batch: Batch, outcome: CreateOutcome) -> None:
    now = work.clock()
    match outcome:
        case Accepted():
            _taken(work, entries, batch, outcome)
        case Deferred():
            _put_back(work, entries, not_before=now + hold_back(work, outcome), reason=outcome.reason)
        case InDoubt():
            for entry in entries:
                lost(work, entry, outcome.reason)
        case Rejected():
            # Surely nothing was accepted. Which item is to blame shows when each goes out by itself.
            work.alone.update(entry.id for entry in entries)
            _put_back(work, entries, not_before=now, reason=f"the batch was refused: {described(outcome)}")
        case AccountProblem():
            _put_back(work, entries, not_before=now, reason=described(outcome))
            work.account_stop(outcome)


def _taken(work: Work, entries: Sequence[Entry], batch: Batch, outcome: Accepted) -> None:
    """The id in the answer is the batch's; those of the videos are asked for."""
    look_at = work.clock() + work.provider_s(FIRST_LOOK_S)
    work.ledger.batch_taken(work.run, batch, [entry.id for entry in entries], named=outcome.video_id, look_at=look_at)


def _put_back(work: Work, entries: Sequence[Entry], *, not_before: float, reason: str) -> None:
    for entry in entries:
        work.ledger.submission_deferred(work.run, entry.id, not_before=not_before, reason=reason)


def goes_again(work: Work, batch: Batch) -> bool:
    """Whether the whole batch may be sent again: nobody gave an item up, and its key still replays."""
    return batch.is_whole and work.job.key_replays(batch.first_sent_at, work.clock())


async def send_again(work: Work, batch: Batch) -> CreateOutcome:
    """The same bytes under the same key. Every item has to be in hand meanwhile, so that nobody gives one up."""
    await work.writer.write(partial(work.ledger.batch_sent_again, work.run, batch))
    return await work.api.create(Create(route=BATCHES, body=batch.body, key=batch.key))


def taken_after_all(work: Work, entries: Sequence[Entry], batch: Batch, outcome: Accepted) -> None:
    """A whole batch in doubt has its answer: all of its items are asked for by their places from now on."""
    work.throttle.answered()
    _taken(work, entries, batch, outcome)


async def items_of(work: Work, provider_batch_id: str) -> dict[int, BatchItem] | str:
    """What became of the items, none when the provider does not know the batch any more; when that cannot be read now,
    why."""
    try:
        return await work.api.batch_items(provider_batch_id)
    except ApiRefused as refusal:
        if refusal.of_account:
            work.account_stop(AccountProblem(code=refusal.code or f"HTTP {refusal.status}", message=refusal.message))
        elif refusal.code is not None:
            return {}
        return f"the batch could not be read ({refusal})"
    except ApiError as error:
        return f"the batch could not be read ({error})"


def accepted_item(work: Work, entry: Entry, video_id: str) -> None:
    """The item has its video."""
    work.throttle.answered()
    work.ledger.submissions_accepted(work.run, [acceptance(work, entry, Accepted(video_id=video_id))])
