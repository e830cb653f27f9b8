"""A user's settings: time zone, language, quiet hours, and where they want to be told.

In: `GET` or `PATCH /v1/settings`. Out: 200 with the settings after it, and `ebb.settings.updated.v1`; tasks and alarms
move with a new zone.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.channel_rows import ChannelRows
from shared.errors import NotFound
from shared.idempotency import Answer
from shared.owner_rows import owner_of
from shared.preference_inputs import SettingsPatch
from shared.preferences import change_settings
from shared.preferences_view import settings_view
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork
from shared.web import allow, caller, query, run_command


@functions_framework.aio.http
async def manage_settings(request: Request) -> Response:
    """Answer 200 with the caller's settings."""
    if request.url.path.rstrip("/") != "/v1/settings":
        raise NotFound("there is nothing at this path")
    allow(request, "GET", "HEAD", "PATCH")
    query(request)
    if request.method == "PATCH":
        return await run_command(request, SettingsPatch, _change)
    return (await _settings((await caller(request, "read")).user_id)).response()


async def _change(work: UnitOfWork, _request: Request, patch: SettingsPatch) -> Answer:
    view = await change_settings(work, patch, runtime().settings)
    return Answer(200, view.model_dump_json(by_alias=True).encode())


async def _settings(user_id: str) -> Answer:
    async with runtime().database.statements() as connection:
        owner = await owner_of(connection, user_id)
        channels = await ChannelRows(connection).all(user_id)
    view = settings_view(owner, channels, runtime().settings)
    return Answer(200, view.model_dump_json(by_alias=True).encode())
