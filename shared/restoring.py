"""Making a task of its tombstone again, for as long as the tombstone is kept."""

import datetime as dt
from dataclasses import replace

from shared.errors import NotFound
from shared.events import TaskRestored
from shared.idempotency import Answer
from shared.reminder import revived
from shared.reopening import withdraw_successor
from shared.task import KEPT, Task
from shared.unit_of_work import UnitOfWork
from shared.web import saved


async def restore(work: UnitOfWork, task: Task) -> Answer:
    """Take a deletion back, and the successor that it brought an open occurrence. What is not deleted stays as it is.

    Raises `NotFound` for a tombstone that is too old: sweep may purge it at any time.
    """
    if task.deleted_at is not None and task.deleted_at < work.now - KEPT:
        raise NotFound("there is no such task")
    if task.deleted_at is not None and not task.closed:
        await withdraw_successor(work, task)
    return await saved(work, task, restored(task, work.now), TaskRestored)


def restored(task: Task, now: dt.datetime) -> Task:
    """Return the task as it was before its deletion, with the reminders that still lie ahead."""
    if task.deleted_at is None:
        return task
    after = replace(task, deleted_at=None, version=task.version + 1, updated_at=now)
    if task.closed:
        return after
    if after.occurrence is not None:
        after = replace(after, occurrence=replace(after.occurrence, awaits_successor=False))
    return replace(after, reminders=revived(task.reminders, now))
