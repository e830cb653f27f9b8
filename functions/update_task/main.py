"""Change fields of a task, its recurrence, or more of its series.

In: `PATCH /v1/tasks/<id>?scope=this|future|all` with a JSON merge patch. Out: 200 with the task, `ebb.task.updated.v1`.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.idempotency import Answer
from shared.inputs import TaskPatch
from shared.scope import scope_of
from shared.task_commands import update
from shared.unit_of_work import UnitOfWork
from shared.web import allow, run_command, the_task


@functions_framework.aio.http
async def update_task(request: Request) -> Response:
    """Answer 200 with the changed task."""
    allow(request, "PATCH")
    return await run_command(request, TaskPatch, _update)


async def _update(work: UnitOfWork, request: Request, patch: TaskPatch) -> Answer:
    scope = scope_of(request)
    return await update(work, await the_task(work, request), patch, scope)
