"""The task as the HTTP interface and the events show it."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer

from shared.due import Due
from shared.payload import Change, LocalDateTime
from shared.reminder import Owner, Reminder, ReminderState
from shared.task import Priority, SeriesRef, Status, Task

_SHOWN_CHANGES = (
    "title",
    "notes",
    "status",
    "priority",
    "tags",
    "due",
    "reminders",
    "series",
    "completed_at",
)


def _clock_time(time: dt.time) -> str:
    return time.isoformat("auto" if time.second or time.microsecond else "minutes")


ClockTime = Annotated[dt.time, PlainSerializer(_clock_time)]


class View(BaseModel):
    """Base of what goes out."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class DueView(View):
    """A due value; `at` is its instant, null for all day."""

    date: dt.date
    time: ClockTime | None
    time_zone: str | None
    at: dt.datetime | None


class ReminderView(View):
    """A reminder; either `minutes_before` or `at` is set."""

    id: UUID
    minutes_before: int | None
    at: dt.datetime | None
    fire_at: dt.datetime
    state: ReminderState


class SeriesRefView(View):
    """The series of a recurring task."""

    id: UUID
    rule: str
    mode: str
    text: str


class TaskView(View):
    """A task."""

    id: UUID
    title: str
    notes: str
    status: Status
    priority: Priority
    tags: tuple[str, ...]
    due: DueView | None
    reminders: tuple[ReminderView, ...]
    series: SeriesRefView | None
    occurrence: LocalDateTime | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
    completed_at: dt.datetime | None


class TaskPage(View):
    """One page of a list, and the cursor of the next."""

    tasks: tuple[TaskView, ...]
    next: str | None


def view(task: Task, owner: Owner) -> TaskView:
    """Return what a client sees of a task."""
    return TaskView(
        id=task.id, title=task.title, notes=task.notes, status=task.status, priority=task.priority, tags=task.tags,
        due=due_view(task.due, owner) if task.due else None,
        reminders=tuple(_reminder(r) for r in task.reminders if r.state is not ReminderState.REMOVED),
        series=_series(task.occurrence.series) if task.occurrence else None,
        occurrence=task.occurrence.scheduled if task.occurrence else None,
        version=task.version, created_at=task.created_at, updated_at=task.updated_at, completed_at=task.completed_at,
    )  # fmt: skip


def differences(before: Task | None, after: Task, owner: Owner) -> dict[str, Change]:
    """Return the fields that differ, before and after; for a new task, those that are set."""
    new = view(after, owner).model_dump(mode="json")
    old = view(before, owner).model_dump(mode="json") if before else dict.fromkeys(new)
    return {
        name: Change(before=old[name], after=new[name])
        for name in _SHOWN_CHANGES
        if old[name] != new[name] and (before or new[name])
    }


def due_view(due: Due, owner: Owner) -> DueView:
    """Return a due value with its instant."""
    at = None if due.time is None else due.instant(owner.zone)
    return DueView(date=due.date, time=due.time, time_zone=due.zone, at=at)


def _series(ref: SeriesRef) -> SeriesRefView:
    return SeriesRefView(id=ref.id, rule=ref.rule, mode=ref.mode, text=ref.text)


def _reminder(r: Reminder) -> ReminderView:
    return ReminderView(id=r.id, minutes_before=r.alarm.minutes_before, at=r.alarm.at, fire_at=r.fire_at, state=r.state)
