"""What each command makes of a task, for its own function and for a batch. The user's row is locked, the task read."""

import datetime as dt
from dataclasses import replace

from shared.events import (
    SeriesCreated,
    SeriesEnded,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskReopened,
    TaskSkipped,
    TaskSnoozed,
    TaskUpdated,
)
from shared.inputs import Completion, NewTask, Snooze, TaskPatch
from shared.patching import edit_of, follow_series
from shared.plan import planned, task_of
from shared.reopening import withdraw_successor
from shared.scope import Scope, in_scope
from shared.series import stopped
from shared.task import Task, completed, deleted, edited, reopened, skipped, snoozed
from shared.unit_of_work import UnitOfWork, new_id
from shared.web import Answer, saved, task_answer


async def create(work: UnitOfWork, new: NewTask) -> Answer:
    """Make a task, and its series where it recurs; 201."""
    plan = planned(new, work.owner, work.now, new_id)
    tags = await work.known_tags(plan.tags)
    task, series = task_of(plan, tags, work.owner, work.now, new_id)
    if series is not None:
        await work.save_series(series, SeriesCreated)
    await work.save_task(None, task, TaskCreated)
    return task_answer(task, work.owner, status=201)


async def update(work: UnitOfWork, task: Task, patch: TaskPatch, scope: Scope) -> Answer:
    """Change fields of a task, its recurrence, or more of its series."""
    edit = await edit_of(work, patch, task)
    edit = await follow_series(work, patch, task, edit, scope)
    after = edited(task, edit, work.owner, work.now)
    await work.save_task(task, after, TaskUpdated)
    # A due value and a place in the series belong to one occurrence; the rest of the edit is meant for all in scope.
    general = replace(
        edit, alarms=None, values={k: v for k, v in edit.values.items() if k not in {"due", "occurrence"}}
    )
    for other in (await in_scope(work, task, scope))[1:]:
        if not other.closed:
            await work.save_task(other, edited(other, general, work.owner, work.now), TaskUpdated)
    return task_answer(after, work.owner)


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
        await _end_series(work, task)
    for one in await in_scope(work, task, scope):
        await work.save_task(one, deleted(one, work.now), TaskDeleted)
    return Answer(204)


async def _end_series(work: UnitOfWork, task: Task) -> None:
    series = task.occurrence and await work.series.get(work.owner.id, task.occurrence.series.id)
    if series and series.ended_at is None:
        await work.save_series(stopped(series, work.now), SeriesEnded)
