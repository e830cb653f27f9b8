"""What a task of a file makes of storage: a new task or series, or new values of one that is here."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from shared.events import (
    SeriesCreated,
    SeriesEnded,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskPayload,
    TaskReopened,
    TaskUpdated,
)
from shared.filed_task import FiledTask
from shared.import_rows import save_imported
from shared.import_series import placed
from shared.inputs import NewTask
from shared.parsing import checked
from shared.plan import Plan, planned, series_of, task_of
from shared.reminder import Alarm, Alarms, Reminder, ReminderState, cancelled
from shared.series import Series, stopped
from shared.tag_rows import Seen, known_tags
from shared.task import Edit, Status, Task, completed, edited, reopened
from shared.unit_of_work import UnitOfWork, new_id


async def make(work: UnitOfWork, item: FiledTask, tags: Seen) -> None:
    """Make what a UID stands for. Raises `InvalidInput` before anything is written."""
    plan, differs = _plan(work, item), _plan(work, item.changed) if item.changed else None
    task, series = task_of(plan, plan.tags, work.owner, work.now, new_id)
    if differs is not None and differs.due is not None:
        task = edited(task, Edit(_values(differs), differs.alarms), work.owner, work.now)
        # Those of the template were never stored, so nothing waits for their removal.
        task = replace(task, reminders=tuple(r for r in task.reminders if r.state is not ReminderState.REMOVED))
    task = replace(_with_status(task, item, work.now), version=1, created_at=_created(item, work.now))
    task = replace(task, updated_at=work.now, reminders=_silent(task.reminders, work.now))
    if item.place is not None:
        task = await placed(work, task, item.place)
    await _save(work, item, (None, task), _paused(series, item), tags)


async def bury(work: UnitOfWork, item: FiledTask) -> bool:
    """Put the tombstone of an occurrence into its place, and tell whether that was free. The series goes on from it."""
    if item.place is None:
        return False
    plan = _plan(work, item)
    task, _ = task_of(plan, plan.tags, work.owner, work.now, new_id)
    task = await placed(work, replace(task, reminders=(), deleted_at=work.now), item.place)
    if task.occurrence is None:
        return False
    await work.save_task(None, task, TaskDeleted)
    await save_imported(work.connection, item, task, None, work.now)
    return True


async def change(work: UnitOfWork, item: FiledTask, task: Task, series: Series | None, tags: Seen) -> None:
    """Give a task the values of the file. Another recurrence is another series. Raises `InvalidInput` first."""
    plan = _plan(work, item)
    source, begun, values = plan, None, _values(plan)
    if item.changed is not None:
        source = _plan(work, item.changed)
        values = _values(source)
    if plan.recurrence is not None:
        projected = replace(task, **_values(plan))
        begun, follows = series_of(projected, plan.recurrence, plan.alarms, work.owner, work.now, new_id)
        values |= {"occurrence": follows["occurrence"]} | ({} if item.changed else {"due": follows["due"]})
    elif series is not None:
        values["occurrence"] = None
    after = edited(task, Edit(values, _kept_ids(task, source.alarms)), work.owner, work.now)
    after = _with_status(after, item, work.now)
    after = replace(after, reminders=_silent(after.reminders, work.now))
    if series is not None:
        await work.save_series(stopped(series, work.now), SeriesEnded)
    await _save(work, item, (task, after), _paused(begun, item), tags)


async def _save(
    work: UnitOfWork, item: FiledTask, states: tuple[Task | None, Task], series: Series | None, tags: Seen
) -> None:
    before, task = states
    named = await known_tags(work, task.tags, tags)
    if series is not None:
        template = replace(series.template, tags=await known_tags(work, series.template.tags, tags))
        await work.save_series(replace(series, template=template), SeriesCreated)
    after = replace(task, tags=named)
    await work.save_task(before, after, _event(before, after))
    await save_imported(work.connection, item, after, series, work.now)


def _event(before: Task | None, after: Task) -> type[TaskPayload]:
    if before is None:
        return TaskCreated
    if before.closed == after.closed:
        return TaskUpdated
    return TaskCompleted if after.closed else TaskReopened


def _plan(work: UnitOfWork, item: FiledTask) -> Plan:
    """Return the plan of a task, held to the limits that a client's has too."""
    fields: dict[str, Any] = {
        "title": item.title, "notes": item.notes, "priority": item.priority, "tags": item.tags,
        "reminders": tuple({"minutes_before": a.minutes_before, "at": a.at} for a in item.alarms),
    }  # fmt: skip
    if item.due is not None:
        fields["due"] = {"date": item.due.date, "time": item.due.time, "time_zone": item.due.zone}
    if item.repeats is not None:
        fields["recurrence"] = {
            "rule": item.repeats.rule, "mode": item.repeats.mode, "skip_overdue": item.repeats.skip_overdue,
            "exdates": item.repeats.exdates,
        }  # fmt: skip
    return planned(checked(NewTask, fields, ""), work.owner, work.now, new_id)


def _values(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title, "notes": plan.notes, "priority": plan.priority, "tags": plan.tags, "due": plan.due,
    }  # fmt: skip


def _kept_ids(task: Task, alarms: Alarms) -> Alarms:
    """Return the alarms with the ids of the reminders that the task has already."""
    known: dict[Alarm, Any] = {r.alarm: r.id for r in task.reminders if r.state is not ReminderState.REMOVED}
    return tuple((known.pop(alarm, own), alarm) for own, alarm in alarms)


def _with_status(task: Task, item: FiledTask, now: dt.datetime) -> Task:
    if item.status is Status.OPEN:
        return reopened(task, now)
    at = min(item.completed_at or now, now)
    if task.closed:
        return replace(task, status=item.status, completed_at=at)
    return replace(completed(task, at, now), status=item.status, reminders=cancelled(task.reminders))


def _silent(reminders: Iterable[Reminder], now: dt.datetime) -> tuple[Reminder, ...]:
    """Return the reminders without any that would ring at once: a file brings what is long past."""
    return tuple(
        replace(r, state=ReminderState.CANCELLED) if r.state is ReminderState.PENDING and r.fire_at <= now else r
        for r in reminders
    )


def _paused(series: Series | None, item: FiledTask) -> Series | None:
    return replace(series, is_active=False) if series and item.repeats and item.repeats.paused else series


def _created(item: FiledTask, now: dt.datetime) -> dt.datetime:
    return min(item.created_at or now, now)
