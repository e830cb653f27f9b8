"""Delete a task, or more of its series.

In: `DELETE /v1/tasks/<id>?scope=this|future|all`. Out: 204, and `ebb.task.deleted.v1` for each. A tombstone stays.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.events import SeriesEnded, TaskDeleted
from shared.inputs import Nothing
from shared.scope import Scope, in_scope, scope_of
from shared.series import stopped
from shared.task import Task, deleted
from shared.unit_of_work import UnitOfWork
from shared.web import Answer, allow, run_command, the_task


@functions_framework.aio.http
async def delete_task(request: Request) -> Response:
    """Answer 204; the same request again finds nothing."""
    allow(request, "DELETE")
    return await run_command(request, Nothing, _delete)


async def _delete(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    scope = scope_of(request)
    task = await the_task(work, request)
    if scope is not Scope.THIS and task.occurrence is not None:
        await _end_series(work, task)
    for one in await in_scope(work, task, scope):
        await work.save_task(one, deleted(one, work.now), TaskDeleted)
    return Answer(204)


async def _end_series(work: UnitOfWork, task: Task) -> None:
    series = task.occurrence and await work.series.get(work.owner.id, task.occurrence.series.id)
    if series and series.ended_at is None:
        await work.save_series(stopped(series, work.now), SeriesEnded)
