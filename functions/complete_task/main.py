"""Complete, reopen, skip or snooze a task.

In: `POST /v1/tasks/<id>/<action>`. Out: 200 with the task, and `ebb.task.completed.v1`, `.reopened`, `.skipped` or
`.snoozed`. A repeated action changes nothing. The next occurrence of a recurring task follows as an event.
"""

import datetime as dt

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import Fault, InvalidInput, NotFound
from shared.events import TaskCompleted, TaskReopened, TaskSkipped, TaskSnoozed
from shared.inputs import Completion, Nothing, Snooze
from shared.reopening import withdraw_successor
from shared.task import completed, reopened, skipped, snoozed
from shared.unit_of_work import UnitOfWork, new_id
from shared.web import Answer, allow, path_id, query, run_command, task_answer, the_task


@functions_framework.aio.http
async def complete_task(request: Request) -> Response:
    """Answer 200 with the task as it is after the action."""
    allow(request, "POST")
    query(request)
    match path_id(request)[1]:
        case "complete":
            return await run_command(request, Completion, lambda work, body: _complete(work, request, body))
        case "reopen":
            return await run_command(request, Nothing, lambda work, _: _reopen(work, request))
        case "skip":
            return await run_command(request, Nothing, lambda work, _: _skip(work, request))
        case "snooze":
            return await run_command(request, Snooze, lambda work, body: _snooze(work, request, body))
    raise NotFound("a task can be completed, reopened, skipped and snoozed")


async def _complete(work: UnitOfWork, request: Request, body: Completion) -> Answer:
    task = await the_task(work, request)
    after = completed(task, body.completed_at or work.now, work.now)
    await work.save_task(task, after, TaskCompleted)
    return task_answer(after, work.owner)


async def _reopen(work: UnitOfWork, request: Request) -> Answer:
    task = await the_task(work, request)
    after = reopened(task, work.now)
    if after is not task:
        await withdraw_successor(work, task)
    await work.save_task(task, after, TaskReopened)
    return task_answer(after, work.owner)


async def _skip(work: UnitOfWork, request: Request) -> Answer:
    task = await the_task(work, request)
    if task.occurrence is None:
        raise InvalidInput(Fault("", "only an occurrence of a recurring task can be skipped"))
    after = skipped(task, work.now)
    await work.save_task(task, after, TaskSkipped)
    return task_answer(after, work.owner)


async def _snooze(work: UnitOfWork, request: Request, body: Snooze) -> Answer:
    task = await the_task(work, request)
    until = body.until or work.now + dt.timedelta(minutes=body.minutes or 0)
    if until <= work.now:
        raise InvalidInput(Fault("/until", "must lie in the future"))
    after = snoozed(task, until, new_id(), work.owner, work.now)
    await work.save_task(task, after, TaskSnoozed)
    return task_answer(after, work.owner)
