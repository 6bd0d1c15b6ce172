"""Which provider a ledger belongs to."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from batchgen.errors import WrongProvider
from batchgen.ledger.tables import ledgers


def claim_ledger(connection: Connection, provider: str, now: float) -> None:
    """Write down the provider of a new ledger; refuse a ledger of another one."""
    known = connection.execute(select(ledgers.c.provider)).scalar_one_or_none()
    if known is None:
        connection.execute(insert(ledgers).values(id=1, provider=provider, created_at=now))
    elif known != provider:
        raise WrongProvider(
            f"This ledger belongs to {known}, but this run would talk to {provider}. "
            "Use the same HEYGEN_API_BASE as before, or give the job another ledger."
        )
