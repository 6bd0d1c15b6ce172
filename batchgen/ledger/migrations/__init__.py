"""The ledger's migrations, run by Alembic in one transaction: killed half way, the old version stays whole."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the ledger behind ``connection`` to ``revision`` inside the transaction that is already open."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
