"""Wishes that know what had happened when the person looked."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("wishes", sa.Column("seen_event", sa.BigInteger(), nullable=True))
