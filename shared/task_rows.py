"""Tasks in storage: rows to values and back. Every statement is filtered by the owner."""

import datetime as dt
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from shared.due import Due
from shared.reminder import Alarm, Owner, Reminder, ReminderState
from shared.task import Occurrence, Priority, SeriesRef, Status, Task
from shared.task_links import save_links

# What makes a Task; also used by the queries in shared/task_query.py.
COLUMNS = """
t.id, t.user_id, t.title, t.notes, t.status, t.priority, t.due_date, t.due_time, t.due_zone, t.series_id, t.ordinal,
t.occurrence, t.awaits_successor, t.version, t.created_at, t.updated_at, t.completed_at, t.deleted_at,
s.rule, s.mode, s.rule_text,
ARRAY(SELECT g.name FROM task_tags x JOIN tags y ON y.id = x.tag_id JOIN tags g ON g.id = coalesce(y.merged_into, y.id)
  WHERE x.task_id = t.id AND g.deleted_at IS NULL GROUP BY g.id ORDER BY min(x.position)) AS tags,
ARRAY(SELECT row_to_json(r) FROM reminders r WHERE r.task_id = t.id ORDER BY r.position, r.id) AS reminders
"""
SOURCE = "tasks t LEFT JOIN series s ON s.id = t.series_id"

GET = f"SELECT {COLUMNS} FROM {SOURCE} WHERE t.user_id = %s AND t.id = %s AND t.deleted_at IS NULL"
GET_CLOSED_OR_GONE = f"SELECT {COLUMNS} FROM {SOURCE} WHERE t.user_id = %s AND t.id = %s"
OF_SERIES = f"SELECT {COLUMNS} FROM {SOURCE} WHERE t.user_id = %s AND t.series_id = %s AND t.deleted_at IS NULL"
OPEN_OF_SERIES = f"{OF_SERIES} AND t.status = 'open' ORDER BY t.ordinal"
BY_ORDINAL = f"SELECT {COLUMNS} FROM {SOURCE} WHERE t.user_id = %s AND t.series_id = %s AND t.ordinal = %s"
INSERT = """
INSERT INTO tasks (id, user_id, title, notes, status, priority, due_date, due_time, due_zone, due_at, over_at,
  series_id, ordinal, occurrence, awaits_successor, version, change_seq, created_at, updated_at, completed_at,
  deleted_at)
VALUES (%(id)s, %(user_id)s, %(title)s, %(notes)s, %(status)s, %(priority)s, %(due_date)s, %(due_time)s, %(due_zone)s,
  %(due_at)s, %(over_at)s, %(series_id)s, %(ordinal)s, %(occurrence)s, %(awaits_successor)s, %(version)s,
  %(change_seq)s, %(created_at)s, %(updated_at)s, %(completed_at)s, %(deleted_at)s)
"""
UPDATE = """
UPDATE tasks SET title = %(title)s, notes = %(notes)s, status = %(status)s, priority = %(priority)s,
  due_date = %(due_date)s, due_time = %(due_time)s, due_zone = %(due_zone)s, due_at = %(due_at)s, over_at = %(over_at)s,
  series_id = %(series_id)s, ordinal = %(ordinal)s, occurrence = %(occurrence)s,
  awaits_successor = %(awaits_successor)s, version = %(version)s, change_seq = %(change_seq)s,
  updated_at = %(updated_at)s, completed_at = %(completed_at)s, deleted_at = %(deleted_at)s
WHERE user_id = %(user_id)s AND id = %(id)s
"""
SAVE_REMINDER = """
INSERT INTO reminders (id, task_id, position, minutes_before, at, fire_at, state, version, fired_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, minutes_before = excluded.minutes_before, at = excluded.at,
  fire_at = excluded.fire_at, state = excluded.state, version = excluded.version, fired_at = excluded.fired_at
WHERE reminders.task_id = excluded.task_id
"""


