"""Recurring series: list and begin them; read, change, pause, resume and delete one; see its next dates.

In: `GET`, `POST /v1/series`, `GET`, `PATCH`, `DELETE /v1/series/{id}`, `POST …/pause`, `…/resume`, `GET …/occurrences`.
Out: the series, a page of them or dates, and `ebb.series.<past tense>.v1`; open occurrences follow in task events.
"""

from collections.abc import Awaitable, Callable

import functions_framework.aio
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import NotFound
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.owner_rows import owner_of
from shared.reminder import Owner
from shared.runtime import runtime
from shared.series_commands import begin, change, delete, pause, resume
from shared.series_inputs import NewSeries, SeriesPatch
from shared.series_query import get_series, list_series, next_dates
from shared.web import allow, caller, run_command


@functions_framework.aio.http
async def manage_series(request: Request) -> Response:
    """Answer 200, 201 with a new series, 204 after its deletion."""
    match request.url.path.strip("/").split("/"), request.method:
        case ["v1", "series"], "POST":
            return await run_command(request, NewSeries, begin)
        case ["v1", "series"], _:
            allow(request, "GET", "HEAD", "POST")
            return await _read(request, list_series)
        case ["v1", "series", _], "PATCH":
            return await run_command(request, SeriesPatch, change)
        case ["v1", "series", _], "DELETE":
            return await run_command(request, Nothing, delete)
        case ["v1", "series", _], _:
            allow(request, "GET", "HEAD", "PATCH", "DELETE")
            return await _read(request, get_series)
        case ["v1", "series", _, "pause" | "resume" as action], _:
            allow(request, "POST")
            return await run_command(request, Nothing, pause if action == "pause" else resume)
        case ["v1", "series", _, "occurrences"], _:
            allow(request, "GET", "HEAD")
            return await _read(request, next_dates)
    raise NotFound("there is nothing at this path")


async def _read(request: Request, read: Callable[[AsyncConnection, Owner, Request], Awaitable[Answer]]) -> Response:
    user_id = (await caller(request, "read")).user_id
    async with runtime().database.statements() as connection:
        return (await read(connection, await owner_of(connection, user_id), request)).response()
