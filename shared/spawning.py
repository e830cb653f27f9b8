"""The successor of a closed occurrence: made exactly once, by an event or by sweep.

The row says that a successor is owed (`awaits_successor`); whoever comes first makes it and clears the mark, under the
lock of the user's row. Unique keys on (series, ordinal) and (series, occurrence) stand behind that.
"""

from dataclasses import replace

from shared import recurrence
from shared.events import SeriesEnded, TaskCreated
from shared.occurrences import next_occurrence
from shared.series import Series, spawned, stopped
from shared.task import Task
from shared.unit_of_work import UnitOfWork, new_id

SETTLE = "UPDATE tasks SET awaits_successor = false WHERE user_id = %s AND id = %s"
IS_TAKEN = "SELECT true FROM tasks WHERE user_id = %s AND series_id = %s AND occurrence = %s"


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
    scheduled = next_occurrence(series, task, work.owner, work.now)
    while scheduled is not None and await _is_taken(work, series, scheduled):
        scheduled = recurrence.next_after(series.rule, series.starts_at, scheduled)
    if scheduled is None:
        await work.save_series(stopped(series, work.now), SeriesEnded)
        return
    ordinal = series.last_ordinal + 1
    ids = tuple(new_id() for _ in range(1 + len(series.template.minutes_before)))
    successor = spawned(series, scheduled, ordinal, ids, work.owner, work.now)
    successor = replace(successor, tags=await work.known_tags(successor.tags))
    await work.save_task(None, successor, TaskCreated)
    await work.save_series(replace(series, last_ordinal=ordinal), None)


async def _is_taken(work: UnitOfWork, series: Series, scheduled: object) -> bool:
    cursor = await work.connection.execute(IS_TAKEN, (work.owner.id, series.id, scheduled))
    return await cursor.fetchone() is not None
