"""Read the audit log.

In: `GET /v1/audit?…` with filters and a cursor. Out: 200 with entries, newest first.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.audit import PARAMETERS, list_entries
from shared.errors import NotFound
from shared.runtime import runtime
from shared.web import Answer, allow, caller, query


@functions_framework.aio.http
async def query_audit(request: Request) -> Response:
    """Answer 200 with one page of the caller's own entries."""
    allow(request, "GET", "HEAD")
    if request.url.path.rstrip("/") != "/v1/audit":
        raise NotFound("there is nothing at this path")
    user_id = (await caller(request, "read")).user_id
    given = query(request, *PARAMETERS)
    async with runtime().database.statements() as connection:
        page = await list_entries(connection, user_id, given)
    return Answer(200, page.model_dump_json().encode()).response()
