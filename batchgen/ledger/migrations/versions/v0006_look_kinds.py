"""What kind of avatar each look is, for prices."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "look_kinds",
        sa.Column("look_id", sa.Text(), nullable=False),
        sa.Column("avatar_type", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("look_id", name=op.f("pk_look_kinds")),
    )
