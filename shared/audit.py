"""The audit log: one entry per event, appended only, read newest first."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from pydantic import JsonValue

from shared.envelope import Event
from shared.errors import Fault, InvalidInput
from shared.listing import Listing
from shared.paging import Key, Order, single
from shared.task_view import View

PARAMETERS = ("task", "type", "actor", "from", "to", "limit", "cursor")
ORDER = Order((Key("time", "timestamptz", descending=True), Key("position", "bigint", descending=True)))
# The event's id is the key of its entry, so this table is its own inbox.
APPEND = """
INSERT INTO audit (event_id, user_id, type, source, time, actor, task_id, changes, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (event_id) DO NOTHING
"""
_COLUMNS = "event_id, type, time, actor, task_id AS task, changes"


class AuditEntry(View):
    """One entry; `changes` holds the changed fields before and after, or the event's own data."""

    event_id: str
    type: str
    time: dt.datetime
    actor: str
    task: UUID | None
    changes: dict[str, JsonValue]


class AuditPage(View):
    """One page of entries, and the cursor of the next."""

    entries: tuple[AuditEntry, ...]
    next: str | None


async def append(connection: AsyncConnection, event: Event, now: dt.datetime) -> None:
    """Append an event; one that is there already stays as it is."""
    payload = event.payload
    data = payload.model_dump(mode="json", exclude={"user_id", "actor", "task_id"})
    # The entries of a task are found by its id; those of a series tell themselves which one they are about.
    changes = data if payload.about == "series_id" else data.get("changes", data)
    row = (
        event.id, payload.user_id, payload.type, event.source, event.time, payload.actor,
        getattr(payload, "task_id", None), Jsonb(changes), now,
    )  # fmt: skip
    await connection.execute(APPEND, row)


async def list_entries(connection: AsyncConnection, user_id: str, given: dict[str, list[str]]) -> AuditPage:
    """Return one page, newest first. Raises `InvalidInput` for wrong values."""
    listing = Listing(_COLUMNS, "audit", ORDER)
    listing.where("user_id = %s", user_id)
    for comparison, value in _filters(given).items():
        listing.where(f"{comparison} %s", value)
    rows, following = await listing.page(connection, given)
    return AuditPage(entries=tuple(AuditEntry.model_validate(row) for row in rows), next=following)


def _filters(given: dict[str, list[str]]) -> dict[str, Any]:
    """Return comparisons and their values."""
    found: dict[str, Any] = {}
    if (text := single(given, "task")) is not None:
        found["task_id ="] = _parsed(UUID, text, "task", "must be the id of a task")
    for name in ("type", "actor"):
        if (text := single(given, name)) is not None:
            found[f"{name} ="] = text
    for name, comparison in (("from", ">="), ("to", "<=")):
        if (text := single(given, name)) is not None:
            found[f"time {comparison}"] = _parsed(
                _instant, text, name, "must be an instant such as 2026-12-31T08:00:00Z"
            )
    return found


def _parsed(parse: Callable[[str], object], text: str, name: str, message: str) -> object:
    try:
        return parse(text)
    except (ValueError, OverflowError):
        raise InvalidInput(Fault(f"?{name}", message)) from None


def _instant(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(dt.UTC)
