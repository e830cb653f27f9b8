"""The list of tasks: filters, order and page as one SQL statement. Every list is filtered by the owner first."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from psycopg import AsyncConnection

from shared.due import instant
from shared.errors import Fault, InvalidInput
from shared.listing import Listing
from shared.paging import Key, Order, single
from shared.reminder import Owner
from shared.tags import tag_key
from shared.task import Priority, Status, Task
from shared.task_rows import COLUMNS, SOURCE, to_task

PARAMETERS = (
    "status", "priority", "tag", "due_from", "due_to", "overdue", "recurring", "series", "sort", "limit", "cursor",
)  # fmt: skip
_SORTS: dict[str, Callable[[bool], Key]] = {
    "priority": lambda down: Key("t.priority", "smallint", down),
    # Tasks without a due value come last, whichever the direction.
    "due": lambda down: Key(f"coalesce(t.due_at, '{'-' if down else ''}infinity')", "timestamptz", down),
    "created_at": lambda down: Key("t.created_at", "timestamptz", down),
    "updated_at": lambda down: Key("t.updated_at", "timestamptz", down),
    "title": lambda down: Key("lower(t.title)", "text", down),
}
_HAS_TAG = """EXISTS (SELECT FROM task_tags x JOIN tags g ON g.id = x.tag_id
  WHERE x.task_id = t.id AND g.user_id = t.user_id AND g.name_key = %s)"""


async def list_tasks(
    connection: AsyncConnection, owner: Owner, given: dict[str, list[str]], now: dt.datetime
) -> tuple[list[Task], str | None]:
    """Return one page of tasks and the cursor of the next. Raises `InvalidInput` for wrong values."""
    listing = Listing(COLUMNS, SOURCE, _order(given))
    listing.where("t.deleted_at IS NULL")
    listing.where("t.user_id = %s", owner.id)
    _filter(listing, owner, given, now)
    rows, following = await listing.page(connection, given)
    return [to_task(row) for row in rows], following


def _order(given: dict[str, list[str]]) -> Order:
    keys, seen = [], set()
    for part in (single(given, "sort") or "created_at").split(","):
        name = part.removeprefix("-")
        if name not in _SORTS or name in seen:
            raise InvalidInput(Fault("?sort", f"{part!r} is unknown or repeated; known are {', '.join(_SORTS)}"))
        seen.add(name)
        keys.append(_SORTS[name](part.startswith("-")))
    return Order((*keys, Key("t.id", "uuid")))


def _filter(listing: Listing, owner: Owner, given: dict[str, list[str]], now: dt.datetime) -> None:
    if (text := single(given, "status")) is not None:
        listing.where("t.status = ANY(%s)", _choices(text, "status", list(Status)))
    if (text := single(given, "priority")) is not None:
        ranks = [Priority(name).rank for name in _choices(text, "priority", list(Priority))]
        listing.where("t.priority = ANY(%s)", ranks)
    for name in given.get("tag", []):
        listing.where(_HAS_TAG, tag_key(name))
    if (text := single(given, "series")) is not None:
        listing.where("t.series_id = %s", _uuid(text))
    if (wanted := _flag(given, "recurring")) is not None:
        listing.where(f"t.series_id IS {'NOT' if wanted else ''} NULL")
    if (wanted := _flag(given, "overdue")) is not None:
        overdue = "t.status = 'open' AND t.over_at <= %s"
        listing.where(overdue if wanted else f"({overdue}) IS NOT TRUE", now)
    _due_range(listing, owner, given)


def _due_range(listing: Listing, owner: Owner, given: dict[str, list[str]]) -> None:
    """Filter by date (of the due value's own calendar) or by instant; both ends belong to the range."""
    for name, comparison in (("due_from", ">="), ("due_to", "<=")):
        text = single(given, name)
        if text is None:
            continue
        try:
            if len(text) == 10:
                listing.where(f"t.due_date {comparison} %s", dt.date.fromisoformat(text))
                continue
            at = dt.datetime.fromisoformat(text)
            listing.where(f"t.due_at {comparison} %s", at if at.tzinfo else instant(at, owner.zone))
        except (ValueError, OverflowError):
            raise InvalidInput(Fault(f"?{name}", "must be a date or an instant such as 2026-12-31T09:00:00Z")) from None


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
