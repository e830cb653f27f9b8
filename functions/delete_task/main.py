"""Delete a task, or more of its series.

In: `DELETE /v1/tasks/<id>?scope=this|future|all`. Out: 204, and `ebb.task.deleted.v1` for each. A tombstone stays.
"""

from uuid import UUID

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.events import SeriesDeleted, SeriesEnded, TaskDeleted
from shared.inputs import Nothing
from shared.scope import Scope, in_scope, scope_of
from shared.series import removed, stopped
from shared.task import deleted
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
