"""Column types that the tables share."""

import datetime as dt

from sqlalchemy import Column, DateTime, ForeignKey, Text


def text(*, default: str | None = None, nullable: bool = False) -> Column[str]:
    """Return a text column."""
    return Column(Text, nullable=nullable, server_default=default)


def instant(*, nullable: bool = False) -> Column[dt.datetime]:
    """Return a column for instants (`timestamptz`)."""
    return Column(DateTime(timezone=True), nullable=nullable)


def user() -> Column[str]:
    """Return the column of the owner."""
    return Column(Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
