"""Writing down again what a lost ledger knew: a send whose video the provider still has."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from batchgen.ledger.claiming import ENTRY_FIELDS, entry_of
from batchgen.ledger.facts import Entry, NewRequest, Run
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.record import record
from batchgen.ledger.submitting import Intent
from batchgen.ledger.tables import entries

BY = "its marker: the ledger had been lost"


def sent_after_all(
    ledger: Ledger, run: Run, request: NewRequest, *, number: int, video_id: str, body_with: Callable[[str], bytes]
) -> None:
    """The row was sent before, as attempt ``number``, and ``video_id`` came of it: its entry is rendering again.

    All in one transaction: nobody ever sees the entry pending, or in doubt with a window that begins now. Of earlier
    attempts nothing is known; they are closed, so that their keys are never used again.
    """
    with ledger.transaction():
        record(ledger, run, [request])
        entry = _entry(ledger, run, request.row_id)
        ledger.take(run, entry.id)
        for _ in range(_next_number(ledger, entry), number):
            ledger.begin_submissions(run, [Intent(entry=entry, body_with=body_with, reserve_microusd=0)])
            ledger.submission_rejected(run, entry.id, error="the ledger was lost; nothing is known of this attempt")
            ledger.take(run, entry.id)
            ledger.retry(run, entry.id, by=BY)
        reserve = request.estimate_microusd
        ledger.begin_submissions(run, [Intent(entry=entry, body_with=body_with, reserve_microusd=reserve)])
        ledger.submission_lost(run, entry.id, error="the ledger was lost", not_before=ledger.clock())
        ledger.adopted(run, entry.id, video_id=video_id, look_at=ledger.clock(), by=BY)


def _next_number(ledger: Ledger, entry: Entry) -> int:
    """The attempt that the next begin takes: one that is open, for it was put off, goes on."""
    is_open = select(entries.c.attempt_open).where(entries.c.id == entry.id)
    with ledger.transaction() as connection:
        return entry.attempt if connection.execute(is_open).scalar_one() else entry.attempt + 1


def _entry(ledger: Ledger, run: Run, row_id: str) -> Entry:
    of_row = (entries.c.job_id == run.job_id, entries.c.row_id == row_id)
    query = select(*(entries.c[name] for name in ENTRY_FIELDS)).where(*of_row).order_by(entries.c.id.desc()).limit(1)
    with ledger.transaction() as connection:
        return entry_of(connection.execute(query).one())
