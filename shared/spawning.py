"""The successor of a closed occurrence: made exactly once, by an event or by sweep.

The row says that a successor is owed (`awaits_successor`); whoever comes first makes it and clears the mark, under the
lock of the user's row. Unique keys on (series, ordinal) and (series, occurrence) stand behind that.
"""

import datetime as dt
from dataclasses import replace

from shared.events import SeriesEnded, TaskCreated
from shared.occurrences import next_occurrence
from shared.series import Series, spawned, stopped
from shared.series_rows import SeriesRows
from shared.tag_rows import known_tags
from shared.task import Occurrence, Task
from shared.unit_of_work import UnitOfWork, new_id

SETTLE = "UPDATE tasks SET awaits_successor = false WHERE user_id = %s AND id = %s"


async def spawn_successor(work: UnitOfWork, task: Task) -> None:
    """Make the next occurrence, or end the series; do nothing when none is owed. The owner's row must be locked."""
    if task.occurrence is None or not task.occurrence.awaits_successor:
        return
    series = await work.series.get(work.owner.id, task.occurrence.series.id)
    if series is None or (series.lives and not series.is_active):
        return  # paused: the successor stays owed until the series is resumed
    if series.goes_on and task.occurrence.ordinal == series.last_ordinal:
        await _spawn_or_end(work, series, task, task.occurrence)
    await work.connection.execute(SETTLE, (work.owner.id, task.id))


async def dates_taken(rows: SeriesRows, series: Series, task: Task, occurrence: Occurrence) -> frozenset[dt.datetime]:
    """Return the dates that have an occurrence already and that one after `task` might meet."""
    # Two days before the completion is before its local day in every zone.
    done = (task.completed_at or task.updated_at).replace(tzinfo=None) - dt.timedelta(days=2)
    return await rows.taken(series, min(done, occurrence.scheduled))


async def _spawn_or_end(work: UnitOfWork, series: Series, task: Task, occurrence: Occurrence) -> None:
    taken = await dates_taken(work.series, series, task, occurrence)
    scheduled = next_occurrence(series, task, work.owner, work.now, taken)
    if scheduled is None:
        await work.save_series(stopped(series, work.now), SeriesEnded)
        return
    ordinal = series.last_ordinal + 1
    ids = tuple(new_id() for _ in range(1 + len(series.template.minutes_before)))
    successor = spawned(series, scheduled, ordinal, ids, work.owner, work.now)
    successor = replace(successor, tags=await known_tags(work, successor.tags))
    await work.save_task(None, successor, TaskCreated)
    await work.save_series(replace(series, last_ordinal=ordinal), None)
