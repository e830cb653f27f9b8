"""Alembic's entry: online migrations of the tables in shared/tables.py, in one transaction, one migrator at a time."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text
from sqlmodel import SQLModel

from shared import delivery_tables, file_tables, find_tables, notification_tables, tables  # noqa: F401  (registers the tables)
from shared.migrate import LOCK


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave alone what lives in other schemas, such as the stand-in's own tables."""
    return kind != "schema" or name is None


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=_ours,
        compare_server_default=True,
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()


with create_engine(context.config.attributes["url"], poolclass=pool.NullPool).connect() as opened:
    _run(opened)
