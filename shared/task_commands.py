"""What each command makes of a task, for its own function and for a batch. The user's row is locked, the task read."""

import datetime as dt
from uuid import UUID

from shared.events import (
    SeriesCreated,
    SeriesDeleted,
    SeriesEnded,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskReopened,
    TaskSkipped,
    TaskSnoozed,
    TaskUpdated,
)
from shared.idempotency import Answer
from shared.inputs import Completion, NewTask, Snooze, TaskPatch
from shared.plan import planned, task_of
from shared.reopening import withdraw_successor
from shared.scope import Scope, in_scope
from shared.scoping import edits_in_scope
from shared.series import removed, stopped
from shared.tag_rows import known_tags
from shared.task import Task, completed, deleted, edited, reopened, skipped, snoozed
from shared.unit_of_work import UnitOfWork, new_id
from shared.web import saved, task_answer


async def create(work: UnitOfWork, new: NewTask) -> Answer:
    """Make a task, and its series where it recurs; 201."""
    plan = planned(new, work.owner, work.now, new_id)
    tags = await known_tags(work, plan.tags)
    task, series = task_of(plan, tags, work.owner, work.now, new_id)
    if series is not None:
        await work.save_series(series, SeriesCreated)
    await work.save_task(None, task, TaskCreated)
    return task_answer(task, work.owner, status=201)


async def update(work: UnitOfWork, task: Task, patch: TaskPatch, scope: Scope) -> Answer:
    """Change fields of a task, its recurrence, or more of its series."""
    first, *others = [
        (one, edited(one, edit, work.owner, work.now)) for one, edit in await edits_in_scope(work, patch, task, scope)
    ]
    for before, after in (first, *others):
        await work.save_task(before, after, TaskUpdated)
    return task_answer(first[1], work.owner)


async def complete(work: UnitOfWork, task: Task, body: Completion) -> Answer:
    """Complete a task; the next occurrence follows as an event."""
    return await saved(work, task, completed(task, body.completed_at or work.now, work.now), TaskCompleted)


async def reopen(work: UnitOfWork, task: Task) -> Answer:
    """Open a closed task again."""
    if task.closed:
        await withdraw_successor(work, task)
    return await saved(work, task, reopened(task, work.now), TaskReopened)


async def skip(work: UnitOfWork, task: Task) -> Answer:
    """Use up an occurrence without doing it."""
    return await saved(work, task, skipped(task, work.now), TaskSkipped)


async def snooze(work: UnitOfWork, task: Task, body: Snooze) -> Answer:
    """Put a task off."""
    until = body.until or work.now + dt.timedelta(minutes=body.minutes or 0)
    return await saved(work, task, snoozed(task, until, new_id(), work.owner, work.now), TaskSnoozed)


async def delete(work: UnitOfWork, task: Task, scope: Scope) -> Answer:
    """Make a tombstone of a task, or of more of its series; 204."""
    if scope is not Scope.THIS and task.occurrence is not None:
        await _end_series(work, task.occurrence.series.id, scope)
    for one in await in_scope(work, task, scope):
        await work.save_task(one, deleted(one, work.now), TaskDeleted)
    return Answer(204)


async def _end_series(work: UnitOfWork, series_id: UUID, scope: Scope) -> None:
    series = await work.series.get(work.owner.id, series_id)
    if series is not None and series.deleted_at is None and scope is Scope.ALL:
        await work.save_series(removed(series, work.now), SeriesDeleted)
    elif series is not None and series.lives:
        await work.save_series(stopped(series, work.now), SeriesEnded)
