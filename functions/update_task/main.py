"""Change fields of a task, its recurrence, or more of its series.

In: `PATCH /v1/tasks/<id>?scope=this|future|all` with a JSON merge patch. Out: 200 with the task, `ebb.task.updated.v1`.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.events import TaskUpdated
from shared.inputs import TaskPatch
from shared.scope import scope_of
from shared.scoping import edits_in_scope
from shared.task import edited
from shared.unit_of_work import UnitOfWork
from shared.web import Answer, allow, run_command, task_answer, the_task


@functions_framework.aio.http
async def update_task(request: Request) -> Response:
    """Answer 200 with the changed task."""
    allow(request, "PATCH")
    return await run_command(request, TaskPatch, _update)


async def _update(work: UnitOfWork, request: Request, patch: TaskPatch) -> Answer:
    scope = scope_of(request)
    task = await the_task(work, request)
    first, *others = [
        (one, edited(one, edit, work.owner, work.now)) for one, edit in await edits_in_scope(work, patch, task, scope)
    ]
    for before, after in (first, *others):
        await work.save_task(before, after, TaskUpdated)
    return task_answer(first[1], work.owner)
