"""The tables of finding: tags, the words of tasks, saved filters. See shared/tables.py."""

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, SmallInteger, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

from shared.columns import instant, text, user


class Tag(SQLModel, table=True):
    """A tag. `name_key` is the name without case; the first spelling is kept in `name`.

    Tasks have tags by their ids, so a new name is that of all its tasks at once. They must also be told to clients that
    have them: `owes_after` is the task up to which that has been done, null where none is owed (shared/retagging.py).
    """

    __tablename__ = "tags"
    __table_args__ = (
        Index("tags_one_per_name", "user_id", "name_key", unique=True, postgresql_where=sql("deleted_at IS NULL")),
        Index("tags_changes", "user_id", "change_seq"),
        Index("tags_owing", "id", postgresql_where=sql("owes_after IS NOT NULL")),
        Index("tags_merging", "merged_into", postgresql_where=sql("merged_into IS NOT NULL")),
        Index("tags_tombstones", "deleted_at", postgresql_where=sql("deleted_at IS NOT NULL")),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    user_id: str = Field(sa_column=user())
    name: str = Field(sa_column=text())
    name_key: str = Field(sa_column=text())
    colour: str | None = Field(sa_column=text(nullable=True))
    open_tasks: int = Field(sa_column=Column(BigInteger, nullable=False, server_default="0"))
    change_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: dt.datetime = Field(sa_column=instant())
    deleted_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    # Whose tasks these are, until all of them have been moved there.
    merged_into: UUID | None = Field(sa_column=Column(Uuid, ForeignKey("tags.id", ondelete="SET NULL")))
    owes_after: UUID | None = Field(sa_column=Column(Uuid))


class TaskTag(SQLModel, table=True):
    """Which tags a task has, in the order the user gave them."""

    __tablename__ = "task_tags"
    __table_args__ = (Index("task_tags_by_tag", "tag_id", "task_id"),)
    task_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True))
    tag_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True))
    position: int = Field(sa_column=Column(SmallInteger, nullable=False))


class TaskWords(SQLModel, table=True):
    """What search knows of a task that is not deleted (shared/search.py).

    Beside the task, so that completing it does not write a thousand words of notes into the index again; with the
    task's owner and instant, so that a user's newest words are read without their tasks.
    """

    __tablename__ = "task_words"
    __table_args__ = (
        # Without the list of pending entries, which every search would read from its beginning to its end.
        Index("task_words_index", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("task_words_by_creation", "user_id", "created_at", "task_id"),
    )
    task_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True))
    words: str = Field(sa_column=Column(TSVECTOR, nullable=False))
    user_id: str = Field(sa_column=text())
    created_at: dt.datetime = Field(sa_column=instant())


class SavedFilter(SQLModel, table=True):
    """A list of tasks by name: the query parameters that make it."""

    __tablename__ = "filters"
    __table_args__ = (
        Index("filters_one_per_name", "user_id", "name_key", unique=True, postgresql_where=sql("deleted_at IS NULL")),
        Index("filters_changes", "user_id", "change_seq"),
        Index("filters_tombstones", "deleted_at", postgresql_where=sql("deleted_at IS NOT NULL")),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    user_id: str = Field(sa_column=user())
    name: str = Field(sa_column=Column(Text, nullable=False))
    name_key: str = Field(sa_column=text())
    query: dict[str, list[str]] = Field(sa_column=Column(JSONB, nullable=False))
    change_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: dt.datetime = Field(sa_column=instant())
    updated_at: dt.datetime = Field(sa_column=instant())
    deleted_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
