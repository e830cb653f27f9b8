"""Create a task.

In: `POST /v1/tasks` with quick-add text or the fields of a task. Out: 201 with the task, and `ebb.task.created.v1`.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.idempotency import Answer
from shared.inputs import NewTask
from shared.task_commands import create
from shared.unit_of_work import UnitOfWork
from shared.web import allow, query, run_command


@functions_framework.aio.http
async def create_task(request: Request) -> Response:
    """Answer 201 with the new task."""
    allow(request, "POST")
    query(request)
    return await run_command(request, NewTask, _create)


async def _create(work: UnitOfWork, _request: Request, new: NewTask) -> Answer:
    return await create(work, new)