class TaskRows:
    """The tasks of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, user_id: str, task_id: UUID) -> Task | None:
        """Return a task; None when it is missing, deleted or another user's."""
        return await self._one(GET, user_id, task_id)

    async def get_even_deleted(self, user_id: str, task_id: UUID) -> Task | None:
        """Return a task or its tombstone."""
        return await self._one(GET_CLOSED_OR_GONE, user_id, task_id)

    async def by_ordinal(self, user_id: str, series_id: UUID, ordinal: int) -> Task | None:
        """Return one occurrence of a series, or its tombstone."""
        return await self._one(BY_ORDINAL, user_id, series_id, ordinal)

    async def of_series(self, user_id: str, series_id: UUID) -> list[Task]:
        """Return the occurrences of a series that are not deleted."""
        return await self._all(OF_SERIES, user_id, series_id)

    async def open_of_series(self, user_id: str, series_id: UUID) -> list[Task]:
        """Return the open occurrences of a series in their order, one as a rule."""
        return await self._all(OPEN_OF_SERIES, user_id, series_id)

    async def save(self, before: Task | None, after: Task, change_seq: int, owner: Owner) -> None:
        """Write a new task, or what changed of one."""
        await self._connection.execute(INSERT if before is None else UPDATE, _values(after, change_seq, owner))
        await save_links(self._connection, before, after)
        known = {r.id: (n, r) for n, r in enumerate(before.reminders)} if before else {}
        for position, reminder in enumerate(after.reminders):
            if known.get(reminder.id) != (position, reminder):
                await self._save_reminder(after.id, position, reminder)

    async def _one(self, statement: str, *keys: object) -> Task | None:
        cursor = self._connection.cursor(row_factory=dict_row)
        row = await (await cursor.execute(statement, keys)).fetchone()
        return None if row is None else to_task(row)

    async def _all(self, statement: str, *keys: object) -> list[Task]:
        cursor = self._connection.cursor(row_factory=dict_row)
        return [to_task(row) for row in await (await cursor.execute(statement, keys)).fetchall()]

    async def _save_reminder(self, task_id: UUID, position: int, r: Reminder) -> None:
        alarm = r.alarm
        row = (
            r.id,
            task_id,
            position,
            alarm.minutes_before,
            alarm.at,
            r.fire_at,
            r.state,
            r.version,
            r.fired_at,
        )
        await self._connection.execute(SAVE_REMINDER, row)


def to_task(row: dict[str, Any]) -> Task:
    """Make a task of a row of `COLUMNS`."""
    due = None if row["due_date"] is None else Due(row["due_date"], row["due_time"], row["due_zone"])
    return Task(
        id=row["id"], user_id=row["user_id"], title=row["title"], notes=row["notes"], status=Status(row["status"]),
        priority=_PRIORITIES[row["priority"]], tags=tuple(row["tags"]), due=due,
        reminders=tuple(_reminder(r) for r in row["reminders"]), occurrence=_occurrence(row), version=row["version"],
        created_at=row["created_at"], updated_at=row["updated_at"], completed_at=row["completed_at"],
        deleted_at=row["deleted_at"],
    )  # fmt: skip


_PRIORITIES = tuple(Priority)


def _occurrence(row: dict[str, Any]) -> Occurrence | None:
    if row["series_id"] is None:
        return None
    series = SeriesRef(row["series_id"], row["rule"], row["mode"], row["rule_text"])
    return Occurrence(series, row["ordinal"], row["occurrence"], row["awaits_successor"])


def _reminder(row: dict[str, Any]) -> Reminder:
    alarm = Alarm(row["minutes_before"], _instant(row["at"]))
    fire_at = dt.datetime.fromisoformat(row["fire_at"])
    return Reminder(
        UUID(row["id"]),
        alarm,
        fire_at,
        ReminderState(row["state"]),
        row["version"],
        _instant(row["fired_at"]),
    )


def _instant(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


def _values(task: Task, change_seq: int, owner: Owner) -> dict[str, object]:
    due, occurrence = task.due, task.occurrence
    return {
        "id": task.id, "user_id": task.user_id, "title": task.title, "notes": task.notes, "status": task.status,
        "priority": task.priority.rank,
        "due_date": due and due.date, "due_time": due and due.time, "due_zone": due and due.zone,
        "due_at": due and due.instant(owner.zone), "over_at": due and due.over(owner.zone),
        "series_id": occurrence and occurrence.series.id, "ordinal": occurrence and occurrence.ordinal,
        "occurrence": occurrence and occurrence.scheduled,
        "awaits_successor": occurrence is not None and occurrence.awaits_successor,
        "version": task.version, "change_seq": change_seq, "created_at": task.created_at,
        "updated_at": task.updated_at, "completed_at": task.completed_at, "deleted_at": task.deleted_at,
    }  # fmt: skip
