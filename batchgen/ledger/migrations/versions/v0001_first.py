"""The first ledger: jobs, runs, entries, attempts, artifacts, wishes, and the append-only event log.

Written out, not taken from ``tables.py``: what this version made must stay what it was when the tables move on.
"""

import sqlalchemy as sa
from alembic import op

from batchgen.ledger import tables

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("status NOT IN ('failed', 'cancelled') AND superseded_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=True),
        sa.Column("held_host", sa.Text(), nullable=True),
        sa.Column("held_pid", sa.Integer(), nullable=True),
        sa.Column("held_since", sa.Float(), nullable=True),
        sa.Column("held_until", sa.Float(), nullable=True),
        sa.CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name=op.f("ck_jobs_lease_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("name", name=op.f("uq_jobs_name")),
    )
    op.create_table(
        "ledgers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledgers_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledgers")),
    )
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_runs_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("asked_by", ID, nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("file_stem", sa.Text(), nullable=False),
        sa.Column("estimate_microusd", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("attempt_open", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Text(), nullable=True),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("links", sa.Text(), nullable=True),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
        sa.Column("snoozes", sa.Integer(), nullable=False),
        sa.Column("missing_since", sa.Float(), nullable=True),
        sa.Column("missing_times", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.Column("submitted_at", sa.Float(), nullable=True),
        sa.Column("finalized_at", sa.Float(), nullable=True),
        sa.Column("superseded_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "(finalized_at IS NOT NULL) = (status IN ('cancelled', 'failed', 'succeeded'))",
            name=op.f("ck_entries_final_has_time"),
        ),
        sa.CheckConstraint(
            "status IN ('cancelled', 'failed', 'in_doubt', 'pending', 'rendered', 'rendering', "
            "'submitting', 'succeeded')",
            name=op.f("ck_entries_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('rendered', 'rendering', 'succeeded') OR video_id IS NOT NULL",
            name=op.f("ck_entries_render_has_video"),
        ),
        sa.CheckConstraint("(leased_by IS NULL) = (leased_until IS NULL)", name=op.f("ck_entries_lease_whole")),
        sa.CheckConstraint(
            "superseded_at IS NULL OR finalized_at IS NOT NULL", name=op.f("ck_entries_superseded_is_final")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["runs.id"], name=op.f("fk_entries_asked_by")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_entries_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index("entries_asked", "entries", ["asked_by", "status"], unique=False)
    op.create_index("entries_due", "entries", ["job_id", "status", "not_before"], unique=False)
    op.create_index("entries_row", "entries", ["job_id", "row_id"], unique=False)
    op.create_index("entries_video", "entries", ["video_id"], unique=False)
    op.create_index(
        "one_live_entry", "entries", ["job_id", "row_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_table(
        "artifacts",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("path_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("stored_at", sa.Float(), nullable=True),
        sa.CheckConstraint("(stored_at IS NULL) = (sha256 IS NULL)", name=op.f("ck_artifacts_stored_is_hashed")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_artifacts_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
        sa.UniqueConstraint("entry_id", "kind", name=op.f("uq_artifacts_entry_id")),
        sa.UniqueConstraint("path_key", name=op.f("uq_artifacts_path_key")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.Float(), nullable=False),
        sa.Column("first_sent_at", sa.Float(), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Text(), nullable=True),
        sa.Column("reserved_microusd", sa.BigInteger(), nullable=False),
        sa.Column("settled_microusd", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("errors", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_attempts_ended_has_outcome")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_attempts_numbered_from_1")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_attempts_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("entry_id", "fingerprint", "number", name=op.f("uq_attempts_entry_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_attempts_idempotency_key")),
    )
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_events_entry_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_events_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("events_entry", "events", ["entry_id"], unique=False)
    op.create_table(
        "wishes",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("video_id", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("settled_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("(settled_at IS NULL) = (outcome IS NULL)", name=op.f("ck_wishes_settled_has_outcome")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_wishes_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
    )
    op.create_index("wishes_open", "wishes", ["settled_at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for trigger in tables.APPEND_ONLY:
            op.execute(trigger)
