"""Bring a database to the newest migration: `python -m shared.migrate` with DATABASE_URL set.

Alembic derives the migrations from shared/*tables.py: after changing one of these,
`python -m shared.migrate revision "what changed"` writes the next one (needs a database at the newest migration).
"""

import os
import sys
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

from shared.errors import SettingError

# Held while migrating, so that several pods that start at once take turns (any constant nobody else uses).
LOCK = 6_222_001


def config(database_url: str) -> Config:
    """Return the Alembic configuration for a `postgresql://` URL."""
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    alembic.attributes["url"] = database_url.replace("postgres://", "postgresql://", 1).replace(
        "postgresql://", "postgresql+psycopg://", 1
    )
    return alembic


def upgrade(database_url: str) -> None:
    """Apply every migration that the database lacks, in one transaction. Raises `SettingError` when it is not there."""
    if not database_url.startswith(("postgres://", "postgresql://")):
        raise SettingError("DATABASE_URL must begin with postgresql://")
    try:
        psycopg.connect(database_url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise SettingError(f"DATABASE_URL: PostgreSQL cannot be reached: {error}") from None
    command.upgrade(config(database_url), "head")


def main(arguments: list[str]) -> None:
    """Upgrade, or write the next migration."""
    database_url = os.environ.get("DATABASE_URL")
    if not database_url:
        raise SettingError("DATABASE_URL is not set: name the PostgreSQL to migrate")
    if arguments[:1] == ["revision"]:
        command.revision(config(database_url), message=" ".join(arguments[1:]), autogenerate=True)
    else:
        upgrade(database_url)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SettingError as error:
        sys.exit(f"ebb: {error.detail}")
