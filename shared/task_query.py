"""The list of tasks: filters, order and page as one SQL statement. Every list is filtered by the owner first."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from psycopg import AsyncConnection, DataError
from psycopg.rows import dict_row

from shared.due import instant
from shared.errors import Fault, InvalidInput
from shared.paging import Key, Order, read_cursor, read_limit, single, write_cursor
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


@dataclass
class _Where:
    conditions: list[str] = field(default_factory=lambda: ["t.deleted_at IS NULL"])
    parameters: list[object] = field(default_factory=list)

    def add(self, condition: str, *parameters: object) -> None:
        self.conditions.append(condition)
        self.parameters += parameters


async def list_tasks(
    connection: AsyncConnection, owner: Owner, given: dict[str, list[str]], now: dt.datetime
) -> tuple[list[Task], str | None]:
    """Return one page of tasks and the cursor of the next. Raises `InvalidInput` for wrong values."""
    order, limit = _order(given), read_limit(given)
    where = _Where()
    where.add("t.user_id = %s", owner.id)
    _filter(where, owner, given, now)
    cursor = single(given, "cursor")
    if cursor is not None:
        condition, values = order.after(read_cursor(order, cursor))
        where.add(condition, *values)
    statement = (
        f"SELECT {COLUMNS}, {order.values} FROM {SOURCE} WHERE {' AND '.join(where.conditions)}"
        f" ORDER BY {order.sql} LIMIT %s"
    )
    rows_of = connection.cursor(row_factory=dict_row)
    try:
        rows = await (await rows_of.execute(statement, [*where.parameters, limit + 1])).fetchall()
    except DataError:  # a forged cursor: values that are not of their type
        raise InvalidInput(Fault("?cursor", "is not a cursor of this list in this order")) from None
    more = len(rows) > limit
    following = write_cursor(order, rows[limit - 1]["sort_values"]) if more else None
    return [to_task(row) for row in rows[:limit]], following


def _order(given: dict[str, list[str]]) -> Order:
    keys, seen = [], set()
    for part in (single(given, "sort") or "created_at").split(","):
        name = part.removeprefix("-")
        if name not in _SORTS or name in seen:
            raise InvalidInput(Fault("?sort", f"{part!r} is unknown or repeated; known are {', '.join(_SORTS)}"))
        seen.add(name)
        keys.append(_SORTS[name](part.startswith("-")))
    return Order((*keys, Key("t.id", "uuid")))


def _filter(where: _Where, owner: Owner, given: dict[str, list[str]], now: dt.datetime) -> None:
    if (text := single(given, "status")) is not None:
        where.add("t.status = ANY(%s)", _choices(text, "status", list(Status)))
    if (text := single(given, "priority")) is not None:
        ranks = [Priority(name).rank for name in _choices(text, "priority", list(Priority))]
        where.add("t.priority = ANY(%s)", ranks)
    for name in given.get("tag", []):
        where.add(_HAS_TAG, tag_key(name))
    if (text := single(given, "series")) is not None:
        where.add("t.series_id = %s", _uuid(text))
    if (wanted := _flag(given, "recurring")) is not None:
        where.add(f"t.series_id IS {'NOT' if wanted else ''} NULL")
    if (wanted := _flag(given, "overdue")) is not None:
        overdue = "t.status = 'open' AND t.over_at <= %s"
        where.add(overdue if wanted else f"({overdue}) IS NOT TRUE", now)
    _due_range(where, owner, given)


def _due_range(where: _Where, owner: Owner, given: dict[str, list[str]]) -> None:
    """Filter by date (of the due value's own calendar) or by instant; both ends belong to the range."""
    for name, comparison in (("due_from", ">="), ("due_to", "<=")):
        text = single(given, name)
        if text is None:
            continue
        try:
            if len(text) == 10:
                where.add(f"t.due_date {comparison} %s", dt.date.fromisoformat(text))
                continue
            at = dt.datetime.fromisoformat(text)
            where.add(f"t.due_at {comparison} %s", at if at.tzinfo else instant(at, owner.zone))
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
