"""Read tasks: one, or a list that is filtered, sorted and paged.

In: `GET /v1/tasks/<id>` (also with `If-None-Match`), or `GET /v1/tasks?…`, where `filter` names a saved list. Out: 200
with the task or the page, or 304.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.entity_tags import is_known
from shared.errors import NotFound
from shared.filter_rows import with_saved
from shared.idempotency import Answer
from shared.owner_rows import owner_of
from shared.runtime import runtime
from shared.task_query import PARAMETERS, list_tasks
from shared.task_rows import TaskRows
from shared.task_view import TaskPage, view
from shared.web import allow, caller, query, resource_id, task_answer


@functions_framework.aio.http
async def query_tasks(request: Request) -> Response:
    """Answer 200 with a task or a page of tasks."""
    allow(request, "GET", "HEAD")
    user_id = (await caller(request, "read")).user_id
    answer = _page if request.scope["path"].rstrip("/") == "/v1/tasks" else _one
    return await answer(request, user_id)


async def _page(request: Request, user_id: str) -> Response:
    given = query(request, *PARAMETERS, "filter")
    async with runtime().database.statements() as connection:
        owner = await owner_of(connection, user_id)
        given = await with_saved(connection, user_id, given)
        tasks, following = await list_tasks(connection, owner, given, runtime().clock.now())
    page = TaskPage(tasks=tuple(view(task, owner) for task in tasks), next=following)
    return Answer(200, page.model_dump_json().encode()).response()


async def _one(request: Request, user_id: str) -> Response:
    task_id = resource_id(request)
    query(request)
    async with runtime().database.statements() as connection:
        owner = await owner_of(connection, user_id)
        task = await TaskRows(connection).get(user_id, task_id)
    if task is None:
        raise NotFound("there is no such task")
    answer = task_answer(task, owner)
    if is_known(request, answer.headers["ETag"]):
        return Response(status_code=304, headers=answer.headers)
    return answer.response()
