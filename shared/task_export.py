"""A user's tasks as a file, sent while it is read: no export holds more than a few hundred of them in memory.

All of it is of one moment, so a series that goes on in between is there once.
"""

import datetime as dt
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from shared.filed_task import FiledTask
from shared.filing import filed, stands_for_series
from shared.owner_rows import owner_of
from shared.reminder import Owner
from shared.runtime import Runtime
from shared.series import Series
from shared.series_rows import SeriesRows
from shared.task import Task
from shared.task_rows import COLUMNS, SOURCE, to_task

BATCH = 200  # tasks in memory
PREPARE = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    # Whoever stops reading must not hold a connection and a snapshot for ever.
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
)
TASKS = f"""
SELECT {COLUMNS}, i.uid, i.extra, i.sequence, i.seen_version, x.uid AS series_uid, x.extra AS series_extra
FROM {SOURCE} LEFT JOIN imports i ON i.task_id = t.id LEFT JOIN imports x ON x.series_id = t.series_id
WHERE t.user_id = %s AND t.deleted_at IS NULL AND (%s OR t.status = 'open') ORDER BY t.created_at, t.id
"""
# Those that ended and left nothing are no loss.
SERIES = """
SELECT s.id, i.uid FROM series s LEFT JOIN imports i ON i.series_id = s.id WHERE s.user_id = %s
  AND EXISTS (SELECT FROM tasks t WHERE t.series_id = s.id AND t.deleted_at IS NULL) ORDER BY s.created_at, s.id
"""
TAGS = "SELECT name FROM tags WHERE user_id = %s ORDER BY name_key"
ZONES = """
SELECT due_zone FROM tasks WHERE user_id = %s AND deleted_at IS NULL AND due_zone IS NOT NULL
UNION SELECT zone FROM series WHERE user_id = %s AND deleted_at IS NULL AND zone IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Filed:
    """A task with what it stands for, and as a file has it."""

    task: Task
    uid: str
    series_uid: str | None
    item: FiledTask


def export(name: str, parts: Runtime, user_id: str) -> AsyncGenerator[bytes, None]:
    """Return a user's tasks in a format."""
    return {"ics": export_ical, "json": export_json, "csv": export_todoist}[name](parts, user_id)


async def export_ical(
    parts: Runtime, user_id: str, *, open_only: bool = False, as_events: bool = False
) -> AsyncGenerator[bytes, None]:
    """Yield an iCalendar file, many tasks at a time."""
    from shared.ical_write import END, HEAD, write_event, write_task, write_zones

    now = parts.clock.now()
    async with parts.database.connection() as connection:
        owner = await begin(connection, user_id)
        zones = await (await connection.execute(ZONES, (user_id, user_id))).fetchall()
        yield HEAD + write_zones((name for (name,) in zones), now)
        write = write_event if as_events else write_task
        async for batch in read_filed(connection, owner, open_only=open_only):
            yield b"".join(write(one.item, owner, now) for one in batch)
    yield END


async def export_json(parts: Runtime, user_id: str) -> AsyncGenerator[bytes, None]:
    """Yield Ebb's own file (shared/json_file.py)."""
    from shared import json_file

    head = {"format": json_file.FORMAT, "version": json_file.VERSION, "exported_at": parts.clock.now().isoformat()}
    async with parts.database.connection() as connection:
        owner = await begin(connection, user_id)
        tags = [name for (name,) in await (await connection.execute(TAGS, (user_id,))).fetchall()]
        yield f'{json.dumps(head)[:-1]},\n"tags": {json.dumps(tags, ensure_ascii=False)},\n"series": ['.encode()
        before = "\n"
        for series_id, uid in await (await connection.execute(SERIES, (user_id,))).fetchall():
            series = await SeriesRows(connection).get(user_id, series_id)
            if series is not None:
                yield f"{before}{json_file.write_series(series, uid or str(series_id))}".encode()
                before = ",\n"
        yield b'],\n"tasks": ['
        before = "\n"
        async for batch in read_filed(connection, owner):
            lines = (json_file.write_task(one.task, one.uid, one.series_uid, one.item.extra, owner) for one in batch)
            yield (before + ",\n".join(lines)).encode()
            before = ",\n"
    yield b"]}\n"


async def export_todoist(parts: Runtime, user_id: str) -> AsyncGenerator[bytes, None]:
    """Yield the open tasks as Todoist's CSV."""
    from shared.todoist_file import write_head, write_rows

    async with parts.database.connection() as connection:
        owner = await begin(connection, user_id)
        yield write_head().encode()
        async for batch in read_filed(connection, owner):
            yield write_rows([(one.task, one.uid) for one in batch if not one.task.closed]).encode()


async def begin(connection: AsyncConnection, user_id: str) -> Owner:
    """Begin a transaction that sees one moment; return the settings of the user."""
    for statement in PREPARE:
        await connection.execute(statement)
    return await owner_of(connection, user_id)


async def read_filed(
    connection: AsyncConnection, owner: Owner, *, open_only: bool = False
) -> AsyncGenerator[list[Filed], None]:
    """Yield the tasks that are not deleted, oldest first."""
    series_rows = SeriesRows(connection)
    async with connection.cursor(name="export", row_factory=dict_row) as cursor:
        await cursor.execute(TASKS, (owner.id, not open_only))
        while rows := await cursor.fetchmany(BATCH):
            batch = []
            for row in rows:
                task = to_task(row)
                series = (
                    await series_rows.get(owner.id, row["series_id"]) if row["series_id"] and not task.closed else None
                )
                batch.append(_filed(task, series if stands_for_series(task, series) else None, row))
            yield batch


def _filed(task: Task, series: Series | None, row: dict[str, Any]) -> Filed:
    """Return a task under its own UID, or under that of the series it stands for."""
    uid: str = row["uid"] or str(task.id)
    series_uid: str | None = row["series_uid"] or (str(task.occurrence.series.id) if task.occurrence else None)
    extra = row["series_extra"] if series else row["extra"]
    item = filed(task, series, series_uid if series and series_uid else uid, tuple(extra or ()), _sequence(task, row))
    return Filed(task, uid, series_uid, item)


def _sequence(task: Task, row: dict[str, Any]) -> int | None:
    """Return a SEQUENCE that rises with each change from the one that came in (RFC 5545, section 3.8.7.4)."""
    base, seen = row["sequence"], row["seen_version"]
    return base + max(0, task.version - seen) if isinstance(base, int) and isinstance(seen, int) else None


def file_name(name: str, now: dt.datetime) -> str:
    """Return the Content-Disposition of an export (RFC 6266)."""
    return f'attachment; filename="ebb-tasks-{now:%Y%m%dT%H%M%SZ}.{name}"'
