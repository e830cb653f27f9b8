"""A user's account as a whole.

In: `GET /v1/account/export`, `DELETE /v1/account?confirm=<user id>`. Out: 200 with everything of the user as JSON
Lines, streamed; 202 when the account is closed, and `ebb.account.deleted.v1`, after which it is erased.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.account import close_account
from shared.account_export import HEADERS, export_account
from shared.apart import streamed
from shared.errors import Fault, InvalidInput, NotFound
from shared.idempotency import idempotency_key
from shared.paging import single
from shared.runtime import runtime
from shared.web import allow, caller, query, source


@functions_framework.aio.http
async def manage_account(request: Request) -> Response:
    """Answer 422 to a deletion that is not confirmed with the id of the caller's own account."""
    match request.scope["path"].strip("/").split("/"):
        case ["v1", "account", "export"]:
            allow(request, "GET")
            return await _export(request)
        case ["v1", "account"]:
            allow(request, "DELETE")
            return await _delete(request)
    raise NotFound("there is nothing at this path")


async def _export(request: Request) -> Response:
    user_id = (await caller(request, "read")).user_id
    query(request)
    return await streamed(export_account(runtime(), user_id), HEADERS)


async def _delete(request: Request) -> Response:
    user_id = (await caller(request, "write")).user_id
    if single(query(request, "confirm"), "confirm") != user_id:
        raise InvalidInput(Fault("?confirm", f"this deletes everything; repeat it with the account's id: {user_id}"))
    # Nothing to keep an answer in is left of an account that is closed; closing it again changes nothing.
    idempotency_key(request)
    await close_account(runtime(), source(request), user_id)
    return Response(status_code=202)
