"""The ledger's tables. The database repeats the rules that the code keeps: see the CHECKs and the live index.

Times are unix seconds (UTC), money is whole micro-USD. ``migrations/`` builds these tables; a test holds the
two against each other.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    case,
    func,
    text,
)

from batchgen.ledger.status import FINAL, WITH_VIDEO, Status

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives autoincrementing row ids to INTEGER keys only.
Id = BigInteger().with_variant(Integer, "sqlite")


def _words(statuses: frozenset[Status] | type[Status]) -> str:
    return ", ".join(f"'{status}'" for status in sorted(statuses))


LIVE = text("status NOT IN ('failed', 'cancelled') AND superseded_at IS NULL")

ledgers = Table(
    "ledgers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("place", Text),  # the job file, to tell two jobs of one name apart
    Column("created_at", Float, nullable=False),
    Column("held_by", Text),
    Column("held_host", Text),
    Column("held_pid", Integer),
    Column("held_since", Float),
    Column("held_until", Float),
    UniqueConstraint("name"),
    CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name="lease_whole"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("outcome", Text),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Column("row_id", Text, nullable=False),
    Column("row_number", Integer, nullable=False),
    Column("asked_by", ForeignKey("runs.id")),  # the last run whose sheet asked for exactly this
    Column("fingerprint", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("file_stem", Text, nullable=False),
    Column("estimate_microusd", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),  # number of the last attempt of this request; 0 = none yet
    Column("attempt_open", Integer, nullable=False),  # 1: the next begin takes the same attempt and key
    Column("tries", Integer, nullable=False),  # attempts since recorded or retried by a person
    Column("video_id", Text),
    Column("page_url", Text),
    Column("links", Text),
    Column("duration_s", Float),
    Column("cost_microusd", BigInteger),
    Column("note", Text, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("snoozes", Integer, nullable=False),
    Column("missing_since", Float),
    Column("missing_times", Integer, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", Float),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("submitted_at", Float),
    Column("finalized_at", Float),
    Column("superseded_at", Float),
    Column("folder_id", Text),  # the provider's folder that the video is in, where it said so
    CheckConstraint(f"status IN ({_words(Status)})", name="status_known"),
    CheckConstraint(f"(finalized_at IS NOT NULL) = (status IN ({_words(FINAL)}))", name="final_has_time"),
    CheckConstraint(f"status NOT IN ({_words(WITH_VIDEO)}) OR video_id IS NOT NULL", name="render_has_video"),
    CheckConstraint("(leased_by IS NULL) = (leased_until IS NULL)", name="lease_whole"),
    CheckConstraint("superseded_at IS NULL OR finalized_at IS NOT NULL", name="superseded_is_final"),
    Index("one_live_entry", "job_id", "row_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    Index("entries_due", "job_id", "status", "not_before"),
    Index("entries_asked", "asked_by", "status"),
    Index("entries_row", "job_id", "row_id"),
    Index("entries_video", "video_id"),
)

# Creates of several rows at once: what was sent, under which key, and the provider's name for it once it answered.
batches = Table(
    "batches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("provider", Text, nullable=False),
    Column("first_sent_at", Float, nullable=False),
    Column("sends", Integer, nullable=False),
    Column("provider_batch_id", Text),
    UniqueConstraint("key"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("marker", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("begun_at", Float, nullable=False),
    Column("first_sent_at", Float),
    Column("sends", Integer, nullable=False),
    Column("video_id", Text),
    Column("reserved_microusd", BigInteger, nullable=False),
    Column("settled_microusd", BigInteger),
    Column("outcome", Text),
    Column("errors", Text, nullable=False),
    Column("ended_at", Float),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),  # the entry's, again: what a job spent is summed often
    Column("route", Text),  # the path that the body goes to; NULL, of old attempts: it follows from the request
    Column("batch_id", ForeignKey("batches.id")),  # it goes out as part of this batch, at this place in it
    Column("batch_index", Integer),
    Column("account", Text),  # whose API key it is sent with, see identity.py; NULL: unknown
    UniqueConstraint("idempotency_key"),
    UniqueConstraint("entry_id", "fingerprint", "number"),
    CheckConstraint("number >= 1", name="numbered_from_1"),
    CheckConstraint("(batch_id IS NULL) = (batch_index IS NULL)", name="batched_has_place"),
    CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended_has_outcome"),
    Index("attempts_money", "job_id", "settled_microusd", "reserved_microusd"),
    Index("attempts_batch", "batch_id"),
)

IS_LIVE = and_(entries.c.status.not_in((Status.FAILED, Status.CANCELLED)), entries.c.superseded_at.is_(None))

# Of a row's entries, the one that counts now: the live one; where none is, the newest. Grouped by row, and as an order.
ID_THAT_COUNTS = func.coalesce(func.max(case((IS_LIVE, entries.c.id))), func.max(entries.c.id))
THE_ONE_THAT_COUNTS_LAST = (case((IS_LIVE, 1), else_=0), entries.c.id)

# Of an entry's attempts, the one that counts now: the last for what its row asks for. Joins the two tables.
IS_CURRENT = and_(
    attempts.c.entry_id == entries.c.id,
    attempts.c.fingerprint == entries.c.fingerprint,
    attempts.c.number == entries.c.attempt,
)

# The avatar type of looks, as the provider said: prices go by it.
look_kinds = Table(
    "look_kinds",
    metadata,
    Column("look_id", Text, primary_key=True),
    Column("avatar_type", Text, nullable=False),
)

# Jobs whose spending counts together.
shared_budgets = Table(
    "shared_budgets",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("name", Text, nullable=False),
)

# Sealed plans that a run was begun with: each is good for one run.
used_plans = Table(
    "used_plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("at", Float, nullable=False),
)

# Templates that somebody approved after looking at videos made with them.
approvals = Table(
    "approvals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Column("template", Text, nullable=False),  # a digest of everything that the rows have in common
    Column("by", Text, nullable=False),
    Column("at", Float, nullable=False),
    UniqueConstraint("job_id", "template"),
)

# Local files at the provider, by their content; all jobs of the ledger share them.
assets = Table(
    "assets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("name", Text, nullable=False),  # of the file that was uploaded, for people
    Column("generation", Integer, nullable=False),  # how often it was begun anew; part of the upload's key
    Column("state", Text, nullable=False),
    Column("asset_id", Text),
    Column("session", Text),  # where the bytes of a direct upload go; forgotten with the last of them
    Column("created_at", Float, nullable=False),
    Column("ready_at", Float),
    Column("used_at", Float),  # the last time that a create named it
    UniqueConstraint("provider", "sha256"),
    CheckConstraint("state IN ('begun', 'forgotten', 'ready', 'sent', 'session')", name="state_known"),
    CheckConstraint("state <> 'ready' OR asset_id IS NOT NULL", name="ready_has_id"),
    CheckConstraint("(session IS NOT NULL) = (state IN ('sent', 'session'))", name="session_while_sending"),
    Index("assets_by_id", "asset_id"),
)

# The files that an entry's request names.
entry_media = Table(
    "entry_media",
    metadata,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Index("entry_media_by_file", "sha256"),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("path_key", Text, nullable=False),  # case-folded: some file systems do not tell A from a
    Column("size_bytes", BigInteger),
    Column("sha256", Text),
    Column("stored_at", Float),
    UniqueConstraint("path_key"),
    UniqueConstraint("entry_id", "kind"),
    CheckConstraint("(stored_at IS NULL) = (sha256 IS NULL)", name="stored_is_hashed"),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("run_id", ForeignKey("runs.id")),
    Column("at", Float, nullable=False),
    Column("event", Text, nullable=False),
    Column("attempt", Integer),
    Column("details", Text, nullable=False),
    Index("events_entry", "entry_id"),
)

# What people asked for while a run held the job; the run, or the next one, applies it.
wishes = Table(
    "wishes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("wish", Text, nullable=False),
    Column("video_id", Text),
    Column("by", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("settled_at", Float),
    Column("outcome", Text),
    Column("seen_event", BigInteger),  # the newest event when the person looked for the video, before saying this
    Index("wishes_open", "settled_at"),
    CheckConstraint("(settled_at IS NULL) = (outcome IS NULL)", name="settled_has_outcome"),
)

# What the provider told by itself (webhooks); a listener writes them down, the run that holds the job heeds them.
arrivals = Table(
    "arrivals",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("video_id", Text, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("heeded_at", Float),
    Index("arrivals_open", "heeded_at", "received_at"),
)

# Until when somebody is known to listen for a job, by its name: it may not have run yet.
listeners = Table(
    "listeners",
    metadata,
    Column("job", Text, primary_key=True),
    Column("until", Float, nullable=False),
)

APPEND_ONLY = (
    "CREATE TRIGGER events_never_change BEFORE UPDATE ON events "
    "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
    "CREATE TRIGGER events_never_vanish BEFORE DELETE ON events "
    "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
)
