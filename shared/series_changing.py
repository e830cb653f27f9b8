"""A change of a series that goes on: its row, its open occurrences, and what its other occurrences show of it.

The rule may change in place. What has been keeps its date, its ordinal and its place in COUNT; the open occurrence
moves to a date of the new rule, and everything after it follows from there.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared.errors import Fault, InvalidInput
from shared.events import SeriesUpdated
from shared.series import AFTER_COMPLETION, Series, changed, due_of
from shared.task import Task
from shared.unit_of_work import UnitOfWork

CLOSED = """
SELECT id FROM tasks WHERE user_id = %s AND series_id = %s AND status <> 'open' AND deleted_at IS NULL ORDER BY ordinal
"""
SHOW_ANEW = """
UPDATE tasks t SET version = t.version + 1, change_seq = k.change_seq
FROM unnest(%s::uuid[], %s::bigint[]) AS k (id, change_seq) WHERE t.id = k.id AND t.user_id = %s
"""


@dataclass(frozen=True, slots=True)
class Follower:
    """An open occurrence and the fields that a change of its series gives it; None when no date is left for it."""

    task: Task
    values: dict[str, Any] | None


async def rewrite(work: UnitOfWork, before: Series, after: Series) -> list[Follower]:
    """Write a changed series; return what becomes of its open occurrences, which the caller writes.

    Raises `InvalidInput` when there are more occurrences already than the new COUNT allows.
    """
    tasks = await work.tasks.open_of_series(before.user_id, before.id)
    after = changed(before, await _in_step(work, before, after), work.now)
    _check_count(before, after)
    followers = [Follower(task, await _values(work, before, after, task)) for task in tasks]
    if after is not before:
        await work.save_series(after, SeriesUpdated, before)
    if after.ref != before.ref:
        await _show_anew(work, after)
    return followers


async def _in_step(work: UnitOfWork, before: Series, after: Series) -> Series:
    """Return the series in step with its last occurrence where dates were counted from completions before."""
    if after.mode in (before.mode, AFTER_COMPLETION) or before.starts_at != after.starts_at:
        return after
    last = await work.tasks.by_ordinal(before.user_id, before.id, before.last_ordinal)
    return after if last is None or last.occurrence is None else replace(after, starts_at=last.occurrence.scheduled)


def _check_count(before: Series, after: Series) -> None:
    if after.rule == before.rule:
        return
    from shared.occurrences import used_up

    if used_up(after):
        raise InvalidInput(Fault("/recurrence", f"COUNT is less than the {after.last_ordinal} occurrences there are"))


async def _values(work: UnitOfWork, before: Series, after: Series, task: Task) -> dict[str, Any] | None:
    occurrence = task.occurrence
    if occurrence is None or occurrence.ordinal != after.last_ordinal:
        return {"occurrence": occurrence and replace(occurrence, series=after.ref)}
    from shared.occurrences import redated

    # From the beginning of its day, or of today, whichever is earlier, in any zone.
    since = min(occurrence.scheduled, work.now.replace(tzinfo=None)) - dt.timedelta(days=2)
    taken = await work.series.taken(after, since, besides=task.id)
    scheduled = redated(before, after, occurrence, work.owner, work.now, taken)
    if scheduled is None:
        return None
    values: dict[str, Any] = {"occurrence": replace(occurrence, series=after.ref, scheduled=scheduled)}
    # A due value that was moved by hand stays while its occurrence does.
    if scheduled != occurrence.scheduled or task.due == due_of(before, occurrence.scheduled):
        values["due"] = due_of(after, scheduled)
    return values


async def _show_anew(work: UnitOfWork, series: Series) -> None:
    """Give closed occurrences a new version and change number: they show the rule of their series."""
    found = await (await work.connection.execute(CLOSED, (series.user_id, series.id))).fetchall()
    ids: list[UUID] = [task_id for (task_id,) in found]
    await work.connection.execute(SHOW_ANEW, (ids, [work.next_change() for _ in ids], series.user_id))
