"""A user's tags: list, make, rename, merge, colour and delete them.

In: `GET` or `POST /v1/tags`, `PATCH` or `DELETE /v1/tags/{id}`. Out: 200, 201 or 204, and `ebb.tag.created.v1`,
`.updated` or `.deleted`; the tasks follow their tags.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import NotFound
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.list_inputs import NewTag, TagPatch
from shared.runtime import runtime
from shared.tag_view import PARAMETERS, list_tags
from shared.tagging import change_tag, create_tag, delete_tag
from shared.unit_of_work import UnitOfWork
from shared.web import allow, caller, path_id, query, run_command


@functions_framework.aio.http
async def manage_tags(request: Request) -> Response:
    """Answer with what was asked for."""
    if request.url.path.rstrip("/") == "/v1/tags":
        allow(request, "GET", "HEAD", "POST")
        if request.method != "POST":
            return await _page(request)
        query(request)
        return await run_command(request, NewTag, _create)
    if path_id(request)[1] is not None:
        raise NotFound("there is nothing at this path")
    allow(request, "PATCH", "DELETE")
    query(request)
    if request.method == "DELETE":
        return await run_command(request, Nothing, _delete)
    return await run_command(request, TagPatch, _change)


async def _page(request: Request) -> Response:
    user_id = (await caller(request, "read")).user_id
    given = query(request, *PARAMETERS)
    async with runtime().database.statements() as connection:
        page = await list_tags(connection, user_id, given)
    return Answer(200, page.model_dump_json().encode()).response()


async def _create(work: UnitOfWork, _request: Request, new: NewTag) -> Answer:
    view, is_new = await create_tag(work, new)
    return Answer(201 if is_new else 200, view.model_dump_json().encode(), {"Location": f"/v1/tags/{view.id}"})


async def _change(work: UnitOfWork, request: Request, patch: TagPatch) -> Answer:
    return Answer(200, (await change_tag(work, path_id(request)[0], patch)).model_dump_json().encode())


async def _delete(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    await delete_tag(work, path_id(request)[0])
    return Answer(204)
