"""A stored task as files have it. Pure."""

import datetime as dt
import re
from dataclasses import replace

from shared import recurrence
from shared.filed_task import FiledTask, Repeats
from shared.reminder import Alarm, ReminderState
from shared.series import Series, due_of
from shared.task import Task

_COUNT = re.compile(r"(?<=COUNT=)\d+")


def filed(
    task: Task, series: Series | None, uid: str, extra: tuple[str, ...] = (), sequence: int | None = None
) -> FiledTask:
    """Return a task under its UID; the open occurrence that a series is at stands for the series."""
    alone = FiledTask(
        uid=uid, title=task.title, notes=task.notes, status=task.status, priority=task.priority, tags=task.tags,
        due=task.due, alarms=tuple(r.alarm for r in task.reminders if r.state is not ReminderState.REMOVED),
        completed_at=task.completed_at, created_at=task.created_at, modified=task.updated_at, extra=extra,
        sequence=task.version - 1 if sequence is None else sequence,
    )  # fmt: skip
    if series is None or task.occurrence is None:
        return alone
    scheduled, template = task.occurrence.scheduled, series.template
    master = replace(
        alone,
        title=template.title, notes=template.notes, priority=template.priority, tags=template.tags,
        due=due_of(series, scheduled), alarms=tuple(Alarm(minutes) for minutes in template.minutes_before),
        repeats=_repeats(series, task.occurrence.ordinal, scheduled),
    )  # fmt: skip
    same = alone.meaning() == replace(master, repeats=None).meaning()
    return master if same else replace(master, changed=replace(alone, extra=()))


def stands_for_series(task: Task, series: Series | None) -> bool:
    """Tell whether a task is the open occurrence that its series is at."""
    at = task.occurrence
    return (
        series is not None and at is not None and not task.closed and task.deleted_at is None
        and series.lives and at.ordinal == series.last_ordinal
    )  # fmt: skip


def _repeats(series: Series, ordinal: int, scheduled: dt.datetime) -> Repeats:
    """Return how the series goes on from an occurrence: what came before counts no more."""
    rule, limit = series.rule, recurrence.limit(series.rule)
    if limit is not None:
        # COUNT includes the dates that an EXDATE removes (RFC 5545, section 3.8.5.1).
        used = ordinal - 1 + sum(date < scheduled for date in series.exdates)
        rule = _COUNT.sub(str(max(1, limit - used)), rule)
    if "SKIP=" in rule and "BYMONTHDAY" not in rule:
        # The day is that of the start, which a date that was moved backward no longer tells.
        head, _, skip = rule.rpartition(";SKIP=")
        month = f";BYMONTH={series.starts_at.month}" if "YEARLY" in rule and "BYMONTH=" not in rule else ""
        rule = f"{head};BYMONTHDAY={series.starts_at.day}{month};SKIP={skip}"
    exdates = tuple(date for date in series.exdates if date > scheduled)
    return Repeats(recurrence.canonical(rule), series.mode, series.skip_overdue, exdates, not series.is_active)
