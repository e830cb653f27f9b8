"""Make the next occurrence of a recurring task, exactly once.

In: a task event that closes an occurrence, or a series event. Out: the next task with `ebb.task.created.v1`, or
`ebb.series.ended.v1` when the rule is used up.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared.envelope import Event
from shared.errors import EventRejected
from shared.events import SeriesPayload, TaskPayload
from shared.payload import Payload
from shared.receive import take
from shared.spawning import spawn_successor
from shared.task import Task
from shared.unit_of_work import UnitOfWork

SOURCE = "/ebb/spawn-recurrence"


@functions_framework.aio.cloud_event
async def spawn_recurrence(event: CloudEvent) -> None:
    """Make the successor that the current row says is owed."""
    await take(event, Payload, SOURCE, _spawn)


async def _spawn(work: UnitOfWork, _event: Event, payload: Payload) -> None:
    await work.lock(payload.user_id)
    task = await _closed_occurrence(work, payload)
    if task is not None:
        await spawn_successor(work, task)


async def _closed_occurrence(work: UnitOfWork, payload: Payload) -> Task | None:
    if isinstance(payload, TaskPayload):
        return await work.tasks.get_even_deleted(payload.user_id, payload.task_id)
    if isinstance(payload, SeriesPayload):
        series = await work.series.get(payload.user_id, payload.series_id)
        return await work.tasks.by_ordinal(payload.user_id, series.id, series.last_ordinal) if series else None
    raise EventRejected(f"{payload.type}: this function takes task and series events")
