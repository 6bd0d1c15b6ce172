"""Batches: creates of several rows at once, and the attempts that went out in them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("first_sent_at", sa.Float(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("provider_batch_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_batches_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("key", name=op.f("uq_batches_key")),
    )
    with op.batch_alter_table("attempts", recreate="always") as attempts:
        attempts.add_column(sa.Column("batch_id", ID, nullable=True))
        attempts.add_column(sa.Column("batch_index", sa.Integer(), nullable=True))
        attempts.create_foreign_key(op.f("fk_attempts_batch_id"), "batches", ["batch_id"], ["id"])
        attempts.create_check_constraint(
            op.f("ck_attempts_batched_has_place"), "(batch_id IS NULL) = (batch_index IS NULL)"
        )
    op.create_index("attempts_batch", "attempts", ["batch_id"])
