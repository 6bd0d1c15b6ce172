"""The ledger: what was promised and what happened, durable before any money moves."""

from batchgen.ledger.facts import Entry, NewRequest, Run, Sending, Stored
from batchgen.ledger.lease import Holder, begin_run, end_run, heartbeat, refuse_if_held
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.owner import Owner
from batchgen.ledger.queries import Known, Money, Queries, Result
from batchgen.ledger.record import record
from batchgen.ledger.status import Reaction, Status, reaction

__all__ = [
    "Entry",
    "Holder",
    "Known",
    "Ledger",
    "Money",
    "NewRequest",
    "Owner",
    "Queries",
    "Reaction",
    "Result",
    "Run",
    "Sending",
    "Status",
    "Stored",
    "begin_run",
    "end_run",
    "heartbeat",
    "reaction",
    "record",
    "refuse_if_held",
]
