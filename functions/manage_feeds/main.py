"""Secret URLs for calendar programs.

In: `GET`, `POST /v1/feeds`, `DELETE /v1/feeds/<id>`; `GET /v1/feed/<secret>.ics`. Out: JSON, 204, iCalendar or 304.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.apart import apart
from shared.entity_tags import is_known
from shared.feeds import NewFeed, add_feed, list_feeds, reader_of, revoke_feed
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.paging import choice
from shared.runtime import runtime
from shared.task_export import export_ical
from shared.unit_of_work import UnitOfWork
from shared.web import caller, query, resource_id, run_command


@functions_framework.aio.http
async def manage_feeds(request: Request) -> Response:
    """Answer for one feed, all of them, or what one shows."""
    parts = request.scope["path"].strip("/").split("/")
    if parts[1] == "feed":
        return await _show(request, parts[2].removesuffix(".ics"))
    query(request)
    if request.method in ("GET", "HEAD"):
        return await _list(request)
    posted = request.method == "POST"
    return await (run_command(request, NewFeed, _add) if posted else run_command(request, Nothing, _revoke))


async def _show(request: Request, secret: str) -> Response:
    as_events = choice(query(request, "as"), "as", ("tasks", "events")) == "events"
    async with runtime().database.statements() as connection:
        reader = await reader_of(connection, secret, as_events, runtime().clock.now())
    if is_known(request, reader.etag):
        return Response(None, 304, reader.headers)
    pieces = export_ical(runtime(), reader.user_id, open_only=True, as_events=as_events)
    return StreamingResponse(await apart(pieces), headers=reader.headers, media_type="text/calendar")


async def _list(request: Request) -> Response:
    who = await caller(request, "read")
    async with runtime().database.statements() as connection:
        return Answer(200, (await list_feeds(connection, who.user_id)).model_dump_json().encode()).response()


async def _add(work: UnitOfWork, _request: Request, new: NewFeed) -> Answer:
    made = await add_feed(work, new.name)
    return Answer(201, made.model_dump_json().encode(), {"Location": f"/v1/feeds/{made.id}"})


async def _revoke(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    await revoke_feed(work, resource_id(request))
    return Answer(204)
