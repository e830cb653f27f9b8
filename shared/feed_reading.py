"""`GET /v1/feed/<secret>.ics`: the open tasks of whoever gave the secret away.

Logs and traces name the form of the path, never the secret.
"""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from shared import log
from shared.apart import streamed
from shared.entity_tags import is_known
from shared.errors import NotFound
from shared.identity import digest
from shared.paging import choice
from shared.runtime import runtime
from shared.task_export import export_ical
from shared.web import query

FIND = """
SELECT u.id, u.change_seq, u.time_zone, u.all_day_reminder_time
FROM feeds f JOIN users u ON u.id = f.user_id WHERE f.hash = %s AND u.state = 'active'
"""
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose tasks a secret shows, and what tells one state of them from another."""

    user_id: str
    etag: str


async def show_feed(request: Request, secret: str) -> Response:
    """Answer 200 with the calendar, or 304. Raises `NotFound`, `InvalidInput` or `TooManyRequests`."""
    as_events = choice(query(request, "as"), "as", ("tasks", "events")) == "events"
    async with runtime().database.statements() as connection:
        reader = await reader_of(connection, secret, as_events, runtime().clock.now())
    log.bind(user_id=reader.user_id)
    # Out of the owner's own bucket: who knows the secret may not ask for more than the owner could.
    if limit := runtime().rate_limit:
        request.state.allowance = limit.take(reader.user_id)
    headers = {"ETag": reader.etag, "Cache-Control": "private, no-cache"}
    if is_known(request, reader.etag):
        return Response(None, 304, headers)
    pieces = export_ical(runtime(), reader.user_id, open_only=True, as_events=as_events)
    return await streamed(pieces, headers | {"Content-Type": "text/calendar; charset=utf-8"})


async def reader_of(connection: AsyncConnection, secret: str, as_events: bool, now: dt.datetime) -> Reader:
    """Return whose feed a secret is, by one look-up in an index.

    Raises `NotFound`: an unknown secret, and one of an account that is closed, look like a path that is none.
    """
    row = None
    if _FORM.fullmatch(secret):
        row = await (await connection.execute(FIND, (digest(secret),))).fetchone()
    if row is None:
        raise NotFound("there is nothing at this path")
    user_id, *state = row
    # Every change of a task counts the user's number up; time zones are written for the years around this one.
    told = hashlib.sha256(repr((*state, as_events, now.year)).encode()).hexdigest()[:32]
    # Weak (RFC 9110, section 8.8.1): DTSTAMP differs, what it says does not.
    return Reader(user_id, f'W/"{told}"')
