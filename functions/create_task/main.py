"""Create a task.

In: `POST /v1/tasks` with quick-add text or the fields of a task. Out: 201 with the task, and `ebb.task.created.v1`.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.events import SeriesCreated, TaskCreated
from shared.inputs import NewTask
from shared.plan import planned, task_of
from shared.unit_of_work import UnitOfWork, new_id
from shared.web import Answer, allow, query, run_command, task_answer


@functions_framework.aio.http
async def create_task(request: Request) -> Response:
    """Answer 201 with the new task."""
    allow(request, "POST")
    query(request)
    return await run_command(request, NewTask, _create)


async def _create(work: UnitOfWork, _request: Request, new: NewTask) -> Answer:
    plan = planned(new, work.owner, work.now, new_id)
    tags = await work.known_tags(plan.tags)
    task, series = task_of(plan, tags, work.owner, work.now, new_id)
    if series is not None:
        await work.save_series(series, SeriesCreated)
    await work.save_task(None, task, TaskCreated)
    return task_answer(task, work.owner, status=201)
