"""Entries that know the provider's folder that their video is in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("entries", sa.Column("folder_id", sa.Text(), nullable=True))
