"""The task: what each command makes of it. Pure: no I/O, `now` is an argument, a new value comes back.

A command that changes nothing returns the very same task, so completing twice has one effect.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.due import Due
from shared.errors import Fault, InvalidInput
from shared.reminder import (
    Alarm,
    Alarms,
    Owner,
    Reminder,
    ReminderState,
    cancelled,
    put_off,
    rearmed,
    revived,
    with_alarms,
)

KEPT = dt.timedelta(days=30)  # how long what is deleted can be told of, and tasks be restored


class Status(StrEnum):
    """Open, or closed in one of two ways."""

    OPEN = "open"
    COMPLETED = "completed"
    SKIPPED = "skipped"


class Priority(StrEnum):
    """From none to urgent; `rank` orders them in storage."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for none to 4 for urgent."""
        return list(Priority).index(self)


@dataclass(frozen=True, slots=True)
class SeriesRef:
    """What a task shows of its series."""

    id: UUID
    rule: str
    mode: str
    text: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Which occurrence of which series a task is: its place in the row, and the local date-time it was meant for."""

    series: SeriesRef
    ordinal: int
    scheduled: dt.datetime
    # Set when the task is closed, cleared by spawn-recurrence: the row itself says that a successor is still owed.
    awaits_successor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task as stored. Instants are UTC; `version` counts its changes."""

    id: UUID
    user_id: str
    title: str
    notes: str = ""
    status: Status = Status.OPEN
    priority: Priority = Priority.NONE
    tags: tuple[str, ...] = ()
    due: Due | None = None
    reminders: tuple[Reminder, ...] = ()
    occurrence: Occurrence | None = None
    version: int = 1
    created_at: dt.datetime
    updated_at: dt.datetime
    completed_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None

    @property
    def closed(self) -> bool:
        """Completed or skipped."""
        return self.status is not Status.OPEN


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for some fields of a task. `alarms` replaces all reminders; ids of kept ones are given with them."""

    values: dict[str, Any] = field(default_factory=dict)
    alarms: Alarms | None = None


def edited(task: Task, edit: Edit, owner: Owner, now: dt.datetime) -> Task:
    """Return the task with new values; reminders that count from the due value move with it."""
    after: Task = replace(task, **edit.values)
    if edit.alarms is not None:
        after = replace(after, reminders=with_alarms(after.reminders, edit.alarms, after.due, owner, now))
    elif after.due != task.due:
        after = replace(after, reminders=rearmed(after.reminders, after.due, owner, now))
    if after.closed:
        after = replace(after, reminders=cancelled(after.reminders))
    return _touched(task, after, now)


def completed(task: Task, at: dt.datetime, now: dt.datetime) -> Task:
    """Return the completed task. A closed one stays as it is: the second of two devices gets the same answer."""
    return task if task.closed else _closed(task, Status.COMPLETED, at, now)


def skipped(task: Task, now: dt.datetime) -> Task:
    """Return the skipped occurrence; it counts as used up. A closed one stays as it is. Raises `InvalidInput`."""
    if task.occurrence is None:
        raise InvalidInput(Fault("", "only an occurrence of a recurring task can be skipped"))
    return task if task.closed else _closed(task, Status.SKIPPED, now, now)


def reopened(task: Task, now: dt.datetime) -> Task:
    """Return the task open again, with its reminders that still lie ahead. An open one stays as it is."""
    if not task.closed:
        return task
    after = replace(task, status=Status.OPEN, completed_at=None, reminders=revived(task.reminders, now))
    return _touched(task, _owing(after, owed=False), now)


def snoozed(task: Task, until: dt.datetime, reminder_id: UUID, owner: Owner, now: dt.datetime) -> Task:
    """Return the task due at `until`, ringing then and not before: snoozing asks to be told again at that time.

    `occurrence` keeps the date it was scheduled for. A closed task stays as it is. Raises `InvalidInput`.
    """
    if until <= now:
        raise InvalidInput(Fault("/until", "must lie in the future"))
    if task.closed:
        return task
    due = (task.due or Due(until.date())).moved_to(until, owner.zone)
    reminders = put_off(task.reminders, due, owner, now)
    if not any(r.state is ReminderState.PENDING and r.fire_at == until for r in reminders):
        # At the instant, not relative to the due value: in the hour that comes twice the local time says too little.
        reminders += (Reminder(reminder_id, Alarm(at=until), until),)
    return _touched(task, replace(task, due=due, reminders=reminders), now)


def relocated(task: Task, before: Owner, after: Owner, now: dt.datetime) -> Task:
    """Return an open task after its owner's zone or hour changed: what these give a meaning to has another instant."""
    if task.due is None or task.due.zone is not None:
        return task
    moved = replace(task, reminders=rearmed(task.reminders, task.due, after, now))
    if moved == task and task.due.instant(before.zone) == task.due.instant(after.zone):
        return task
    return replace(moved, version=task.version + 1, updated_at=now)


def fired(task: Task, reminder: Reminder, now: dt.datetime) -> Task:
    """Return the task with one of its reminders fired."""
    rung = replace(reminder, state=ReminderState.FIRED, fired_at=now)
    return _touched(task, replace(task, reminders=tuple(rung if r is reminder else r for r in task.reminders)), now)


def withdrawn(task: Task, now: dt.datetime) -> Task:
    """Return the tombstone of an occurrence that came too early: its place in the series is free again."""
    return replace(deleted(task, now), occurrence=None)


def deleted(task: Task, now: dt.datetime) -> Task:
    """Return the tombstone. A deleted open occurrence is used up, so its series goes on."""
    after = replace(task, deleted_at=now, reminders=cancelled(task.reminders))
    owed = task.occurrence is not None and (not task.closed or task.occurrence.awaits_successor)
    return _touched(task, _owing(after, owed=owed), now)


def _closed(task: Task, status: Status, at: dt.datetime, now: dt.datetime) -> Task:
    after = replace(task, status=status, completed_at=at, reminders=cancelled(task.reminders))
    return _touched(task, _owing(after, owed=True), now)


def _owing(task: Task, *, owed: bool) -> Task:
    if task.occurrence is None:
        return task
    return replace(task, occurrence=replace(task.occurrence, awaits_successor=owed))


def _touched(before: Task, after: Task, now: dt.datetime) -> Task:
    return before if after == before else replace(after, version=before.version + 1, updated_at=now)
