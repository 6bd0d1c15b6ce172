"""Messages of the provider that a listener received, and who listens."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "arrivals",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("video_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("heeded_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_arrivals")),
    )
    op.create_index("arrivals_open", "arrivals", ["heeded_at", "received_at"])
    op.create_table(
        "listeners",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_listeners")),
    )
