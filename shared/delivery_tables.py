"""The tables of delivery and of the log: outbox, inbox, audit, dead letters, idempotency keys. See shared/tables.py."""

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.columns import instant, text


class Outbox(SQLModel, table=True):
    """Events of committed commands, in order, waiting to be published; published ones are purged later."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_waiting", "position", postgresql_where=sql("published_at IS NULL")),
        Index("outbox_published", "published_at", postgresql_where=sql("published_at IS NOT NULL")),
    )
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    topic: str = Field(sa_column=text())
    partition_key: str = Field(sa_column=text())
    event: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: dt.datetime = Field(sa_column=instant())
    published_at: dt.datetime | None = Field(sa_column=instant(nullable=True))


class Inbox(SQLModel, table=True):
    """Events whose effect a function has already had."""

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_by_age", "received_at"),)
    function: str = Field(sa_column=Column(Text, primary_key=True))
    event_id: str = Field(sa_column=Column(Text, primary_key=True))
    received_at: dt.datetime = Field(sa_column=instant())


class Audit(SQLModel, table=True):
    """One entry per event, appended only.

    `seq`, `previous` and `hash` are its place in its user's chain (shared/audit_chain.py). The database fills them in
    and refuses every change, so that an insert leaves them out.
    """

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("user_id", "seq", name="audit_one_per_seq"),
        Index("audit_by_user", "user_id", "time", "position"),
        Index("audit_by_task", "task_id", "time", "position"),
    )
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    # No foreign key: the log outlives the user's tasks, and events may arrive before or after their rows.
    user_id: str = Field(sa_column=text())
    type: str = Field(sa_column=text())
    source: str = Field(sa_column=text())
    time: dt.datetime = Field(sa_column=instant())
    actor: str = Field(sa_column=text())
    task_id: UUID | None = Field(sa_column=Column(Uuid))
    changes: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: dt.datetime = Field(sa_column=instant())
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    previous: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditChunk(SQLModel, table=True):
    """Entries of one user that the archive holds, or is about to hold while `stored_at` is null.

    `previous` is the hash before its first entry, `hash` that of its last: the chain goes on across it. The times are
    the earliest and the latest of its events. Until `restored_until` its entries are in the table `audit` as well.
    """

    __tablename__ = "audit_chunks"
    __table_args__ = (UniqueConstraint("user_id", "last_seq", name="audit_chunks_by_end"),)
    user_id: str = Field(sa_column=Column(Text, primary_key=True))
    first_seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    last_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    previous: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    first_time: dt.datetime = Field(sa_column=instant())
    last_time: dt.datetime = Field(sa_column=instant())
    planned_at: dt.datetime = Field(sa_column=instant())
    stored_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    restored_until: dt.datetime | None = Field(sa_column=instant(nullable=True))


class DeadLetter(SQLModel, table=True):
    """An event that a function did not take, or a record that is no event at all.

    `fingerprint` (SHA-256) names function and content, so that what comes again is counted in its row. `body` is what
    arrived without Knative's own attributes; all other columns but the times are copies of parts of it, for people.
    """

    __tablename__ = "dead_letters"
    __table_args__ = (
        Index("dead_letters_by_age", "received_at", "position"),
        Index("dead_letters_waiting", "position", postgresql_where=sql("replayed_at IS NULL")),
    )
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    event_id: str | None = Field(sa_column=text(nullable=True))
    type: str | None = Field(sa_column=text(nullable=True))
    source: str | None = Field(sa_column=text(nullable=True))
    subject: str | None = Field(sa_column=text(nullable=True))
    partition_key: str | None = Field(sa_column=text(nullable=True))
    function: str | None = Field(sa_column=text(nullable=True))
    code: int | None = Field(sa_column=Column(SmallInteger))
    reason: str = Field(sa_column=text())
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    received_at: dt.datetime = Field(sa_column=instant())
    count: int
    replayed_at: dt.datetime | None = Field(sa_column=instant(nullable=True))
    replayed_by: str | None = Field(sa_column=text(nullable=True))


class IdempotencyKey(SQLModel, table=True):
    """The first answer to a command, for 24 hours."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_by_age", "created_at"),)
    user_id: str = Field(sa_column=Column(Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True))
    key: str = Field(sa_column=Column(Text, primary_key=True))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: int = Field(sa_column=Column(SmallInteger, nullable=False))
    headers: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: dt.datetime = Field(sa_column=instant())
