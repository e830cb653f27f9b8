"""The tables of notifications: where a user wants to be told, what was told, and how far each telling got.

One notification per event, one delivery per notification and channel: the keys are what keeps a person from being told
twice. See shared/tables.py.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.columns import instant, text, user


class Channel(SQLModel, table=True):
    """An address of a user: `email`, `webhook`, or `push/<device>`. `problem` says why it is switched off."""

    __tablename__ = "channels"
    __table_args__ = (CheckConstraint("kind IN ('email', 'web_push', 'fcm', 'webhook')", name="channels_kind"),)
    user_id: str = Field(sa_column=Column(Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True))
    name: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_column=text())
    config: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    problem: str | None = Field(sa_column=text(nullable=True))
    updated_at: dt.datetime = Field(sa_column=instant())


class Notification(SQLModel, table=True):
    """What a user was told. `event_id` is that of the event it tells about."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("notifications_changes", "user_id", "change_seq"),
        Index("notifications_by_creation", "user_id", "created_at", "id"),
        Index("notifications_by_age", "created_at"),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    user_id: str = Field(sa_column=user())
    event_id: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    # No foreign keys: it outlives the task and its reminders.
    task_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    reminder_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    title: str = Field(sa_column=text())
    text: str = Field(sa_column=text())
    fire_at: dt.datetime = Field(sa_column=instant())
    fired_at: dt.datetime = Field(sa_column=instant())
    change_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: dt.datetime = Field(sa_column=instant())
    read_at: dt.datetime | None = Field(sa_column=instant(nullable=True))


class Delivery(SQLModel, table=True):
    """One notification on its way through one channel.

    `attempts` counts the claims and tells them apart. `acts_at` is when sweep sees to it: the end of quiet hours or of
    a back-off while `pending`, the end of the lease while `sending`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'cancelled')", name="deliveries_state"),
        UniqueConstraint("notification_id", "channel", name="deliveries_one_per_channel"),
        Index("deliveries_unfinished", "acts_at", postgresql_where=sql("state IN ('pending', 'sending')")),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    notification_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("notifications.id", ondelete="CASCADE"), nullable=False)
    )
    channel: str = Field(sa_column=text())
    kind: str = Field(sa_column=text())
    state: str = Field(sa_column=text())
    attempts: int
    acts_at: dt.datetime = Field(sa_column=instant())
    reason: str | None = Field(sa_column=text(nullable=True))
    finished_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
