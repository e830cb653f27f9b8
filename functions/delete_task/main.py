"""Delete a task, or more of its series.

In: `DELETE /v1/tasks/<id>?scope=this|future|all`. Out: 204, and `ebb.task.deleted.v1` for each. A tombstone stays.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.scope import scope_of
from shared.task_commands import delete
from shared.unit_of_work import UnitOfWork
from shared.web import allow, run_command, the_task


@functions_framework.aio.http
async def delete_task(request: Request) -> Response:
    """Answer 204; the same request again finds nothing."""
    allow(request, "DELETE")
    return await run_command(request, Nothing, _delete)


async def _delete(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    scope = scope_of(request)
    return await delete(work, await the_task(work, request), scope)
