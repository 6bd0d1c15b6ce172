"""From the wire to the ledgers: a bounded queue, written in groups, each message answered when it is durable."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from batchgen.errors import LedgerError
from batchgen.ledger import Arrival, Ledger, forget_arrivals, listening, no_longer_listening, note_arrivals

MOST_WAITING = 20_000
IN_A_GROUP = 2_000
SIGN_OF_LIFE_EVERY_S = 15.0
FORGET_EVERY_S = 3_600.0


@dataclass(frozen=True)
class Ear:
    """A ledger, and the jobs in it that are listened for."""

    ledger: Ledger
    jobs: tuple[str, ...]


class InboxFull(Exception):
    """More messages wait than can be written; the provider will send this one again."""


class Inbox:
    """Writes what arrives into every ledger, all that waits in one commit. Used from one event loop.

    The ledgers are used from one thread of its own, so that requests are taken while a commit reaches the disk.
    """

    def __init__(self, ears: Sequence[Ear]) -> None:
        self._ears = ears
        self._waiting: asyncio.Queue[tuple[Arrival, asyncio.Future[None]]] = asyncio.Queue(MOST_WAITING)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbox")

    async def keep(self, arrival: Arrival) -> None:
        """Returns when the message is durable. Raises ``InboxFull``, or ``LedgerError``: it could not be written."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((arrival, kept))
        except asyncio.QueueFull as error:
            raise InboxFull from error
        await kept

    async def work(self) -> None:
        """Write until cancelled."""
        minders = [asyncio.ensure_future(minder) for minder in (self._give_signs_of_life(), self._forget())]
        try:
            while True:
                await self._write(await self._group())
        finally:
            for minder in minders:
                minder.cancel()

    async def close(self) -> None:
        """What still waits is refused: the provider sends it again, or a poll finds out."""
        while not self._waiting.empty():
            self._waiting.get_nowait()[1].cancel()
        for ear in self._ears:
            await self._quietly(no_longer_listening, ear.ledger, ear.jobs)
        self._writer.shutdown()

    async def _group(self) -> list[tuple[Arrival, asyncio.Future[None]]]:
        group = [await self._waiting.get()]
        while len(group) < IN_A_GROUP and not self._waiting.empty():
            group.append(self._waiting.get_nowait())
        return group

    async def _write(self, group: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        loop = asyncio.get_running_loop()
        failure: LedgerError | None = None
        try:
            await loop.run_in_executor(self._writer, self._note, [arrival for arrival, _ in group])
        except LedgerError as error:
            failure = error
        for _, kept in group:
            if kept.done():  # whoever waited has gone
                continue
            if failure is None:
                kept.set_result(None)
            else:
                kept.set_exception(failure)

    def _note(self, arrived: list[Arrival]) -> None:
        for ear in self._ears:
            note_arrivals(ear.ledger, arrived)

    async def _give_signs_of_life(self) -> None:
        while True:
            for ear in self._ears:
                await self._quietly(listening, ear.ledger, ear.jobs)
            await asyncio.sleep(SIGN_OF_LIFE_EVERY_S)

    async def _forget(self) -> None:
        while True:
            for ear in self._ears:
                await self._quietly(forget_arrivals, ear.ledger)
            await asyncio.sleep(FORGET_EVERY_S)

    async def _quietly(self, write: Callable[..., None], *arguments: object) -> None:
        """A ledger that cannot be written just now costs a sign of life, not the listener."""
        with contextlib.suppress(LedgerError):
            await asyncio.get_running_loop().run_in_executor(self._writer, write, *arguments)
