"""Guards of batchgen, broken on purpose in one child process: the suite must notice every one of them.

The children alone are changed, and only for the tests in ``test_broken_guards.py``.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO


def apply(name: str) -> None:
    """Break the guard ``name`` in this process."""
    MUTATIONS[name]()


def _swap(owner: object, name: str, new: object) -> Any:
    """Put ``new`` in place of what is there; what was there. A guard that moved house fails here, and is noticed."""
    old = getattr(owner, name)
    setattr(owner, name, new)
    return old


def drop_the_intent_commit() -> None:
    """The intent is written, but its commit comes only with whatever is committed after the POST."""
    from batchgen.ledger import Ledger
    from batchgen.runner import submit
    from batchgen.runner.answered import acceptance
    from batchgen.runner.order import create_of, request_of
    from batchgen.video_api import Accepted

    held: list[Any] = []
    real = Ledger.transaction

    def begin(work: Any) -> bool:
        entries = submit._claim(work, submit._allowed(work), None)
        if entries:
            work.begin_together([entry.id for entry in entries], send(work, entries), work.sends)
        return bool(entries)

    async def send(work: Any, entries: Any) -> None:
        transaction = real(work.ledger)
        transaction.__enter__()
        held.append(transaction)
        intents = [submit._intent(work, entry, request_of(entry), {}) for entry in entries]
        sendings = work.ledger.begin_submissions(work.run, intents)
        outcomes = [
            await work.api.create(create_of(entry, sending)) for entry, sending in zip(entries, sendings, strict=True)
        ]
        transaction.__exit__(None, None, None)
        for entry, sending, outcome in zip(entries, sendings, outcomes, strict=True):
            if isinstance(outcome, Accepted):
                work.ledger.submissions_accepted(work.run, [acceptance(work, entry, outcome)])
            else:
                submit._settle(work, entry, sending, outcome)

    _swap(submit, "_begin", begin)


def draw_a_key_per_send() -> None:
    """Every send gets a key of its own, as a client does that lets its HTTP library choose one."""
    from batchgen.video_api import VideoApi

    async def with_random_key(self: VideoApi, sent: Any) -> Any:
        return await create(self, replace(sent, key=f"{sent.key}-{uuid.uuid4()}"))

    create = _swap(VideoApi, "create", with_random_key)


def send_doubtful_rows_anew() -> None:
    """What was lost goes back to pending, with a new attempt and key, without asking anybody."""
    from batchgen.ledger import Event, Ledger, Status

    def lost(self: Any, run: Any, entry_id: int, *, error: str, not_before: float) -> None:
        self._end_attempt(Event.SUBMISSION_LOST, run, entry_id, status=Status.PENDING, error=error, settled=0)

    _swap(Ledger, "submission_lost", lost)


def take_every_route_for_one_that_replays() -> None:
    """A create of the legacy route whose answer was lost goes out again, as if a key made that harmless."""
    from batchgen.runner import reconcile

    _swap(reconcile, "replays", lambda *_, **__: True)


def trust_every_download() -> None:
    """Whatever arrived is taken for the video."""
    from batchgen.runner import fetch

    async def pour_and_hope(files: Any, link: str, target: Any) -> None:
        with contextlib.suppress(Exception):
            async with files.open(link) as body:
                with target.part.open("wb") as file:
                    await fetch._pour(body.pieces, file)

    _swap(fetch, "_stream", pour_and_hope)
    _swap(fetch, "wrong_content", lambda *_: None)


def write_the_sheet_in_place() -> None:
    """The user's file is opened and overwritten."""
    from batchgen.sheet import write

    @contextlib.contextmanager
    def in_place(target: Path, *, before_rename: Callable[[], None]) -> Iterator[BinaryIO]:
        before_rename()
        with target.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    _swap(write, "replacing", in_place)


MUTATIONS: Mapping[str, Callable[[], None]] = {
    guard.__name__: guard
    for guard in (
        drop_the_intent_commit,
        draw_a_key_per_send,
        send_doubtful_rows_anew,
        take_every_route_for_one_that_replays,
        trust_every_download,
        write_the_sheet_in_place,
    )
}
