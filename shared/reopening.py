"""Opening a completed occurrence again takes back the successor that its completion brought."""

from dataclasses import replace

from shared.events import TaskDeleted
from shared.task import Task, withdrawn
from shared.unit_of_work import UnitOfWork


async def withdraw_successor(work: UnitOfWork, task: Task) -> None:
    """Delete the next occurrence, unless somebody has touched it since; then both stay."""
    if task.occurrence is None:
        return
    series_id, ordinal = task.occurrence.series.id, task.occurrence.ordinal
    successor = await work.tasks.by_ordinal(work.owner.id, series_id, ordinal + 1)
    series = await work.series.get(work.owner.id, series_id)
    if successor is None or successor.version > 1 or series is None or series.last_ordinal != ordinal + 1:
        return
    await work.save_task(successor, withdrawn(successor, work.now), TaskDeleted)
    await work.save_series(replace(series, last_ordinal=ordinal), None)
