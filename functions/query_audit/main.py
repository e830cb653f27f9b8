"""Read the audit log.

In: `GET /v1/audit?…` with filters and a cursor; `GET /v1/audit/export?format=csv|jsonl&…` with the same.
Out: 200 with entries, newest first, as a page or as a file that is sent while it is read.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.audit import PARAMETERS, list_entries
from shared.errors import NotFound
from shared.idempotency import Answer
from shared.runtime import runtime
from shared.web import allow, caller, query


@functions_framework.aio.http
async def query_audit(request: Request) -> Response:
    """Answer 200 with the caller's own entries."""
    path = request.url.path.rstrip("/")
    if path not in ("/v1/audit", "/v1/audit/export"):
        raise NotFound("there is nothing at this path")
    allow(request, *(("GET", "HEAD") if path == "/v1/audit" else ("GET",)))
    user_id = (await caller(request, "read")).user_id
    return await (_page if path == "/v1/audit" else _export)(request, user_id)


async def _page(request: Request, user_id: str) -> Response:
    given = query(request, *PARAMETERS)
    async with runtime().database.statements() as connection:
        page = await list_entries(connection, user_id, given)
    return Answer(200, page.model_dump_json().encode()).response()


async def _export(request: Request, user_id: str) -> Response:
    from shared import audit_export

    given = query(request, *audit_export.PARAMETERS)
    export = audit_export.Export(runtime().database, user_id, given)
    first = await export.first()
    return StreamingResponse(export.pieces(first), headers=export.headers(runtime().clock.now()))
