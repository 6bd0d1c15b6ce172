"""``Ledger``: what was promised and what happened, one method per event.

Every event is one conditional UPDATE, guarded by the entry's status and the run that holds it; when no row
matches, ``EventRefused`` is raised *before* anything else is written, so a refused event inside a grouped
transaction leaves its neighbours whole. When a method outside ``transaction()`` returns, its event is durable.
"""

from __future__ import annotations

from batchgen.ledger.assets import Assets
from batchgen.ledger.batching import Batching
from batchgen.ledger.claiming import Claiming
from batchgen.ledger.completing import Completing
from batchgen.ledger.deciding import Deciding
from batchgen.ledger.submitting import Submitting


class Ledger(Claiming, Assets, Submitting, Batching, Completing, Deciding):
    """One ledger database. Used from one thread; other threads read through ``Queries``.

    Parameters
    ----------
    at:
        A SQLite file, or the SQLAlchemy URL of another database.
    provider:
        Identity of the provider (its base URL, or ``simulator``). Raises ``WrongProvider`` for a ledger that
        belongs to another one: a key that one provider knows means nothing to the other.
    """
