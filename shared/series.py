"""The series: a template and a rule, and the task that comes next. Pure.

Occurrences form a row: ordinal 1, 2, 3 … One successor per ordinal and one task per local date-time are unique keys in
storage, so two completions at the same moment yield one next occurrence.
"""

import datetime as dt
from dataclasses import dataclass, replace
from uuid import UUID

from shared.due import Due, local
from shared.errors import Fault, InvalidInput
from shared.reminder import Alarm, Owner, Reminder, fire_at, new_reminder
from shared.task import Occurrence, Priority, SeriesRef, Task

SCHEDULED = "scheduled"
AFTER_COMPLETION = "after_completion"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """What the user asks for: a canonical RFC 5545 rule, its plain English, and how it is counted.

    `named` is the first date and time of one that was given in words.
    """

    rule: str
    text: str
    mode: str = SCHEDULED
    skip_overdue: bool = False
    exdates: tuple[dt.datetime, ...] = ()
    named: Due | None = None

    @property
    def is_timed(self) -> bool:
        """Whether the rule itself names times of day."""
        return any(part in self.rule for part in ("BYHOUR", "BYMINUTE", "BYSECOND", "HOURLY", "MINUTELY", "SECONDLY"))


@dataclass(frozen=True, slots=True)
class Template:
    """What every new occurrence starts with. `minutes_before` are its reminders."""

    title: str
    notes: str = ""
    priority: Priority = Priority.NONE
    tags: tuple[str, ...] = ()
    minutes_before: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A recurring series as stored. `starts_at` and `exdates` are naive local date-times (RFC 5545 DTSTART, EXDATE).

    `is_active` is false while it is paused; the dates before `resumed_at` (an instant) are passed over.
    """

    id: UUID
    user_id: str
    rule: str
    text: str
    mode: str = SCHEDULED
    skip_overdue: bool = False
    exdates: tuple[dt.datetime, ...] = ()
    zone: str | None = None
    all_day: bool = True
    starts_at: dt.datetime
    template: Template
    is_active: bool = True
    resumed_at: dt.datetime | None = None
    last_ordinal: int = 1
    version: int = 1
    created_at: dt.datetime
    updated_at: dt.datetime
    ended_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None

    @property
    def lives(self) -> bool:
        """Whether occurrences can still come, now or after a pause."""
        return self.ended_at is None and self.deleted_at is None

    @property
    def goes_on(self) -> bool:
        """Whether closing the last occurrence brings another."""
        return self.is_active and self.lives

    @property
    def recurrence(self) -> Recurrence:
        """How it repeats."""
        return Recurrence(self.rule, self.text, self.mode, self.skip_overdue, self.exdates)

    @property
    def ref(self) -> SeriesRef:
        """What the tasks of the series show of it."""
        return SeriesRef(self.id, self.rule, self.mode, self.text)


def begun(
    series_id: UUID, wish: Recurrence, template: Template, due: Due | None, owner: Owner, now: dt.datetime
) -> Series:
    """Return a new series that starts at the due value, or now where there is none."""
    all_day = not wish.is_timed and (due is None or due.time is None)
    if due is not None:
        start = due.local
    else:
        here = local(now, owner.zone)
        start = dt.datetime.combine(here.date(), dt.time()) if all_day else _next_minute(here)
    return Series(
        id=series_id, user_id=owner.id, rule=wish.rule, text=wish.text, mode=wish.mode, skip_overdue=wish.skip_overdue,
        exdates=wish.exdates, zone=due.zone if due else None, all_day=all_day, starts_at=start, template=template,
        created_at=now, updated_at=now,
    )  # fmt: skip


def rewritten(series: Series, wish: Recurrence, start: Due | None) -> Series:
    """Return the series with another recurrence, and another start where one is given."""
    zone, starts_at, all_day = series.zone, series.starts_at, series.all_day
    if start is not None:
        zone, starts_at, all_day = start.zone, start.local, start.time is None
    return replace(
        series, rule=wish.rule, text=wish.text, mode=wish.mode, skip_overdue=wish.skip_overdue, exdates=wish.exdates,
        zone=zone, starts_at=starts_at, all_day=all_day and not wish.is_timed,
    )  # fmt: skip


def due_of(series: Series, scheduled: dt.datetime) -> Due:
    """Return the due value of an occurrence."""
    return Due(scheduled.date(), None if series.all_day else scheduled.time(), series.zone)


def spawned(
    series: Series,
    scheduled: dt.datetime,
    ordinal: int,
    ids: tuple[UUID, ...],
    owner: Owner,
    now: dt.datetime,
) -> Task:
    """Return the task for one occurrence; `ids` are one for the task and one for each reminder of the template."""
    due = due_of(series, scheduled)
    template = series.template
    return Task(
        id=ids[0], user_id=series.user_id, title=template.title, notes=template.notes, priority=template.priority,
        tags=template.tags, due=due, reminders=_reminders(template, due, ids[1:], owner, now),
        occurrence=Occurrence(series.ref, ordinal, scheduled), created_at=now, updated_at=now,
    )  # fmt: skip


def _reminders(
    template: Template, due: Due, ids: tuple[UUID, ...], owner: Owner, now: dt.datetime
) -> tuple[Reminder, ...]:
    made = []
    for reminder_id, minutes in zip(ids, template.minutes_before, strict=True):
        alarm = Alarm(minutes_before=minutes)
        rings = fire_at(alarm, due, owner)
        if rings is not None:
            made.append(new_reminder(reminder_id, alarm, rings, due, owner, now))
    return tuple(made)


def stopped(series: Series, now: dt.datetime) -> Series:
    """Return the series ended: nothing comes after the occurrences that exist."""
    return series if not series.lives else _touched(series, now, ended_at=now)


def removed(series: Series, now: dt.datetime) -> Series:
    """Return the tombstone of a series: nothing comes of it any more, and nothing shows it."""
    return _touched(series, now, deleted_at=now)


def paused(series: Series, now: dt.datetime) -> Series:
    """Return the series paused; a paused one stays as it is. Raises `InvalidInput` when it has ended."""
    _check_that_it_lives(series, "paused")
    return series if not series.is_active else _touched(series, now, is_active=False)


def resumed(series: Series, now: dt.datetime) -> Series:
    """Return the series going on from now; an active one stays as it is. Raises `InvalidInput` when it has ended."""
    _check_that_it_lives(series, "resumed")
    return series if series.is_active else _touched(series, now, is_active=True, resumed_at=now)


def changed(before: Series, after: Series, now: dt.datetime) -> Series:
    """Return `after` as the next version of `before`, the very same series where nothing differs."""
    return before if after == before else replace(after, version=before.version + 1, updated_at=now)


def _touched(series: Series, now: dt.datetime, **values: object) -> Series:
    after: Series = replace(series, **values)  # type: ignore[arg-type]
    return changed(series, after, now)


def _check_that_it_lives(series: Series, action: str) -> None:
    if not series.lives:
        raise InvalidInput(Fault("", f"a series that has ended cannot be {action}"))


def _next_minute(here: dt.datetime) -> dt.datetime:
    return here.replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
