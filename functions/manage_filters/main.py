"""A user's saved filters: lists of tasks that have a name.

In: `GET` or `POST /v1/filters`, `GET`, `PATCH` or `DELETE /v1/filters/{id}`. Out: 200, 201 or 204, and
`ebb.filter.saved.v1` or `.deleted`. `GET /v1/tasks?filter=<id>` shows the tasks.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import filter_rows
from shared.errors import NotFound
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.list_inputs import FilterPatch, NewFilter
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork
from shared.web import allow, caller, path_id, query, run_command


@functions_framework.aio.http
async def manage_filters(request: Request) -> Response:
    """Answer with what was asked for."""
    query(request)
    whole = request.url.path.rstrip("/") == "/v1/filters"
    if not whole and path_id(request)[1] is not None:
        raise NotFound("there is nothing at this path")
    allow(request, *(("GET", "HEAD", "POST") if whole else ("GET", "HEAD", "PATCH", "DELETE")))
    match request.method:
        case "POST":
            return await run_command(request, NewFilter, _create)
        case "PATCH":
            return await run_command(request, FilterPatch, _change)
        case "DELETE":
            return await run_command(request, Nothing, _delete)
    user_id = (await caller(request, "read")).user_id
    async with runtime().database.statements() as connection:
        if whole:
            return _answer(await filter_rows.list_filters(connection, user_id)).response()
        return _answer(await filter_rows.get_filter(connection, user_id, path_id(request)[0])).response()


async def _create(work: UnitOfWork, _request: Request, new: NewFilter) -> Answer:
    made = await filter_rows.create_filter(work, new)
    return Answer(201, made.model_dump_json().encode(), {"Location": f"/v1/filters/{made.id}"})


async def _change(work: UnitOfWork, request: Request, patch: FilterPatch) -> Answer:
    return _answer(await filter_rows.change_filter(work, path_id(request)[0], patch))


async def _delete(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    await filter_rows.delete_filter(work, path_id(request)[0])
    return Answer(204)


def _answer(view: filter_rows.FilterView | filter_rows.FilterList) -> Answer:
    return Answer(200, view.model_dump_json().encode())
