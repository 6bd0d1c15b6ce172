"""The ledger: what was promised and what happened, durable before any money moves."""

from batchgen.ledger.approvals import Approval, approve_template
from batchgen.ledger.arrivals import (
    Arrival,
    forget_arrivals,
    heed_arrivals,
    is_listened_to,
    listening,
    no_longer_listening,
    note_arrivals,
)
from batchgen.ledger.assets import Asset, AssetState, UploadSession
from batchgen.ledger.batching import Batch
from batchgen.ledger.budget import committed_microusd, join_budget
from batchgen.ledger.engine import ledger_exists
from batchgen.ledger.facts import Entry, LacksFiles, NewRequest, Run, Sending, Stored, idempotency_key, marker_of
from batchgen.ledger.identity import account_identity, is_other_account
from batchgen.ledger.kinds import remember_kinds
from batchgen.ledger.lease import Holder, begin_run, end_run, heartbeat, listen_for_holder
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.owner import Owner
from batchgen.ledger.plans import NOTHING_YET, Generation, PlanUse, begin_planned_run
from batchgen.ledger.queries import Queries
from batchgen.ledger.rebuild import sent_after_all
from batchgen.ledger.record import record, rename_rows
from batchgen.ledger.shown import AccountFact, AttemptFact, Details, FileFact, Known, Money, Refusal, Result, Sent
from batchgen.ledger.status import Event, Reaction, Status, reaction
from batchgen.ledger.story import Story, StoryAttempt, StoryEvent, StoryFile
from batchgen.ledger.submitting import Acceptance, Intent
from batchgen.ledger.wishes import Settled, Wish, apply_wishes, ask, newest_event

__all__ = [
    "NOTHING_YET",
    "Acceptance",
    "AccountFact",
    "Approval",
    "Arrival",
    "Asset",
    "AssetState",
    "AttemptFact",
    "Batch",
    "Details",
    "Entry",
    "Event",
    "FileFact",
    "Generation",
    "Holder",
    "Intent",
    "Known",
    "LacksFiles",
    "Ledger",
    "Money",
    "NewRequest",
    "Owner",
    "PlanUse",
    "Queries",
    "Reaction",
    "Refusal",
    "Result",
    "Run",
    "Sending",
    "Sent",
    "Settled",
    "Status",
    "Stored",
    "Story",
    "StoryAttempt",
    "StoryEvent",
    "StoryFile",
    "UploadSession",
    "Wish",
    "account_identity",
    "apply_wishes",
    "approve_template",
    "ask",
    "begin_planned_run",
    "begin_run",
    "committed_microusd",
    "end_run",
    "forget_arrivals",
    "heartbeat",
    "heed_arrivals",
    "idempotency_key",
    "is_listened_to",
    "is_other_account",
    "join_budget",
    "ledger_exists",
    "listen_for_holder",
    "listening",
    "marker_of",
    "newest_event",
    "no_longer_listening",
    "note_arrivals",
    "reaction",
    "record",
    "remember_kinds",
    "rename_rows",
    "sent_after_all",
]
