"""The tables of files that come in and of calendars that go out: their one description, as in shared/tables.py."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Text, Uuid
from sqlmodel import Field, SQLModel

from shared.columns import instant, text, user


class Import(SQLModel, table=True):
    """What came in under a UID: one task, or one series. The key is what makes a second import find the first.

    `fingerprint`, `sequence` and `modified` are those of the file; `seen_task` and `seen_version` name the task as the
    import left it, so that a later edit here is told from none. `extra` are content lines that Ebb has no field for.
    """

    __tablename__ = "imports"
    __table_args__ = (CheckConstraint("(task_id IS NULL) <> (series_id IS NULL)", name="imports_one_kind"),)
    user_id: str = Field(
        sa_column=Column(Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )
    uid: str = Field(sa_column=Column(Text, primary_key=True, nullable=False))
    task_id: UUID | None = Field(sa_column=Column(Uuid, ForeignKey("tasks.id", ondelete="CASCADE"), unique=True))
    series_id: UUID | None = Field(sa_column=Column(Uuid, ForeignKey("series.id", ondelete="CASCADE"), unique=True))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    modified: dt.datetime | None = Field(sa_column=instant(nullable=True))
    seen_task: UUID = Field(sa_column=Column(Uuid, nullable=False))
    seen_version: int
    extra: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    imported_at: dt.datetime = Field(sa_column=instant())


class Feed(SQLModel, table=True):
    """A secret URL that shows a user's tasks to a calendar program, stored as the SHA-256 of its secret part."""

    __tablename__ = "feeds"
    __table_args__ = (Index("feeds_of_user", "user_id", "id"),)
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    user_id: str = Field(sa_column=user())
    name: str = Field(sa_column=text())
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    created_at: dt.datetime = Field(sa_column=instant())
