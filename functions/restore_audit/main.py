"""Bring archived audit entries of a user back for seven days. For tokens with the scope `admin`.

In: `POST /v1/admin/audit/restore` with `{"user", "from", "to"}`. Out: 200 with what came back, and whether there is
more; `GET /v1/audit` and the export show it to the user.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import log
from shared.audit_restore import Restore, restore
from shared.errors import NotFound
from shared.idempotency import Answer, once
from shared.parsing import parse
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork
from shared.web import allow, caller, query, source


@functions_framework.aio.http
async def restore_audit(request: Request) -> Response:
    """Answer 200, 403 without the scope, 503 while the archive is away."""
    if request.scope["path"].rstrip("/") != "/v1/admin/audit/restore":
        raise NotFound("there is nothing at this path")
    allow(request, "POST")
    query(request)
    who = await caller(request, "admin")
    wanted = parse(Restore, await request.body())

    async def restored() -> Answer:
        found = await restore(runtime(), wanted)
        log.bind(chunks=found.chunks, entries=found.entries)
        return Answer(200, found.model_dump_json().encode())

    return (await once(lambda: UnitOfWork(runtime(), source(request)), request, who.user_id, restored)).response()
