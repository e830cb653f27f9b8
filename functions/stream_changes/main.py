"""What changed for a user since a token: as one answer, or as a stream that goes on.

In: `GET /v1/changes?since=`, or `GET /v1/stream` with `Last-Event-ID` or `?since=`. Out: 200 with changes and the next
token, or with server-sent events whose ids are tokens; 410 when the token is older than what is kept.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.change_stream import HEADERS, ChangeStream
from shared.changes import ChangePage, Position, read_changes
from shared.errors import NotFound
from shared.idempotency import Answer
from shared.paging import single
from shared.runtime import runtime
from shared.web import allow, caller, query


@functions_framework.aio.http
async def stream_changes(request: Request) -> Response:
    """Answer 200 with the caller's own changes."""
    path = request.scope["path"].rstrip("/")
    if path not in ("/v1/changes", "/v1/stream"):
        raise NotFound("there is nothing at this path")
    allow(request, "GET")
    user_id = (await caller(request, "read")).user_id
    position = _position(request)
    return await (_page if path == "/v1/changes" else _stream)(request, user_id, position)


def _position(request: Request) -> Position:
    since = Position.parse(single(query(request, "since"), "since"), "?since")
    known = request.headers.get("last-event-id")
    # An EventSource comes back to the URL it began with, so what it got meanwhile counts more.
    return Position.parse(known, "Last-Event-ID") if known else since


async def _page(_request: Request, user_id: str, position: Position) -> Response:
    batch = await read_changes(runtime().database, user_id, position)
    page = ChangePage(changes=batch.changes, next=str(batch.after), more=batch.more)
    return Answer(200, page.model_dump_json().encode()).response()


async def _stream(request: Request, user_id: str, position: Position) -> Response:
    # Read before the answer begins: a token that is gone, or a database that is away, is an answer of its own.
    first = await read_changes(runtime().database, user_id, position)
    stream = ChangeStream(runtime(), user_id, first, lambda: caller(request, "read"))
    return StreamingResponse(stream.chunks(), headers=HEADERS)
