"""Which date comes first, and which comes next. Pure; the only part of a series that needs the engine of rules."""

import datetime as dt

from shared import recurrence
from shared.due import local
from shared.reminder import Owner
from shared.series import AFTER_COMPLETION, Series
from shared.task import Task


def first_occurrence(series: Series) -> dt.datetime | None:
    """Return the first local date-time of the rule at or after `starts_at` that is no EXDATE."""
    return _past_exdates(series, recurrence.first_from(series.rule, series.starts_at))


def next_occurrence(series: Series, task: Task, owner: Owner, now: dt.datetime) -> dt.datetime | None:
    """Return the local date-time after this task's, None when the series is over (COUNT, UNTIL).

    *scheduled* counts from the date the task was scheduled for, never from its moved due value or from now;
    `skip_overdue` passes over dates that have gone by. *after completion* counts from the completion.
    """
    if task.occurrence is None:
        return None
    limit = recurrence.limit(series.rule)
    if limit is not None and task.occurrence.ordinal >= limit:
        return None
    if series.mode == AFTER_COMPLETION:
        return _after_completion(series, task, owner)
    after = task.occurrence.scheduled
    if series.skip_overdue:
        after = max(after, _overdue_line(series, owner, now))
    return _past_exdates(series, recurrence.next_after(series.rule, series.starts_at, after))


def _after_completion(series: Series, task: Task, owner: Owner) -> dt.datetime | None:
    """Anchor the rule at the day of completion, at the series' own time of day."""
    done = local(task.completed_at or task.updated_at, series.zone or owner.zone)
    anchor = dt.datetime.combine(done.date(), series.starts_at.time())
    found = _past_exdates(series, recurrence.next_after(series.rule, anchor, anchor))
    if found is not None and task.occurrence is not None and found == task.occurrence.scheduled:
        # Done early: the same date would come again, and one occurrence per date is the rule.
        found = recurrence.next_after(series.rule, anchor, found)
    return found


def _overdue_line(series: Series, owner: Owner, now: dt.datetime) -> dt.datetime:
    here = local(now, series.zone or owner.zone)
    return dt.datetime.combine(here.date(), dt.time()) - dt.timedelta(microseconds=1) if series.all_day else here


def _past_exdates(series: Series, found: dt.datetime | None) -> dt.datetime | None:
    while found is not None and found in series.exdates:
        found = recurrence.next_after(series.rule, series.starts_at, found)
    return found
