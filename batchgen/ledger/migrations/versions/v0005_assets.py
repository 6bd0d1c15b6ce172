"""Local files: which of them the provider has, under which asset id, and which entries need them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "assets",
        sa.Column("id", ID, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=True),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("ready_at", sa.Float(), nullable=True),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('begun', 'forgotten', 'ready', 'sent', 'session')", name=op.f("ck_assets_state_known")
        ),
        sa.CheckConstraint("state <> 'ready' OR asset_id IS NOT NULL", name=op.f("ck_assets_ready_has_id")),
        sa.CheckConstraint(
            "(session IS NOT NULL) = (state IN ('sent', 'session'))", name=op.f("ck_assets_session_while_sending")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.UniqueConstraint("provider", "sha256", name=op.f("uq_assets_provider")),
    )
    op.create_index("assets_by_id", "assets", ["asset_id"])
    op.create_table(
        "entry_media",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_media_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "sha256", name=op.f("pk_entry_media")),
    )
    op.create_index("entry_media_by_file", "entry_media", ["sha256"])
