"""What kind of avatar each look is: prices go by it, also when the provider is not asked again."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from batchgen.ledger.ledger import Ledger
from batchgen.ledger.tables import look_kinds


def remember_kinds(ledger: Ledger, kinds: Mapping[str, str]) -> None:
    """Keep what the provider said of looks (look id → avatar type); what it says later replaces it."""
    if not kinds:
        return
    with ledger.transaction() as connection:
        known = kinds_of(connection)
        fresh = {look: kind for look, kind in kinds.items() if known.get(look) != kind}
        if fresh:
            connection.execute(delete(look_kinds).where(look_kinds.c.look_id.in_(fresh)))
            rows = [{"look_id": look, "avatar_type": kind} for look, kind in fresh.items()]
            connection.execute(insert(look_kinds), rows)


def kinds_of(connection: Connection) -> dict[str, str]:
    """Look id → avatar type, of every look that is known."""
    return {row.look_id: row.avatar_type for row in connection.execute(select(look_kinds))}
