"""Series as they are read: a list, one of them, and its next dates."""

import datetime as dt
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from starlette.requests import Request

from shared.errors import Fault, InvalidInput, NotFound
from shared.idempotency import Answer
from shared.listing import Listing
from shared.occurrences import upcoming
from shared.paging import Key, Order, single
from shared.reminder import Owner
from shared.runtime import runtime
from shared.series_rows import SeriesRows
from shared.series_view import COLUMNS, SOURCE, OccurrencesView, SeriesPage, series_view
from shared.spawning import dates_taken
from shared.task_rows import TaskRows
from shared.web import path_id, query

ORDER = Order((Key("s.created_at", "timestamptz"), Key("s.id", "uuid")))
GET = f"SELECT {COLUMNS} FROM {SOURCE} WHERE s.user_id = %s AND s.id = %s AND s.deleted_at IS NULL"
MISSING = "there is no such series"
MOST, FEW = 1_000, 10


async def list_series(connection: AsyncConnection, owner: Owner, request: Request) -> Answer:
    """Answer with one page, oldest first. Raises `InvalidInput` for wrong values."""
    given = query(request, "is_active", "limit", "cursor")
    listing = Listing(COLUMNS, SOURCE, ORDER)
    listing.where("s.deleted_at IS NULL")
    listing.where("s.user_id = %s", owner.id)
    if (text := single(given, "is_active")) is not None:
        if text not in ("true", "false"):
            raise InvalidInput(Fault("?is_active", "must be true or false"))
        listing.where(f"{'' if text == 'true' else 'NOT '}(s.is_active AND s.ended_at IS NULL)")
    rows, following = await listing.page(connection, given)
    page = SeriesPage(series=tuple(series_view(row, owner) for row in rows), next=following)
    return Answer(200, page.model_dump_json().encode())


async def get_series(connection: AsyncConnection, owner: Owner, request: Request) -> Answer:
    """Answer with one series."""
    query(request)
    return await series_answer(connection, owner, path_id(request)[0])


async def series_answer(connection: AsyncConnection, owner: Owner, series_id: UUID, status: int = 200) -> Answer:
    """Return a series with its ETag, and its Location when it is new.

    Raises `NotFound` when it is missing, deleted or another user's.
    """
    cursor = connection.cursor(row_factory=dict_row)
    row = await (await cursor.execute(GET, (owner.id, series_id))).fetchone()
    if row is None:
        raise NotFound(MISSING)
    headers = {"ETag": f'"{row["version"]}"'}
    if status == 201:
        headers["Location"] = f"/v1/series/{series_id}"
    return Answer(status, series_view(row, owner).model_dump_json().encode(), headers)


async def next_dates(connection: AsyncConnection, owner: Owner, request: Request) -> Answer:
    """Answer with the next dates of a series, `count` at most, the open occurrence first.

    Raises `InvalidInput` for a wrong count.
    """
    count = _count(query(request, "count"))
    rows, series_id = SeriesRows(connection), path_id(request)[0]
    series = await rows.get(owner.id, series_id)
    if series is None or series.deleted_at is not None:
        raise NotFound(MISSING)
    last = await TaskRows(connection).by_ordinal(owner.id, series_id, series.last_ordinal)
    found: list[dt.datetime] = []
    if last is not None and last.occurrence is not None:
        taken = await dates_taken(rows, series, last, last.occurrence)
        found = upcoming(series, last, count, owner, runtime().clock.now(), taken)
    return Answer(200, OccurrencesView(occurrences=tuple(found)).model_dump_json().encode())


def _count(given: dict[str, list[str]]) -> int:
    text = single(given, "count")
    if text is None:
        return FEW
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise InvalidInput(Fault("?count", f"must be a number from 1 to {MOST}"))
    return int(text)
