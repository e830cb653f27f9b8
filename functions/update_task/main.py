"""Change fields of a task, its recurrence, or more of its series.

In: `PATCH /v1/tasks/<id>?scope=this|future|all` with a JSON merge patch. Out: 200 with the task, `ebb.task.updated.v1`.
"""

from dataclasses import replace

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.events import TaskUpdated
from shared.inputs import TaskPatch
from shared.patching import edit_of, follow_series
from shared.scope import in_scope, scope_of
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
