"""Secret URLs for calendar programs.

In: `GET`, `POST /v1/feeds`, `DELETE /v1/feeds/<id>`; `GET /v1/feed/<secret>.ics` without a token. Out: the feeds, 201
with a new one, whose secret is shown this once, or 204, and `ebb.feed.created.v1` or `ebb.feed.revoked.v1`; 200 with
the open tasks as iCalendar, or 304.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.feed_reading import show_feed
from shared.feeds import NewFeed, add_feed, list_feeds, revoke_feed
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork
from shared.web import caller, query, resource_id, run_command


@functions_framework.aio.http
async def manage_feeds(request: Request) -> Response:
    """Answer for one feed, all of them, or what one shows."""
    parts = request.scope["path"].strip("/").split("/")
    if parts[1] == "feed":
        return await show_feed(request, parts[2].removesuffix(".ics"))
    query(request)
    if request.method in ("GET", "HEAD"):
        return await _list(request)
    posted = request.method == "POST"
    return await (run_command(request, NewFeed, _add) if posted else run_command(request, Nothing, _revoke))


async def _list(request: Request) -> Response:
    user_id = (await caller(request, "read")).user_id
    async with runtime().database.statements() as connection:
        return Answer(200, (await list_feeds(connection, user_id)).model_dump_json().encode()).response()


async def _add(work: UnitOfWork, _request: Request, new: NewFeed) -> Answer:
    made = await add_feed(work, new.name)
    body, kept = made.model_dump_json(), made.model_copy(update={"path": None}).model_dump_json()
    headers = {"Location": f"/v1/feeds/{made.id}", "Cache-Control": "no-store"}
    return Answer(201, body.encode(), headers, kept.encode())


async def _revoke(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    await revoke_feed(work, resource_id(request))
    return Answer(204)
