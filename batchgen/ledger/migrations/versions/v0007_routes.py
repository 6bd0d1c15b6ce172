"""Attempts that know the route that they were sent to: not all routes replay a key, or are read back alike."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("attempts", recreate="always") as attempts:
        attempts.add_column(sa.Column("route", sa.Text(), nullable=True))
