"""Take tasks from a file.

In: `POST /v1/import` with iCalendar, JSON or Todoist's CSV. Out: 200 with a report, and the events of each task that is
new or newer, as its own commands emit them. The same file again changes nothing.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.import_request import import_file
from shared.web import allow, caller


@functions_framework.aio.http
async def import_tasks(request: Request) -> Response:
    """Answer 200 with how many were created, updated and unchanged, and each that was left out with its reason."""
    allow(request, "POST")
    user_id = (await caller(request, "write")).user_id
    return (await import_file(request, user_id)).response()
