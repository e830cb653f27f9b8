"""Do up to a hundred commands at once.

In: `POST /v1/tasks/batch` with operations. Out: 200 with the result of each; the events are those of the commands.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.batch import Batch, run
from shared.idempotency import Answer
from shared.unit_of_work import UnitOfWork
from shared.web import allow, query, run_command


@functions_framework.aio.http
async def batch_tasks(request: Request) -> Response:
    """Answer 200 with results, in the order of the operations."""
    allow(request, "POST")
    query(request)
    return await run_command(request, Batch, _run)


async def _run(work: UnitOfWork, _request: Request, batch: Batch) -> Answer:
    return await run(work, batch)
