"""A user's personal access tokens.

In: `GET` or `POST /v1/tokens`, `DELETE /v1/tokens/<id>`. Out: 200 with all, 201 with the new one, which is shown this
once, or 204; and `ebb.token.created.v1` or `ebb.token.revoked.v1`.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import NotFound
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.runtime import runtime
from shared.tokens import TokenInput, create_token, list_tokens, revoke_token
from shared.unit_of_work import UnitOfWork
from shared.web import allow, caller, given_id, query, run_command


@functions_framework.aio.http
async def manage_tokens(request: Request) -> Response:
    """Answer 403 where a token is to give more than the caller's own has."""
    query(request)
    match request.url.path.strip("/").split("/"):
        case ["v1", "tokens"]:
            allow(request, "GET", "HEAD", "POST")
            if request.method == "POST":
                return await run_command(request, TokenInput, _create)
            user_id = (await caller(request, "read")).user_id
            async with runtime().database.statements() as connection:
                page = await list_tokens(connection, user_id)
            return Answer(200, page.model_dump_json().encode()).response()
        case ["v1", "tokens", _]:
            allow(request, "DELETE")
            return await run_command(request, Nothing, _revoke)
    raise NotFound("there is nothing at this path")


async def _create(work: UnitOfWork, request: Request, wanted: TokenInput) -> Answer:
    made = await create_token(work, request.state.caller, wanted)
    body, kept = made.model_dump_json(), made.model_copy(update={"token": None}).model_dump_json()
    return Answer(201, body.encode(), {"Location": f"/v1/tokens/{made.id}"}, kept.encode())


async def _revoke(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    await revoke_token(work, given_id(request.url.path.strip("/").split("/")[2]))
    return Answer(204)
