"""A user's tasks as a file, sent while it is read: no export holds more than a few hundred of them in memory.

All of it is of one moment, so a series that goes on in between is there once. Each generator closes the ones it reads
from before it gives the connection back: who stops reading in the middle leaves no open cursor on it.
"""

import datetime as dt
import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
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
from shared.series_rows import COLUMNS as SERIES_COLUMNS
from shared.series_rows import SeriesRows, to_series
from shared.task import Task
from shared.task_rows import COLUMNS, SOURCE, to_task

BATCH = 200  # tasks in memory
PREPARE = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    # Whoever stops reading must not hold a connection and a snapshot for ever.
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
)
# A tombstone whose successor is still owed, as that of a paused series: the series goes on from there.
OWING = "t.awaits_successor AND s.deleted_at IS NULL"
TASKS = f"""
SELECT {COLUMNS}, i.uid, i.extra, i.sequence, i.seen_version, x.uid AS series_uid, x.extra AS series_extra
FROM {SOURCE} LEFT JOIN imports i ON i.task_id = t.id LEFT JOIN imports x ON x.series_id = t.series_id
WHERE t.user_id = %s AND (t.deleted_at IS NULL OR (%s AND {OWING})) AND (%s OR t.status = 'open')
ORDER BY t.created_at, t.id
"""
# Those that ended and left nothing are no loss.
SERIES = f"""
SELECT {SERIES_COLUMNS}, i.uid FROM series s LEFT JOIN imports i ON i.series_id = s.id WHERE s.user_id = %s
  AND EXISTS (SELECT FROM tasks t WHERE t.series_id = s.id AND (t.deleted_at IS NULL OR {OWING}))
ORDER BY s.created_at, s.id
"""
TAGS = "SELECT name, colour FROM tags WHERE user_id = %s AND deleted_at IS NULL ORDER BY name_key"
FILTERS = "SELECT name, query FROM filters WHERE user_id = %s AND deleted_at IS NULL ORDER BY name_key"
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
        async with aclosing(read_filed(connection, owner, open_only=open_only)) as batches:
            async for batch in batches:
                yield b"".join(write(one.item, owner, now) for one in batch)
    yield END


async def export_json(parts: Runtime, user_id: str) -> AsyncGenerator[bytes, None]:
    """Yield Ebb's own file (shared/json_read.py)."""
    from shared import json_write

    head = {"format": json_write.FORMAT, "version": json_write.VERSION, "exported_at": parts.clock.now().isoformat()}
    async with parts.database.connection() as connection:
        owner = await begin(connection, user_id)
        yield json.dumps(head)[:-1].encode()
        for name, statement in (("tags", TAGS), ("filters", FILTERS)):
            cursor = connection.cursor(row_factory=dict_row)
            rows = await (await cursor.execute(statement, (user_id,))).fetchall()
            yield f',\n"{name}": {json.dumps(rows, ensure_ascii=False)}'.encode()
        yield b',\n"series": ['
        before = "\n"
        async with aclosing(read_batches(connection, "series", SERIES, (user_id,))) as batches:
            async for rows in batches:
                named = [(row.pop("uid"), to_series(row)) for row in rows]
                told = (json_write.write_series(series, uid or str(series.id)) for uid, series in named)
                yield _joined(before, told)
                before = ",\n"
        yield b'],\n"tasks": ['
        before = "\n"
        async with aclosing(read_filed(connection, owner, even_owing=True)) as filed_tasks:
            async for batch in filed_tasks:
                lines = (json_write.write_task(x.task, x.uid, x.series_uid, x.item.extra, owner) for x in batch)
                yield _joined(before, lines)
                before = ",\n"
    yield b"]}\n"


async def export_todoist(parts: Runtime, user_id: str) -> AsyncGenerator[bytes, None]:
    """Yield the open tasks as Todoist's CSV."""
    from shared.todoist_file import write_head, write_rows

    async with parts.database.connection() as connection:
        owner = await begin(connection, user_id)
        yield write_head().encode()
        async with aclosing(read_filed(connection, owner)) as batches:
            async for batch in batches:
                yield write_rows([(one.task, one.uid) for one in batch if not one.task.closed]).encode()


async def begin(connection: AsyncConnection, user_id: str) -> Owner:
    """Begin a transaction that sees one moment; return the settings of the user."""
    for statement in PREPARE:
        await connection.execute(statement)
    return await owner_of(connection, user_id)


async def read_filed(
    connection: AsyncConnection, owner: Owner, *, open_only: bool = False, even_owing: bool = False
) -> AsyncGenerator[list[Filed], None]:
    """Yield the tasks that are not deleted, oldest first; `even_owing` adds deleted ones whose successor is owed."""
    found = read_batches(connection, "tasks", TASKS, (owner.id, even_owing, not open_only))
    async with aclosing(found) as batches:
        async for rows in batches:
            tasks = [to_task(row) for row in rows]
            at_work = {task.occurrence.series.id for task in tasks if task.occurrence and not task.closed}
            series = await SeriesRows(connection).some(owner.id, at_work) if at_work else {}
            yield [_filed(task, series.get(row["series_id"]), row) for task, row in zip(tasks, rows, strict=True)]


async def read_batches(
    connection: AsyncConnection, name: str, statement: str, parameters: tuple[object, ...]
) -> AsyncGenerator[list[dict[str, Any]], None]:
    """Yield the rows of a statement, some at a time, from a cursor on the server."""
    async with connection.cursor(name=name, row_factory=dict_row) as cursor:
        await cursor.execute(statement, parameters)
        while rows := await cursor.fetchmany(BATCH):
            yield rows


def _filed(task: Task, series: Series | None, row: dict[str, Any]) -> Filed:
    """Return a task under its own UID, or under that of the series it stands for."""
    series = series if stands_for_series(task, series) else None
    uid: str = row["uid"] or str(task.id)
    series_uid: str | None = row["series_uid"] or (str(task.occurrence.series.id) if task.occurrence else None)
    extra = row["series_extra"] if series else row["extra"]
    item = filed(task, series, series_uid if series and series_uid else uid, tuple(extra or ()), _sequence(task, row))
    return Filed(task, uid, series_uid, item)


def _sequence(task: Task, row: dict[str, Any]) -> int | None:
    """Return a SEQUENCE that rises with each change from the one that came in (RFC 5545, section 3.8.7.4)."""
    base, seen = row["sequence"], row["seen_version"]
    return base + max(0, task.version - seen) if isinstance(base, int) and isinstance(seen, int) else None


def _joined(before: str, lines: Iterable[str]) -> bytes:
    return (before + ",\n".join(lines)).encode()


def file_name(name: str, now: dt.datetime) -> str:
    """Return the Content-Disposition of an export (RFC 6266)."""
    return f'attachment; filename="ebb-tasks-{now:%Y%m%dT%H%M%SZ}.{name}"'
