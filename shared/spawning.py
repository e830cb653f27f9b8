"""The successor of a closed occurrence: made exactly once, by an event or by sweep.

The row says that a successor is owed (`awaits_successor`); whoever comes first makes it and clears the mark, under the
lock of the user's row. Unique keys on (series, ordinal) and (series, occurrence) stand behind that.
"""

import datetime as dt
from dataclasses import replace

from shared.events import SeriesEnded, TaskCreated
from shared.occurrences import next_occurrence
from shared.series import AFTER_COMPLETION, Series, spawned, stopped
from shared.task import Task
from shared.unit_of_work import UnitOfWork, new_id

SETTLE = "UPDATE tasks SET awaits_successor = false WHERE user_id = %s AND id = %s"
# The latest ones: a date counted from a completion cannot lie before them all.
TAKEN = "SELECT occurrence FROM tasks WHERE user_id = %s AND series_id = %s ORDER BY ordinal DESC LIMIT 1000"


async def spawn_successor(work: UnitOfWork, task: Task) -> None:
    """Make the next occurrence, or end the series; do nothing when none is owed. The owner's row must be locked."""
    if task.occurrence is None or not task.occurrence.awaits_successor:
        return
    series = await work.series.get(work.owner.id, task.occurrence.series.id)
    if series is None or not series.is_active:
        return  # paused: the successor stays owed until the series is resumed
    if series.goes_on and task.occurrence.ordinal == series.last_ordinal:
        await _spawn_or_end(work, series, task)
    await work.connection.execute(SETTLE, (work.owner.id, task.id))


async def _spawn_or_end(work: UnitOfWork, series: Series, task: Task) -> None:
    scheduled = next_occurrence(series, task, work.owner, work.now, await _taken(work, series))
    if scheduled is None:
        await work.save_series(stopped(series, work.now), SeriesEnded)
        return
    ordinal = series.last_ordinal + 1
    ids = tuple(new_id() for _ in range(1 + len(series.template.minutes_before)))
    successor = spawned(series, scheduled, ordinal, ids, work.owner, work.now)
    successor = replace(successor, tags=await work.known_tags(successor.tags))
    await work.save_task(None, successor, TaskCreated)
    await work.save_series(replace(series, last_ordinal=ordinal), None)


async def _taken(work: UnitOfWork, series: Series) -> frozenset[dt.datetime]:
    """Return the dates that have an occurrence. Only dates counted from a completion can meet an earlier one."""
    if series.mode != AFTER_COMPLETION:
        return frozenset()
    cursor = await work.connection.execute(TAKEN, (work.owner.id, series.id))
    return frozenset(row[0] for row in await cursor.fetchall())
