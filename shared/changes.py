"""The changes of a user after a token: each row that changed since, once, in its latest state and at its latest number.

Commands lock their user's row and count its number up with their commit, so whoever sees a number sees all below it:
one snapshot shows every change up to the user's number, and the next reading goes on after that, without a gap.

A token is the number of the last change its holder knows. What is deleted stays as a tombstone for 30 days; when
sweep purges it, the user's `purged_seq` rises to its number, and the holder of a token from before can no longer be
told of it: the token is gone (410), as is one that is ahead of its user, which another database must have given. While
somebody reads from the beginning, page by page, the token also holds the user's number at the start of that (`7-90`):
what was deleted up to there they have never seen, so its purge takes nothing from them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from shared import filter_rows, notification_query, series_view, tag_view, task_rows
from shared.database import Database
from shared.errors import Fault, HistoryGone, InvalidInput
from shared.filter_rows import FilterView
from shared.notification_query import NotificationView
from shared.reminder import Owner
from shared.series_view import SeriesView
from shared.tag_view import TagView
from shared.task_view import TaskView, View, view

BATCH = 500  # changes in one answer, and in memory for one stream
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
USER = """
SELECT change_seq, purged_seq, time_zone, locale, all_day_reminder_time, quiet_from, quiet_until
FROM users WHERE id = %s
"""
LAST = "SELECT change_seq FROM users WHERE id = %s"
_TABLES = {
    "task": "tasks", "series": "series", "tag": "tags", "notification": "notifications", "filter": "filters",
}  # fmt: skip
NUMBERS = (
    "SELECT change_seq, kind FROM ("
    + " UNION ALL ".join(
        f"(SELECT change_seq, '{kind}' AS kind FROM {table} WHERE user_id = %(user)s AND change_seq > %(after)s"
        " ORDER BY change_seq LIMIT %(limit)s)"
        for kind, table in _TABLES.items()
    )
    + ") AS found ORDER BY change_seq LIMIT %(limit)s"
)
_SOME = "user_id = %s AND {0}.change_seq > %s AND {0}.change_seq <= %s"
ROWS = {
    "task": f"SELECT t.change_seq, {task_rows.COLUMNS} FROM {task_rows.SOURCE} WHERE t.{_SOME.format('t')}",
    "series": f"SELECT s.change_seq, s.deleted_at, {series_view.COLUMNS} FROM {series_view.SOURCE}"
    f" WHERE s.{_SOME.format('s')}",
    "tag": f"SELECT g.change_seq, g.deleted_at, {tag_view.COLUMNS} FROM tags g WHERE g.{_SOME.format('g')}",
    "notification": f"SELECT n.change_seq, {notification_query.COLUMNS} FROM notifications n"
    f" WHERE n.{_SOME.format('n')}",
    "filter": f"SELECT f.change_seq, f.deleted_at, {filter_rows.COLUMNS} FROM filters f WHERE f.{_SOME.format('f')}",
}
VIEWS: dict[str, Callable[[dict[str, Any], Owner], View]] = {
    "task": lambda row, owner: view(task_rows.to_task(row), owner),
    "series": series_view.series_view,
    "tag": lambda row, _: TagView.model_validate(row),
    "notification": lambda row, _: NotificationView.model_validate(row),
    "filter": lambda row, _: FilterView.model_validate(row),
}
_TOKEN = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)


class GoneView(View):
    """What is left of something deleted."""

    id: UUID


class ChangeView(View):
    """One change: a row in its latest state, or what is left of it."""

    seq: int
    kind: Literal["task", "series", "tag", "notification", "filter"]
    op: Literal["upsert", "delete"]
    value: TaskView | SeriesView | TagView | NotificationView | FilterView | GoneView


class ChangePage(View):
    """Changes in the order of their numbers, and the token to go on with; `more` says that they go on already."""

    changes: tuple[ChangeView, ...]
    next: str
    more: bool


@dataclass(frozen=True, slots=True)
class Position:
    """How far somebody has read: all changes up to `seq`. They began when the user's number was `began`."""

    seq: int = 0
    began: int = 0

    @classmethod
    def parse(cls, token: str | None, pointer: str) -> Self:
        """Return the position of a token, the beginning without one; raises `InvalidInput` for what is no token."""
        if not token:
            return cls()
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise InvalidInput(Fault(pointer, "is not a token of this feed: give one back as you got it"))
        return cls(int(match[1]), int(match[2] or 0))

    def at(self, seq: int) -> Self:
        """Return the position after the change with this number."""
        return type(self)(seq, self.began)

    def __str__(self) -> str:
        """Return the token."""
        return f"{self.seq}-{self.began}" if self.began > self.seq else str(self.seq)


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes, the position before the first and after the last of them, and whether there are more already."""

    changes: tuple[ChangeView, ...]
    before: Position
    after: Position
    more: bool


async def read_changes(database: Database, user_id: str, position: Position) -> Batch:
    """Return the changes after a position, `BATCH` at most. Raises `HistoryGone`."""
    async with database.connection() as connection, connection.pipeline():
        await connection.execute(SNAPSHOT)
        user = await connection.execute(USER, (user_id,))
        numbers = await connection.execute(NUMBERS, {"user": user_id, "after": position.seq, "limit": BATCH + 1})
        last, purged, *settings = await user.fetchone() or (0, 0)
        position = _checked(position, last, purged)
        found = await numbers.fetchall()
        more = len(found) > BATCH
        after = position.at(found[BATCH - 1][0] if more else last)
        kinds = {kind for _, kind in found[:BATCH]}
        changes = await _values(connection, Owner(user_id, *settings), kinds, position, after)
    return Batch(changes, position, after, more)


async def last_number(database: Database, user_id: str) -> int:
    """Return the number of the user's last change, 0 before the first."""
    async with database.statements() as connection:
        row = await (await connection.execute(LAST, (user_id,))).fetchone()
    return row[0] if row else 0


def _checked(position: Position, last: int, purged: int) -> Position:
    """Return the position, with where it began when it is the beginning; raises `HistoryGone`."""
    if position.seq == 0:
        return Position(0, last)
    if max(position.seq, position.began) > last:
        raise HistoryGone("this token is not of this database: read everything again, without a token")
    if max(position.seq, position.began) < purged:
        raise HistoryGone("what was deleted since is no longer known: read everything again, without a token")
    return position


async def _values(
    connection: AsyncConnection, owner: Owner, kinds: set[str], before: Position, after: Position
) -> tuple[ChangeView, ...]:
    cursors = {}
    for kind in kinds:
        cursors[kind] = connection.cursor(row_factory=dict_row)
        await cursors[kind].execute(ROWS[kind], (owner.id, before.seq, after.seq))
    changes = [_change(kind, row, owner) for kind, cursor in cursors.items() for row in await cursor.fetchall()]
    return tuple(sorted(changes, key=lambda change: change.seq))


def _change(kind: Any, row: dict[str, Any], owner: Owner) -> ChangeView:
    seq = row.pop("change_seq")
    if row.get("deleted_at") is not None:
        return ChangeView(seq=seq, kind=kind, op="delete", value=GoneView(id=row["id"]))
    value: Any = VIEWS[kind](row, owner)
    return ChangeView(seq=seq, kind=kind, op="upsert", value=value)
