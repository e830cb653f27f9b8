"""Which date comes first, and which comes next. Pure; the only part of a series that needs the engine of rules."""

import datetime as dt
import re
from collections.abc import Set as AbstractSet

from shared import recurrence
from shared.due import local
from shared.reminder import Owner
from shared.series import AFTER_COMPLETION, Recurrence, Series
from shared.task import Occurrence, Task

_COUNT = re.compile(r"(?<=COUNT=)\d+")
_UNTIL_UTC = re.compile(r"(?<=UNTIL=)\d{8}T\d{6}Z")
LAST = dt.datetime(9000, 1, 1)  # noqa: DTZ001  (local) beyond it zones have no room; a rule ends here


def first_occurrence(series: Series, owner: Owner) -> dt.datetime | None:
    """Return the first local date-time of the rule at or after `starts_at` that is no EXDATE."""
    rule = _local_rule(series, owner)
    found = recurrence.first_from(rule, series.starts_at)
    return _passing(rule, series.starts_at, found, frozenset(series.exdates))


def remaining(series: Series, ordinal: int) -> Recurrence:
    """Return the recurrence from one occurrence on: what is left of COUNT, everything else as it was."""
    rule, limit = series.rule, recurrence.limit(series.rule)
    if limit is not None:
        rule = _COUNT.sub(str(max(1, limit - ordinal + 1)), rule)
    return Recurrence(rule, recurrence.describe(rule), series.mode, series.skip_overdue, series.exdates)


def next_occurrence(
    series: Series, task: Task, owner: Owner, now: dt.datetime, taken: AbstractSet[dt.datetime] = frozenset()
) -> dt.datetime | None:
    """Return the local date-time after this task's, None when the series is over (COUNT, UNTIL).

    *scheduled* counts from the date the task was scheduled for, never from its moved due value or from now;
    `skip_overdue` passes over dates that have gone by. *after completion* counts from the completion. `taken` are dates
    that have an occurrence already: there is one per date.
    """
    if task.occurrence is None:
        return None
    anchor, after = _anchor(series, task, task.occurrence, owner, now)
    passed = taken | set(series.exdates) | {task.occurrence.scheduled}
    rule = _local_rule(series, owner)
    found = _passing(rule, anchor, recurrence.next_after(rule, anchor, after), passed)
    # COUNT includes the dates that an EXDATE removes (RFC 5545, section 3.8.5.1).
    used = task.occurrence.ordinal + sum(found is not None and date < found for date in series.exdates)
    limit = recurrence.limit(series.rule)
    return None if limit is not None and used >= limit else found


def _anchor(
    series: Series, task: Task, occurrence: Occurrence, owner: Owner, now: dt.datetime
) -> tuple[dt.datetime, dt.datetime]:
    """Return where the rule's phase begins (DTSTART), and the date-time after which the next one is looked for."""
    if series.mode == AFTER_COMPLETION:
        done = local(task.completed_at or task.updated_at, series.zone or owner.zone).replace(second=0, microsecond=0)
        by_the_clock = any(frequency in series.rule for frequency in ("HOURLY", "MINUTELY", "SECONDLY"))
        anchor = done if by_the_clock else dt.datetime.combine(done.date(), series.starts_at.time())
        return anchor, anchor
    after = occurrence.scheduled
    if series.skip_overdue:
        after = max(after, _overdue_line(series, owner, now))
    return series.starts_at, after


def _overdue_line(series: Series, owner: Owner, now: dt.datetime) -> dt.datetime:
    here = local(now, series.zone or owner.zone)
    return dt.datetime.combine(here.date(), dt.time()) - dt.timedelta(microseconds=1) if series.all_day else here


def _local_rule(series: Series, owner: Owner) -> str:
    return local_rule(series.rule, series.zone or owner.zone)


def local_rule(rule: str, zone: str) -> str:
    """Return the rule with an UNTIL in UTC as local time of the zone: the engine knows no zones."""

    def to_local(match: re.Match[str]) -> str:
        until = dt.datetime.strptime(match[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        return local(until, zone).strftime("%Y%m%dT%H%M%S")

    return _UNTIL_UTC.sub(to_local, rule)


def _passing(
    rule: str, anchor: dt.datetime, found: dt.datetime | None, passed: AbstractSet[dt.datetime]
) -> dt.datetime | None:
    """Return the first date from `found` on that is not passed over."""
    while found is not None and found in passed:
        found = recurrence.next_after(rule, anchor, found)
    return None if found is None or found >= LAST else found
