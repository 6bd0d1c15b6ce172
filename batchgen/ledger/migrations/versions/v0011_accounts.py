"""Attempts that know the account that they were sent to: keys and videos mean nothing in another one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("account", sa.Text(), nullable=True))
