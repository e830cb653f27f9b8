"""Reminders: when one rings, and what happens to it when its task moves, closes or opens again. Pure.

The row is the truth and the Dapr job its alarm clock: the job is named after id and version, so the alarm of an older
version finds nothing to do.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from shared.due import Due, instant


class ReminderState(StrEnum):
    """`removed` rows are no longer shown; they wait until their Dapr job is cancelled."""

    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Owner:
    """The settings of a user that give times their meaning."""

    id: str
    zone: str = "UTC"
    locale: str = "en"
    all_day_reminder_time: dt.time = dt.time(9)
    quiet_from: dt.time | None = None
    quiet_until: dt.time | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the user asks for: an instant (UTC), or minutes before the due value."""

    minutes_before: int | None = None
    at: dt.datetime | None = None


# Each alarm that is wanted, with the id of its reminder.
Alarms = tuple[tuple[UUID, Alarm], ...]


@dataclass(frozen=True, slots=True)
class Reminder:
    """An alarm with its identity and state. `fire_at` is an instant in UTC."""

    id: UUID
    alarm: Alarm
    fire_at: dt.datetime
    state: ReminderState = ReminderState.PENDING
    version: int = 1
    fired_at: dt.datetime | None = None


def fire_at(alarm: Alarm, due: Due | None, owner: Owner) -> dt.datetime | None:
    """Return when the alarm rings (UTC); None when it counts from a due value that is not there."""
    if alarm.at is not None:
        return alarm.at
    if due is None or alarm.minutes_before is None:
        return None
    start = due.instant(owner.zone)
    if due.time is None:
        start = instant(dt.datetime.combine(due.date, owner.all_day_reminder_time), owner.zone)
    return start - dt.timedelta(minutes=alarm.minutes_before)


def new_reminder(
    reminder_id: UUID, alarm: Alarm, rings: dt.datetime, due: Due | None, owner: Owner, now: dt.datetime
) -> Reminder:
    """Return a reminder that rings at `rings`, or one that is already cancelled because its task is long overdue."""
    state = ReminderState.PENDING if _still_useful(alarm, rings, due, owner, now) else ReminderState.CANCELLED
    return Reminder(reminder_id, alarm, rings, state)


def rearmed(reminders: Iterable[Reminder], due: Due | None, owner: Owner, now: dt.datetime) -> tuple[Reminder, ...]:
    """Return the reminders after the due value moved: one that rings at another time becomes pending again."""
    return tuple(_rearm(reminder, due, owner, now) for reminder in reminders)


def with_alarms(
    reminders: Iterable[Reminder], alarms: Alarms, due: Due | None, owner: Owner, now: dt.datetime
) -> tuple[Reminder, ...]:
    """Return what the alarms make of the reminders: known ids are kept, others are new, the rest is removed."""
    left = {r.id: r for r in reminders}
    wanted = []
    for reminder_id, alarm in alarms:
        rings = fire_at(alarm, due, owner)
        if rings is None:
            continue  # the edge refuses this; a due value that vanished takes its reminders with it
        old = left.pop(reminder_id, None)
        if old is not None and old.fire_at == rings and old.state is not ReminderState.REMOVED:
            wanted.append(replace(old, alarm=alarm))
        else:
            fresh = new_reminder(reminder_id, alarm, rings, due, owner, now)
            wanted.append(fresh if old is None else replace(fresh, version=old.version + 1))
    return (*wanted, *(r if r.state is ReminderState.REMOVED else removed(r) for r in left.values()))


def put_off(reminders: Iterable[Reminder], due: Due, owner: Owner, now: dt.datetime) -> tuple[Reminder, ...]:
    """Return the reminders of a snoozed task: moved with the due value, and what would ring at once is cancelled."""
    return tuple(
        replace(r, state=ReminderState.CANCELLED) if r.state is ReminderState.PENDING and r.fire_at <= now else r
        for r in rearmed(reminders, due, owner, now)
    )


def removed(reminder: Reminder) -> Reminder:
    """Return a reminder that the user no longer wants."""
    return replace(reminder, state=ReminderState.REMOVED, version=reminder.version + 1)


def cancelled(reminders: Iterable[Reminder]) -> tuple[Reminder, ...]:
    """Return the reminders of a task that is done or gone: what has not fired never will."""
    return tuple(
        replace(r, state=ReminderState.CANCELLED, version=r.version + 1) if r.state is ReminderState.PENDING else r
        for r in reminders
    )


def revived(reminders: Iterable[Reminder], now: dt.datetime) -> tuple[Reminder, ...]:
    """Return the reminders of a task that was opened again: cancelled ones that still lie ahead are pending."""
    return tuple(
        replace(r, state=ReminderState.PENDING, version=r.version + 1)
        if r.state is ReminderState.CANCELLED and r.fire_at > now
        else r
        for r in reminders
    )


def _rearm(reminder: Reminder, due: Due | None, owner: Owner, now: dt.datetime) -> Reminder:
    if reminder.state is ReminderState.REMOVED:
        return reminder
    rings = fire_at(reminder.alarm, due, owner)
    if rings is None:
        return removed(reminder)
    if rings == reminder.fire_at:
        return reminder
    state = ReminderState.PENDING if _still_useful(reminder.alarm, rings, due, owner, now) else ReminderState.CANCELLED
    return replace(reminder, fire_at=rings, state=state, version=reminder.version + 1, fired_at=None)


def _still_useful(alarm: Alarm, rings: dt.datetime, due: Due | None, owner: Owner, now: dt.datetime) -> bool:
    """Tell whether to ring: "30 minutes before" something 10 minutes away rings at once, one for last week does not."""
    if alarm.at is not None or rings > now or due is None:
        return True
    return due.over(owner.zone) > now
