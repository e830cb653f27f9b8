"""Which date comes first, and which comes next. Pure; the only part of a series that needs the engine of rules."""

import datetime as dt
import re
from collections.abc import Set as AbstractSet
from dataclasses import replace

from shared import recurrence
from shared.due import instant, local
from shared.reminder import Owner
from shared.series import AFTER_COMPLETION, Recurrence, Series
from shared.task import Occurrence, Status, Task

_COUNT = re.compile(r"(?<=COUNT=)\d+")
_END = re.compile(r";(COUNT|UNTIL)=[^;]*")
LAST = dt.datetime(9000, 1, 1)  # noqa: DTZ001  (local) beyond it zones have no room; a rule ends here


def first_occurrence(series: Series, owner: Owner) -> dt.datetime | None:
    """Return the first local date-time of the rule at or after `starts_at` that is no EXDATE."""
    zone = series.zone or owner.zone
    found = recurrence.first_from(series.rule, series.starts_at, zone)
    found = _passing(series.rule, series.starts_at, zone, found, frozenset(series.exdates))
    return _within_count(series, zone, 1, found, frozenset())


def remaining(series: Series, occurrence: Occurrence, owner: Owner, taken: AbstractSet[dt.datetime]) -> Recurrence:
    """Return the recurrence from one occurrence on: what is left of COUNT, everything else as it was."""
    rule, limit = series.rule, recurrence.limit(series.rule)
    if limit is not None:
        used = occurrence.ordinal + _removed(series, series.zone or owner.zone, occurrence.scheduled, taken)
        rule = _COUNT.sub(str(max(1, limit - used + 1)), rule)
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
    zone = series.zone or owner.zone
    found = _passing(series.rule, anchor, zone, recurrence.next_after(series.rule, anchor, after, zone), passed)
    return _within_count(series, zone, task.occurrence.ordinal + 1, found, taken | {task.occurrence.scheduled})


def upcoming(
    series: Series, last: Task, count: int, owner: Owner, now: dt.datetime, taken: AbstractSet[dt.datetime]
) -> list[dt.datetime]:
    """Return the next `count` local date-times, beginning with the open occurrence, fewer where the series ends.

    `last` is the newest occurrence. After completion, each is taken as done on its date, an overdue one as done now. A
    paused series is shown as if it went on now.
    """
    if not series.is_active:
        series = replace(series, resumed_at=now)
    found: list[dt.datetime] = []
    occurrence = last.occurrence
    if occurrence is not None and not (last.closed or last.deleted_at):
        found.append(occurrence.scheduled)
    while series.lives and occurrence is not None and len(found) < count:
        if not (last.closed or last.deleted_at):
            last = replace(last, completed_at=max(now, instant(occurrence.scheduled, series.zone or owner.zone)))
        following = next_occurrence(series, last, owner, now, taken)
        if following is None:
            break
        found.append(following)
        occurrence = Occurrence(series.ref, occurrence.ordinal + 1, following)
        last = replace(last, status=Status.OPEN, deleted_at=None, occurrence=occurrence)
    return found


def redated(
    before: Series,
    after: Series,
    occurrence: Occurrence,
    owner: Owner,
    now: dt.datetime,
    taken: AbstractSet[dt.datetime],
) -> dt.datetime | None:
    """Return the date of an open occurrence when its series changes; None when the series has none left for it.

    It stays where only the end of the rule, its EXDATEs or its mode differ, and after completion wherever the rule
    allows it. Otherwise it is the first date from today on, or from its own day when it is overdue: what is owed stays
    owed, unless overdue dates are skipped. `taken` are the dates of the other occurrences.
    """
    zone = after.zone or owner.zone
    anchor, earliest = after.starts_at, occurrence.scheduled
    if after.mode == AFTER_COMPLETION and _start(before) == _start(after):
        anchor = earliest
    elif _dates(before) != _dates(after):
        line = _overdue_line(after, owner, now)
        its_day = dt.datetime.combine(earliest.date(), dt.time())
        earliest = line if after.skip_overdue else min(line, its_day)
    # The engine looks for what is later, and rules know whole seconds.
    found = recurrence.next_after(after.rule, anchor, earliest - dt.timedelta(seconds=1), zone)
    found = _passing(after.rule, anchor, zone, found, taken | set(after.exdates))
    return _within_count(after, zone, occurrence.ordinal, found, taken)


def used_up(series: Series) -> bool:
    """Whether there are more occurrences already than COUNT allows."""
    limit = recurrence.limit(series.rule)
    return limit is not None and limit < series.last_ordinal


def _anchor(
    series: Series, task: Task, occurrence: Occurrence, owner: Owner, now: dt.datetime
) -> tuple[dt.datetime, dt.datetime]:
    """Return where the rule's phase begins (DTSTART), and the date-time after which the next one is looked for."""
    if series.mode == AFTER_COMPLETION:
        done = local(task.completed_at or task.updated_at, series.zone or owner.zone).replace(second=0, microsecond=0)
        by_the_clock = any(frequency in series.rule for frequency in ("HOURLY", "MINUTELY", "SECONDLY"))
        anchor = done if by_the_clock else dt.datetime.combine(done.date(), series.starts_at.time())
        return anchor, max(anchor, _pause_line(series, owner, anchor))
    after = max(occurrence.scheduled, _pause_line(series, owner, occurrence.scheduled))
    if series.skip_overdue:
        after = max(after, _overdue_line(series, owner, now))
    return series.starts_at, after


def _pause_line(series: Series, owner: Owner, default: dt.datetime) -> dt.datetime:
    """Return the date-time up to which dates fell into a pause."""
    return default if series.resumed_at is None else _overdue_line(series, owner, series.resumed_at)


def _overdue_line(series: Series, owner: Owner, now: dt.datetime) -> dt.datetime:
    here = local(now, series.zone or owner.zone)
    return dt.datetime.combine(here.date(), dt.time()) - dt.timedelta(microseconds=1) if series.all_day else here


def _start(series: Series) -> tuple[object, ...]:
    return series.starts_at, series.all_day


def _dates(series: Series) -> tuple[object, ...]:
    """Return what says which dates there are, apart from where they end and which are left out."""
    return _END.sub("", series.rule), *_start(series)


def _within_count(
    series: Series, zone: str, ordinal: int, found: dt.datetime | None, taken: AbstractSet[dt.datetime]
) -> dt.datetime | None:
    """Return the date if COUNT has room for it as the occurrence of this ordinal."""
    limit = recurrence.limit(series.rule)
    if found is None or limit is None or ordinal + _removed(series, zone, found, taken) <= limit:
        return found
    return None


def _removed(series: Series, zone: str, before: dt.datetime, taken: AbstractSet[dt.datetime]) -> int:
    """Return how many dates an EXDATE has removed: COUNT includes them (RFC 5545, section 3.8.5.1).

    Not those that are no dates of the rule, nor those that had their occurrence before they were excluded. After
    completion there are no dates before there is a completion, so there COUNT is of occurrences only.
    """
    if series.mode == AFTER_COMPLETION:
        return 0
    second, start = dt.timedelta(seconds=1), series.starts_at
    return sum(
        date < before and date not in taken and recurrence.next_after(series.rule, start, date - second, zone) == date
        for date in set(series.exdates)
    )


def _passing(
    rule: str, anchor: dt.datetime, zone: str, found: dt.datetime | None, passed: AbstractSet[dt.datetime]
) -> dt.datetime | None:
    """Return the first date from `found` on that is not passed over."""
    while found is not None and found in passed:
        found = recurrence.next_after(rule, anchor, found, zone)
    return None if found is None or found >= LAST else found
