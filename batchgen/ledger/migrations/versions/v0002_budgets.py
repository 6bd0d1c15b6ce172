"""Budgets: jobs that count together, and attempts that know their job, so that what a job spent is quickly summed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shared_budgets",
        sa.Column("job_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_shared_budgets_job_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_shared_budgets")),
    )
    op.add_column("attempts", sa.Column("job_id", ID, nullable=True))
    op.execute("UPDATE attempts SET job_id = (SELECT job_id FROM entries WHERE entries.id = attempts.entry_id)")
    with op.batch_alter_table("attempts") as attempts:
        attempts.alter_column("job_id", existing_type=ID, nullable=False)
        attempts.create_foreign_key(op.f("fk_attempts_job_id"), "jobs", ["job_id"], ["id"])
    op.create_index("attempts_money", "attempts", ["job_id", "settled_microusd", "reserved_microusd"])
