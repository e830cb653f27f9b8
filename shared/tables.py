"""The tables: their one description. Alembic derives the migrations from it; no function imports it.

Instants are `timestamptz`, local date-times `timestamp`. The unique keys are what keeps effects single: one task per
(series, ordinal) and per (series, occurrence), one audit entry per event, one inbox row per function and event.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from shared.columns import instant, text, user

_OPEN = sql("status = 'open' AND deleted_at IS NULL")
_DUE = sql("coalesce(due_at, 'infinity'::timestamptz)")
_DUE_LAST = sql("coalesce(due_at, '-infinity'::timestamptz)")
# An index takes no more than 2,700 bytes; titles have up to 2,000.
_TITLE = sql('"left"(lower(title), 100)')


class User(SQLModel, table=True):
    """A user, their settings, and the last change number: the row that every command of theirs locks first.

    An account that was deleted is `closing` until its rows are gone and `erased` after that; the row stays for a month,
    so that a late event finds out. `closed_at` is when it was last deleted: what is older is no part of a new life.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'closing', 'erased')", name="users_state"),
        Index("users_leaving", "closed_at", postgresql_where=sql("state <> 'active'")),
    )
    id: str = Field(sa_column=Column(Text, primary_key=True))
    change_seq: int = Field(sa_column=Column(BigInteger, nullable=False, server_default="0"))
    # The highest change number of a row that sweep has purged: whoever knows less cannot be told all that is gone.
    purged_seq: int = Field(sa_column=Column(BigInteger, nullable=False, server_default="0"))
    time_zone: str = Field(sa_column=text(default="UTC"))
    locale: str = Field(sa_column=text(default="en"))
    all_day_reminder_time: dt.time = Field(sa_column_kwargs={"server_default": "09:00"})
    # Between these local times only in-app notifications are shown; null, both or neither, for no quiet hours.
    quiet_from: dt.time | None
    quiet_until: dt.time | None
    created_at: dt.datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=sql("now()"))
    )
    state: str = Field(sa_column=text(default="active"))
    closed_at: dt.datetime | None = Field(sa_column=instant(nullable=True))


class Token(SQLModel, table=True):
    """A personal access token, stored as the SHA-256 of what the user holds. `last_used_at` is up to an hour old."""

    __tablename__ = "tokens"
    __table_args__ = (Index("tokens_of_user", "user_id", "id"),)
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    user_id: str = Field(sa_column=user())
    name: str = Field(sa_column=text())
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    expires_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    created_at: dt.datetime = Field(sa_column=instant())
    last_used_at: dt.datetime | None = Field(sa_column=instant(nullable=True))


class Series(SQLModel, table=True):
    """A recurring series: rule, zone and the template of its occurrences."""

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("mode IN ('scheduled', 'after_completion')", name="series_mode"),
        Index("series_changes", "user_id", "change_seq"),
        Index("series_by_creation", "user_id", "created_at", "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("series_tombstones", "deleted_at", postgresql_where=sql("deleted_at IS NOT NULL")),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    user_id: str = Field(sa_column=user())
    rule: str = Field(sa_column=text())
    rule_text: str = Field(sa_column=text())
    mode: str = Field(sa_column=text())
    skip_overdue: bool
    exdates: list[dt.datetime] = Field(sa_column=Column(ARRAY(DateTime), nullable=False))
    zone: str | None = Field(sa_column=text(nullable=True))
    all_day: bool
    starts_at: dt.datetime = Field(sa_column=Column(DateTime, nullable=False))
    title: str = Field(sa_column=text())
    notes: str = Field(sa_column=text())
    priority: int = Field(sa_column=Column(SmallInteger, nullable=False))
    tags: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    minutes_before: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    is_active: bool
    # The dates of a pause never come: those before this instant are passed over.
    resumed_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    last_ordinal: int
    version: int
    change_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: dt.datetime = Field(sa_column=instant())
    updated_at: dt.datetime = Field(sa_column=instant())
    ended_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    deleted_at: dt.datetime | None = Field(sa_column=instant(nullable=True))


class Task(SQLModel, table=True):
    """A task; deleted ones stay as tombstones for sync. `due_at` is the instant of the due value, for order."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'completed', 'skipped')", name="tasks_status"),
        CheckConstraint("priority BETWEEN 0 AND 4", name="tasks_priority"),
        UniqueConstraint("series_id", "ordinal", name="tasks_one_per_ordinal"),
        UniqueConstraint("series_id", "occurrence", name="tasks_one_per_occurrence"),
        Index("tasks_changes", "user_id", "change_seq"),
        Index("tasks_by_creation", "user_id", "created_at", "id", postgresql_where=sql("deleted_at IS NULL")),
        # One for each order of a list; the expressions are those of shared/task_query.py.
        Index("tasks_by_due", "user_id", _DUE, "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("tasks_by_due_last", "user_id", _DUE_LAST, "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("tasks_by_update", "user_id", "updated_at", "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("tasks_by_title", "user_id", _TITLE, "id", postgresql_where=sql("deleted_at IS NULL")),
        Index(
            "tasks_by_priority", "user_id", sql("priority DESC"), _DUE, "id", postgresql_where=sql("deleted_at IS NULL")
        ),
        # Most tasks of an old account are closed, and most lists are of open ones.
        Index("tasks_open", "user_id", _DUE, "id", postgresql_where=sql("deleted_at IS NULL AND status = 'open'")),
        Index("tasks_awaiting_successor", "updated_at", postgresql_where=sql("awaits_successor")),
        Index("tasks_open_of_series", "series_id", "ordinal", postgresql_where=_OPEN),
        Index("tasks_tombstones", "deleted_at", postgresql_where=sql("deleted_at IS NOT NULL")),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    user_id: str = Field(sa_column=user())
    title: str = Field(sa_column=text())
    notes: str = Field(sa_column=text())
    status: str = Field(sa_column=text())
    priority: int = Field(sa_column=Column(SmallInteger, nullable=False))
    due_date: dt.date | None
    due_time: dt.time | None
    due_zone: str | None = Field(sa_column=text(nullable=True))
    due_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    # The instant from which the task is overdue: the due time, or the end of an all-day date.
    over_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    series_id: UUID | None = Field(sa_column=Column(Uuid, ForeignKey("series.id", ondelete="CASCADE")))
    ordinal: int | None
    occurrence: dt.datetime | None = Field(sa_column=Column(DateTime))
    awaits_successor: bool
    version: int
    change_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: dt.datetime = Field(sa_column=instant())
    updated_at: dt.datetime = Field(sa_column=instant())
    completed_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    deleted_at: dt.datetime | None = Field(sa_column=instant(nullable=True))


class Reminder(SQLModel, table=True):
    """A reminder. `alarm_version` is the version whose Dapr job is set; equal to `version` when all is well."""

    __tablename__ = "reminders"
    __table_args__ = (
        CheckConstraint("(minutes_before IS NULL) <> (at IS NULL)", name="reminders_one_kind"),
        CheckConstraint("state IN ('pending', 'fired', 'cancelled', 'removed')", name="reminders_state"),
        Index("reminders_of_task", "task_id"),
        Index("reminders_pending", "fire_at", postgresql_where=sql("state = 'pending'")),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    task_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False))
    position: int = Field(sa_column=Column(SmallInteger, nullable=False))
    minutes_before: int | None = Field(sa_column=Column(BigInteger))
    at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    fire_at: dt.datetime = Field(sa_column=instant())
    state: str = Field(sa_column=text())
    version: int
    alarm_version: int | None
    fired_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
