"""The list of tasks: filters, order and page as one SQL statement. Every list is filtered by the owner first."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from shared.due import instant
from shared.errors import Fault, InvalidInput
from shared.listing import Listing
from shared.paging import Key, Order, read_cursor, read_limit, single
from shared.reminder import Owner
from shared.search import parse
from shared.search_rows import BY_RANK, find
from shared.tags import tag_key
from shared.task import Priority, Status, Task
from shared.task_rows import COLUMNS, SOURCE, to_task

# What a list is of; a saved filter keeps these.
FILTERS = ("q", "status", "priority", "tag", "due_from", "due_to", "overdue", "recurring", "series", "sort")
PARAMETERS = (*FILTERS, "limit", "cursor")
# The expressions are those of the indexes in shared/tables.py.
_DUE = "coalesce(t.due_at, 'infinity')"
SORTS: dict[str, Callable[[bool], Key]] = {
    "priority": lambda down: Key("t.priority", "smallint", down),
    # Tasks without a due value come last, whichever the direction.
    "due": lambda down: Key(f"coalesce(t.due_at, '{'-' if down else ''}infinity')", "timestamptz", down),
    "created_at": lambda down: Key("t.created_at", "timestamptz", down),
    "updated_at": lambda down: Key("t.updated_at", "timestamptz", down),
    "title": lambda down: Key("left(lower(t.title), 100)", "text", down),
}
_FIND_TAG = """
SELECT y.id FROM tags y JOIN tags g ON g.id = coalesce(y.merged_into, y.id)
WHERE g.user_id = %s AND g.name_key = %s AND g.deleted_at IS NULL
"""
_HAS_TAG = "EXISTS (SELECT FROM task_tags x WHERE x.task_id = t.id AND x.tag_id = ANY(%s))"
_A_DAY = dt.timedelta(days=1)  # more than any zone is away from UTC


async def list_tasks(
    connection: AsyncConnection, owner: Owner, given: dict[str, list[str]], now: dt.datetime
) -> tuple[list[Task], str | None]:
    """Return one page of tasks and the cursor of the next. Raises `InvalidInput` for wrong values."""
    listing = Listing(COLUMNS, SOURCE, _order(given))
    listing.where("t.deleted_at IS NULL")
    listing.where("t.user_id = %s", owner.id)
    _filter(listing, owner, given, now)
    for name in given.get("tag", []):
        found = await (await connection.execute(_FIND_TAG, (owner.id, tag_key(name)))).fetchall()
        listing.where(_HAS_TAG, [tag_id for (tag_id,) in found])
    rows, following = await _page(connection, owner, listing, given)
    return [to_task(row) for row in rows], following


def check(given: dict[str, list[str]], owner: Owner, now: dt.datetime) -> None:
    """Raise `InvalidInput` for parameters that make no list."""
    _filter(Listing(COLUMNS, SOURCE, _order(given)), owner, given, now)
    parse(single(given, "q") or "")


async def _page(
    connection: AsyncConnection, owner: Owner, listing: Listing, given: dict[str, list[str]]
) -> tuple[list[dict[str, Any]], str | None]:
    text = single(given, "q")
    if text is None or not text.strip():
        return await listing.page(connection, given)
    found = await find(connection, owner.id, text)
    if found is None:
        read_limit(given)
        if (cursor := single(given, "cursor")) is not None:
            read_cursor(listing.order if "sort" in given else BY_RANK, cursor)
        return [], None
    if "sort" not in given:
        return await found.page(connection, listing, given)
    found.restrict(listing)
    return await listing.page(connection, given)


def _order(given: dict[str, list[str]]) -> Order:
    keys, seen = [], set()
    for part in ("created_at" if (sort := single(given, "sort")) is None else sort).split(","):
        name = part.removeprefix("-")
        if name not in SORTS or name in seen:
            raise InvalidInput(Fault("?sort", f"{part!r} is unknown or repeated; known are {', '.join(SORTS)}"))
        seen.add(name)
        keys.append(SORTS[name](part.startswith("-")))
    down = keys[-1].descending
    if list(seen) == ["priority"]:
        # Of equal priority, what is due first: so one index serves this order and that of `-priority,due`.
        keys.append(Key(_DUE, "timestamptz", not down))
        down = not down
    # In the direction of the key before it, as the indexes have it.
    return Order((*keys, Key("t.id", "uuid", down)))


def _filter(listing: Listing, owner: Owner, given: dict[str, list[str]], now: dt.datetime) -> None:
    if (text := single(given, "status")) is not None:
        choices = _choices(text, "status", list(Status))
        # One stands in the statement itself, where PostgreSQL sees that an index of open tasks will do.
        several = len(choices) > 1
        listing.where(*("t.status = ANY(%s)", choices) if several else (f"t.status = '{choices[0]}'",))
    if (text := single(given, "priority")) is not None:
        ranks = [Priority(name).rank for name in _choices(text, "priority", list(Priority))]
        listing.where("t.priority = ANY(%s)", ranks)
    if (text := single(given, "series")) is not None:
        listing.where("t.series_id = %s", _uuid(text))
    if (wanted := _flag(given, "recurring")) is not None:
        listing.where(f"t.series_id IS {'NOT' if wanted else ''} NULL")
    if (wanted := _flag(given, "overdue")) is not None:
        overdue = "t.status = 'open' AND t.over_at <= %s"
        listing.where(overdue if wanted else f"({overdue}) IS NOT TRUE", now)
        if wanted:
            listing.where(f"{_DUE} <= %s", now)  # a task is due before it is overdue, and by that there is an index
    _due_range(listing, owner, given)


def _due_range(listing: Listing, owner: Owner, given: dict[str, list[str]]) -> None:
    """Filter by date (of the due value's own calendar) or by instant; both ends belong to the range."""
    for name, comparison in (("due_from", ">="), ("due_to", "<=")):
        text = single(given, name)
        if text is None:
            continue
        try:
            if len(text) == 10:
                day = dt.date.fromisoformat(text)
                listing.where(f"t.due_date {comparison} %s", day)
                _near(listing, comparison, dt.datetime.combine(day, dt.time(), dt.UTC))
                continue
            # ISO 8601 knows more forms than RFC 3339, and Python takes some that neither knows.
            at = dt.datetime.fromisoformat(text if text[4:5] == text[7:8] == "-" else "")
            at = at if at.tzinfo else instant(at, owner.zone)
            listing.where(f"t.due_at {comparison} %s", at)
            _near(listing, comparison, at)
        except (ValueError, OverflowError):
            raise InvalidInput(Fault(f"?{name}", "must be a date or an instant such as 2026-12-31T09:00:00Z")) from None


def _near(listing: Listing, comparison: str, at: dt.datetime) -> None:
    """Say roughly the same of the instant by which there is an index: dates have a zone of their own."""
    margin = -_A_DAY if comparison == ">=" else 2 * _A_DAY
    with suppress(OverflowError):  # at the ends of the calendar there is nothing to leave out
        listing.where(f"{_DUE} {comparison} %s", at + margin)


def _choices(text: str, name: str, known: list[str]) -> list[str]:
    chosen = text.split(",")
    wrong = [choice for choice in chosen if choice not in known]
    if wrong:
        raise InvalidInput(Fault(f"?{name}", f"{wrong[0]!r} is none of {', '.join(known)}"))
    return chosen


def _flag(given: dict[str, list[str]], name: str) -> bool | None:
    text = single(given, name)
    if text not in (None, "true", "false"):
        raise InvalidInput(Fault(f"?{name}", "must be true or false"))
    return None if text is None else text == "true"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(Fault("?series", "must be the id of a series")) from None
