"""Complete, reopen, skip or snooze a task.

In: `POST /v1/tasks/<id>/<action>`. Out: 200 with the task, and `ebb.task.completed.v1`, `.reopened`, `.skipped` or
`.snoozed`. A repeated action changes nothing. The next occurrence of a recurring task follows as an event.
"""

import datetime as dt

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import NotFound
from shared.events import TaskCompleted, TaskReopened, TaskSkipped, TaskSnoozed
from shared.inputs import Completion, Nothing, Snooze
from shared.reopening import withdraw_successor
from shared.task import completed, reopened, skipped, snoozed
from shared.unit_of_work import UnitOfWork, new_id
from shared.web import Answer, allow, path_id, query, run_command, saved, the_task


@functions_framework.aio.http
async def complete_task(request: Request) -> Response:
    """Answer 200 with the task as it is after the action."""
    allow(request, "POST")
    query(request)
    match path_id(request)[1]:
        case "complete":
            return await run_command(request, Completion, _complete)
        case "reopen":
            return await run_command(request, Nothing, _reopen)
        case "skip":
            return await run_command(request, Nothing, _skip)
        case "snooze":
            return await run_command(request, Snooze, _snooze)
    raise NotFound("a task can be completed, reopened, skipped and snoozed")


async def _complete(work: UnitOfWork, request: Request, body: Completion) -> Answer:
    task = await the_task(work, request)
    return await saved(work, task, completed(task, body.completed_at or work.now, work.now), TaskCompleted)


async def _reopen(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    task = await the_task(work, request)
    if task.closed:
        await withdraw_successor(work, task)
    return await saved(work, task, reopened(task, work.now), TaskReopened)


async def _skip(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    task = await the_task(work, request)
    return await saved(work, task, skipped(task, work.now), TaskSkipped)


async def _snooze(work: UnitOfWork, request: Request, body: Snooze) -> Answer:
    task = await the_task(work, request)
    until = body.until or work.now + dt.timedelta(minutes=body.minutes or 0)
    return await saved(work, task, snoozed(task, until, new_id(), work.owner, work.now), TaskSnoozed)
