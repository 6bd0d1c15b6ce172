"""Working on a job for longer than one lease lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

from batchgen.ledger import Ledger, Run, heartbeat

BEATS_PER_LEASE = 4

T = TypeVar("T")


async def while_held(ledger: Ledger, run: Run, work: Coroutine[Any, Any, T]) -> T:
    """Do the work, extending the lease meanwhile: hashing and fetching many files takes longer than one lease.

    Stops with ``EventRefused`` when another run took the job over, this process having slept for too long.
    """
    working, beating = asyncio.ensure_future(work), asyncio.ensure_future(_keep_lease(ledger, run))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        return await (working if working.done() else beating)
    finally:
        for task in (working, beating):
            task.cancel()
        await asyncio.gather(working, beating, return_exceptions=True)


async def _keep_lease(ledger: Ledger, run: Run) -> NoReturn:
    while True:
        heartbeat(ledger, run)
        await asyncio.sleep(run.lease_s / BEATS_PER_LEASE)
