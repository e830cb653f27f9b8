"""Complete, reopen, skip, snooze or restore a task.

In: `POST /v1/tasks/<id>/<action>`. Out: 200 with the task, and `ebb.task.completed.v1`, `.reopened`, `.skipped`,
`.snoozed` or `.restored`. A repeated action changes nothing. The next occurrence of a recurring one comes by an event.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import task_commands
from shared.errors import NotFound
from shared.idempotency import Answer
from shared.inputs import Completion, Nothing, Snooze
from shared.restoring import restore
from shared.unit_of_work import UnitOfWork
from shared.web import allow, path_id, query, run_command, the_task


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
        case "restore":
            return await run_command(request, Nothing, _restore)
    raise NotFound("a task can be completed, reopened, skipped, snoozed and restored")


async def _complete(work: UnitOfWork, request: Request, body: Completion) -> Answer:
    return await task_commands.complete(work, await the_task(work, request), body)


async def _reopen(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    return await task_commands.reopen(work, await the_task(work, request))


async def _skip(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    return await task_commands.skip(work, await the_task(work, request))


async def _snooze(work: UnitOfWork, request: Request, body: Snooze) -> Answer:
    return await task_commands.snooze(work, await the_task(work, request), body)


async def _restore(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    return await restore(work, await the_task(work, request, even_deleted=True))
