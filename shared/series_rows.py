"""Series in storage. Every statement is filtered by the owner."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from shared.series import Series, Template
from shared.task import Priority

# What makes a Series.
COLUMNS = """
s.id, s.user_id, s.rule, s.rule_text, s.mode, s.skip_overdue, s.exdates, s.zone, s.all_day, s.starts_at, s.title,
s.notes, s.priority, s.tags, s.minutes_before, s.is_active, s.resumed_at, s.last_ordinal, s.version, s.created_at,
s.updated_at, s.ended_at, s.deleted_at
"""
GET = f"SELECT {COLUMNS} FROM series s WHERE s.user_id = %s AND s.id = %s"
SOME = f"SELECT {COLUMNS} FROM series s WHERE s.user_id = %s AND s.id = ANY(%s)"
SAVE = """
INSERT INTO series (id, user_id, rule, rule_text, mode, skip_overdue, exdates, zone, all_day, starts_at, title, notes,
  priority, tags, minutes_before, is_active, resumed_at, last_ordinal, version, change_seq, created_at, updated_at,
  ended_at, deleted_at)
VALUES (%(id)s, %(user_id)s, %(rule)s, %(text)s, %(mode)s, %(skip_overdue)s, %(exdates)s, %(zone)s, %(all_day)s,
  %(starts_at)s, %(title)s, %(notes)s, %(priority)s, %(tags)s, %(minutes_before)s, %(is_active)s, %(resumed_at)s,
  %(last_ordinal)s, %(version)s, %(change_seq)s, %(created_at)s, %(updated_at)s, %(ended_at)s, %(deleted_at)s)
ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, rule_text = excluded.rule_text, mode = excluded.mode,
  skip_overdue = excluded.skip_overdue, exdates = excluded.exdates, zone = excluded.zone, all_day = excluded.all_day,
  starts_at = excluded.starts_at, title = excluded.title, notes = excluded.notes, priority = excluded.priority,
  tags = excluded.tags, minutes_before = excluded.minutes_before, is_active = excluded.is_active,
  resumed_at = excluded.resumed_at, last_ordinal = excluded.last_ordinal, version = excluded.version,
  change_seq = excluded.change_seq, updated_at = excluded.updated_at, ended_at = excluded.ended_at,
  deleted_at = excluded.deleted_at
WHERE series.user_id = excluded.user_id
"""


TAKEN = """
SELECT occurrence FROM tasks
WHERE user_id = %s AND series_id = %s AND (occurrence >= %s OR occurrence = ANY(%s)) AND id IS DISTINCT FROM %s
"""


class SeriesRows:
    """The series of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, user_id: str, series_id: UUID) -> Series | None:
        """Return a series, also one that has ended or is deleted; None when it is missing or another user's."""
        cursor = self._connection.cursor(row_factory=dict_row)
        row = await (await cursor.execute(GET, (user_id, series_id))).fetchone()
        return None if row is None else to_series(row)

    async def some(self, user_id: str, series_ids: Iterable[UUID]) -> dict[UUID, Series]:
        """Return those of some series that are there, by their ids."""
        cursor = self._connection.cursor(row_factory=dict_row)
        rows = await (await cursor.execute(SOME, (user_id, list(series_ids)))).fetchall()
        return {row["id"]: to_series(row) for row in rows}

    async def taken(self, series: Series, since: dt.datetime, besides: UUID | None = None) -> frozenset[dt.datetime]:
        """Return the local date-times that have a task, also a deleted one, from `since` on, and those of EXDATEs.

        The date of the task `besides` is left out.
        """
        row = (series.user_id, series.id, since, list(series.exdates), besides)
        return frozenset(date for (date,) in await (await self._connection.execute(TAKEN, row)).fetchall())

    async def save(self, series: Series, change_seq: int) -> None:
        """Write a new series, or its new state."""
        await self._connection.execute(SAVE, _values(series, change_seq))


def to_series(row: dict[str, Any]) -> Series:
    """Make a series of a row of `COLUMNS`."""
    template = Template(
        row.pop("title"), row.pop("notes"), tuple(Priority)[row.pop("priority")], tuple(row.pop("tags")),
        tuple(row.pop("minutes_before")),
    )  # fmt: skip
    row["exdates"] = tuple(row["exdates"])
    return Series(text=row.pop("rule_text"), template=template, **row)


def _values(series: Series, change_seq: int) -> dict[str, object]:
    template = series.template
    return {
        "id": series.id, "user_id": series.user_id, "rule": series.rule, "text": series.text, "mode": series.mode,
        "skip_overdue": series.skip_overdue, "exdates": list(series.exdates), "zone": series.zone,
        "all_day": series.all_day, "starts_at": series.starts_at, "title": template.title, "notes": template.notes,
        "priority": template.priority.rank, "tags": list(template.tags),
        "minutes_before": list(template.minutes_before), "is_active": series.is_active,
        "resumed_at": series.resumed_at, "last_ordinal": series.last_ordinal, "version": series.version,
        "change_seq": change_seq, "created_at": series.created_at, "updated_at": series.updated_at,
        "ended_at": series.ended_at, "deleted_at": series.deleted_at,
    }  # fmt: skip
