"""A user's notifications: list them, and mark one as read.

In: `GET /v1/notifications`, `GET /v1/notifications/{id}`, `POST /v1/notifications/{id}/read`.
Out: 200 with a page or one notification, each with its state in every channel.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import NotFound
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.notification_query import MARK_READ, PARAMETERS, get_notification, list_notifications
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork
from shared.web import allow, caller, path_id, query, run_command


@functions_framework.aio.http
async def manage_notifications(request: Request) -> Response:
    """Answer 200 with what was asked for."""
    if request.url.path.rstrip("/") == "/v1/notifications":
        allow(request, "GET", "HEAD")
        return await _page(request)
    _, action = path_id(request)
    if action == "read":
        allow(request, "POST")
        query(request)
        return await run_command(request, Nothing, _read)
    if action is not None:
        raise NotFound("there is nothing at this path")
    allow(request, "GET", "HEAD")
    return await _one(request)


async def _page(request: Request) -> Response:
    user_id = (await caller(request, "read")).user_id
    given = query(request, *PARAMETERS)
    async with runtime().database.statements() as connection:
        page = await list_notifications(connection, user_id, given)
    return Answer(200, page.model_dump_json().encode()).response()


async def _one(request: Request) -> Response:
    user_id = (await caller(request, "read")).user_id
    query(request)
    async with runtime().database.statements() as connection:
        found = await get_notification(connection, user_id, path_id(request)[0])
    return Answer(200, found.model_dump_json().encode()).response()


async def _read(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    notification_id, _ = path_id(request)
    found = await get_notification(work.connection, work.owner.id, notification_id)
    if found.read_at is None:
        await work.connection.execute(MARK_READ, (work.now, work.next_change(), work.owner.id, notification_id))
    answer = found.model_copy(update={"read_at": found.read_at or work.now})
    return Answer(200, answer.model_dump_json().encode())
