"""Give a user's tasks as a file.

In: `GET /v1/export?format=ics|json|csv`. Out: 200 with the file, sent while it is read.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.apart import streamed
from shared.file_formats import content_type, format_wanted
from shared.runtime import runtime
from shared.task_export import export, file_name
from shared.web import allow, caller, query


@functions_framework.aio.http
async def export_tasks(request: Request) -> Response:
    """Answer 200 with all tasks that are not deleted, or an error before the file begins."""
    allow(request, "GET")
    user_id = (await caller(request, "read")).user_id
    name = format_wanted(query(request, "format")) or "json"
    headers = {
        "Content-Type": content_type(name),
        "Content-Disposition": file_name(name, runtime().clock.now()),
        "Cache-Control": "no-store",
    }
    return await streamed(export(name, runtime(), user_id), headers)
