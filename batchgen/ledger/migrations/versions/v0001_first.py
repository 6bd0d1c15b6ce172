"""The first ledger: jobs, runs, entries, attempts, artifacts, and the append-only event log."""

from alembic import op

from batchgen.ledger.tables import APPEND_ONLY, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for trigger in APPEND_ONLY:
            op.execute(trigger)
