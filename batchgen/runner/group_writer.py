"""How the parts of a run write to the ledger: what is ready within a moment shares one commit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from batchgen.errors import EventRefused
from batchgen.ledger import Acceptance, Ledger, Run

A_MOMENT_S = 0.004

T = TypeVar("T")


class GroupWriter:
    """Writes the events that are ready within a moment in one durable commit.

    ``await write(event)`` returns when the commit that holds the event is on disk, and raises what the event
    raised. A refused event leaves its neighbours whole (see ``Ledger``); a failed commit fails them all. Whoever
    stops waiting stops nothing: the event is written all the same, at the latest by ``flush``.
    """

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._ledger = ledger
        self._run = run
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._accepted: list[tuple[Acceptance, asyncio.Future[Any]]] = []

    async def write(self, event: Callable[[], T]) -> T:
        """Run ``event`` within the next commit and return what it returned."""
        written = self._promised()
        self._waiting.append((event, written))
        result: T = await written
        return result

    async def accepted(self, acceptance: Acceptance) -> None:
        """Write down an accepted create; those of the same moment share their statements."""
        written = self._promised()
        self._accepted.append((acceptance, written))
        await written

    def _promised(self) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        if not self._waiting and not self._accepted:
            loop.call_later(A_MOMENT_S, self.flush)
        return loop.create_future()

    def flush(self) -> Exception | None:
        """Write what waits now, if anything does; what broke the commit, for nobody may be waiting to hear of it."""
        broke: Exception | None = None
        if not self._waiting and not self._accepted:
            return broke
        waiting, self._waiting = self._waiting, []
        accepted, self._accepted = self._accepted, []
        events = [event for event, _ in waiting]
        try:
            outcomes = self._commit([acceptance for acceptance, _ in accepted], events)
        except Exception as error:  # noqa: BLE001  # whoever waits has to hear of it, whatever it is
            broke = error
            outcomes = [error] * (len(accepted) + len(waiting))
        for (_, written), outcome in zip([*accepted, *waiting], outcomes, strict=True):
            if written.cancelled():
                continue
            if isinstance(outcome, Exception):
                written.set_exception(outcome)
            else:
                written.set_result(outcome)
        return broke

    def _commit(self, accepted: list[Acceptance], events: list[Callable[[], Any]]) -> list[Any]:
        """What came of each. When one acceptance is refused, they are written one by one: its neighbours stay whole."""
        if len(accepted) > 1:
            with contextlib.suppress(EventRefused), self._ledger.transaction():
                self._ledger.submissions_accepted(self._run, accepted)
                return [*([None] * len(accepted)), *map(_attempted, events)]
        one_by_one: list[Callable[[], Any]] = [
            partial(self._ledger.submissions_accepted, self._run, [each]) for each in accepted
        ]
        with self._ledger.transaction():
            return [_attempted(event) for event in [*one_by_one, *events]]


def _attempted(event: Callable[[], Any]) -> Any:
    try:
        return event()
    except EventRefused as refusal:
        return refusal
