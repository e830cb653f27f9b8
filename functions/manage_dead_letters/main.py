"""List dead letters, and send them again when the fault is gone. For tokens with the scope `admin`.

In: `GET /v1/admin/dead-letters?…`, `POST /v1/admin/dead-letters/replay`, `POST /v1/admin/dead-letters/<id>/replay`.
Out: 200 with a page, or with how many were replayed; the events go out under their old ids.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import log
from shared.dead_letter_rows import PARAMETERS, list_dead_letters, replay_all, replay_one
from shared.errors import NotFound
from shared.idempotency import Answer
from shared.inputs import Nothing, Replay
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork
from shared.web import allow, caller, given_id, query, run_command


@functions_framework.aio.http
async def manage_dead_letters(request: Request) -> Response:
    """Answer 200, 403 without the scope, 422 for one that cannot be replayed."""
    match request.scope["path"].strip("/").split("/"):
        case ["v1", "admin", "dead-letters"]:
            allow(request, "GET", "HEAD")
            await caller(request, "admin")
            given = query(request, *PARAMETERS)
            async with runtime().database.statements() as connection:
                return Answer(200, await list_dead_letters(connection, given)).response()
        case ["v1", "admin", "dead-letters", "replay"]:
            allow(request, "POST")
            query(request)
            return await run_command(request, Replay, _replay_all, scope="admin")
        case ["v1", "admin", "dead-letters", _, "replay"]:
            allow(request, "POST")
            query(request)
            return await run_command(request, Nothing, _replay_one, scope="admin")
    raise NotFound("there is nothing at this path")


async def _replay_all(work: UnitOfWork, _request: Request, wanted: Replay) -> Answer:
    done = await replay_all(work, wanted.model_dump())
    log.bind(replayed=done.replayed, kept=done.kept)
    return Answer(200, done.json)


async def _replay_one(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    done = await replay_one(work, given_id(request.scope["path"].strip("/").split("/")[3]))
    log.bind(replayed=done.replayed)
    return Answer(200, done.json)
