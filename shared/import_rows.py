"""What came in under which UID, in storage. Every statement is filtered by the owner."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from shared.filed_task import FiledTask
from shared.series import Series
from shared.task import Task

FIND = """
SELECT i.uid, i.task_id, i.series_id, i.fingerprint, i.sequence, i.modified, i.seen_task, i.seen_version,
  CASE WHEN i.series_id IS NULL THEN t.deleted_at IS NULL
    ELSE s.deleted_at IS NULL AND s.ended_at IS NULL END AS lives
FROM imports i LEFT JOIN tasks t ON t.id = i.task_id LEFT JOIN series s ON s.id = i.series_id
WHERE i.user_id = %s AND i.uid = ANY(%s)
"""
SAVE = """
INSERT INTO imports (user_id, uid, task_id, series_id, fingerprint, sequence, modified, seen_task, seen_version, extra,
  imported_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (user_id, uid) DO UPDATE SET task_id = excluded.task_id, series_id = excluded.series_id,
  fingerprint = excluded.fingerprint, sequence = excluded.sequence, modified = excluded.modified,
  seen_task = excluded.seen_task, seen_version = excluded.seen_version, extra = excluded.extra,
  imported_at = excluded.imported_at
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What is known of a UID. Exactly one of `task_id` and `series_id` is set; `lives` tells what is surely here."""

    uid: str
    task_id: UUID | None
    series_id: UUID | None
    fingerprint: bytes
    sequence: int
    modified: dt.datetime | None
    seen_task: UUID
    seen_version: int
    lives: bool


async def find_imported(connection: AsyncConnection, user_id: str, uids: Iterable[str]) -> dict[str, Imported]:
    """Return what is known of UIDs."""
    cursor = connection.cursor(row_factory=class_row(Imported))
    return {row.uid: row for row in await (await cursor.execute(FIND, (user_id, list(uids)))).fetchall()}


async def save_imported_series(connection: AsyncConnection, uid: str, series: Series, now: dt.datetime) -> None:
    """Note that a UID has become a series whose tasks have UIDs of their own."""
    empty: list[str] = []
    await connection.execute(SAVE, (series.user_id, uid, None, series.id, b"", 0, None, series.id, 0, empty, now))


def native_id(uid: str) -> UUID | None:
    """Return the id that a UID is, where it is that of something made here."""
    try:
        return UUID(uid)
    except ValueError:
        return None


async def save_imported(
    connection: AsyncConnection, item: FiledTask, task: Task, series: Series | None, now: dt.datetime
) -> None:
    """Note what a UID has become."""
    row = (
        task.user_id, item.uid, None if series else task.id, series and series.id, item.fingerprint, item.sequence,
        item.modified, task.id, task.version, list(item.extra), now,
    )  # fmt: skip
    await connection.execute(SAVE, row)
