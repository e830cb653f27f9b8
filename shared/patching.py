"""From a merge patch to an edit, and what the edit means for the series of a recurring task."""

from dataclasses import replace
from typing import Any

from shared.due import Due
from shared.events import SeriesCreated, SeriesEnded, SeriesUpdated
from shared.inputs import DueInput, DuePatch, TaskPatch
from shared.parsing import checked
from shared.plan import alarms_of, check_alarms, recurrence_of, series_of
from shared.reminder import Alarms, ReminderState
from shared.scope import Scope
from shared.series import Recurrence, Series, Template, stopped
from shared.task import Edit, Priority, Task
from shared.unit_of_work import UnitOfWork, new_id


async def edit_of(work: UnitOfWork, patch: TaskPatch, task: Task) -> Edit:
    """Return the new values of what the patch names; null stands for the default. Raises `InvalidInput`."""
    given = patch.model_fields_set
    defaults = {"title": "", "notes": "", "priority": Priority.NONE}
    values: dict[str, Any] = {name: getattr(patch, name) or defaults[name] for name in given & defaults.keys()}
    if "tags" in given:
        values["tags"] = await work.known_tags(patch.tags or ())
    if "due" in given:
        values["due"] = _merged_due(task.due, patch.due)
    return Edit(values, alarms_of(patch.reminders or (), task, new_id) if "reminders" in given else None)


def _merged_due(due: Due | None, patch: DuePatch | None) -> Due | None:
    if patch is None:
        return None
    before = {"date": due.date, "time": due.time, "time_zone": due.zone} if due else {}
    merged = before | {name: getattr(patch, name) for name in patch.model_fields_set - {"at"}}
    return checked(DueInput, merged, "/due").value()


async def follow_series(work: UnitOfWork, patch: TaskPatch, task: Task, edit: Edit, scope: Scope) -> Edit:
    """Do to the series what the patch means for it; return the edit with the task's place in it.

    A new rule, or a new due value with a wider scope, ends the series and begins another with this task: rule and start
    of a series never change, so what has been stays as it was.
    """
    series = await work.series.get(work.owner.id, task.occurrence.series.id) if task.occurrence else None
    wish = _recurrence(work, patch, task, series, scope)
    stops = "recurrence" in patch.model_fields_set and wish is None
    if series and (wish or stops) and series.ended_at is None:
        await work.save_series(stopped(series, work.now), SeriesEnded)
    if stops:
        edit = replace(edit, values=edit.values | {"occurrence": None})
    elif wish:
        edit = await _begin(work, task, edit, wish)
    elif series and scope is not Scope.THIS:
        await _update_template(work, series, edit)
    if edit.alarms:
        due = replace(task, **edit.values).due
        check_alarms(edit.alarms, due)
    return edit


def _recurrence(
    work: UnitOfWork, patch: TaskPatch, task: Task, series: Series | None, scope: Scope
) -> Recurrence | None:
    if "recurrence" in patch.model_fields_set:
        return recurrence_of(patch.recurrence, work.owner, work.now)
    if series and task.occurrence and scope is not Scope.THIS and patch.due is not None:
        from shared.occurrences import remaining

        return remaining(series, task.occurrence.ordinal)
    return None


async def _begin(work: UnitOfWork, task: Task, edit: Edit, wish: Recurrence) -> Edit:
    projected = replace(task, **edit.values)
    alarms = edit.alarms if edit.alarms is not None else _alarms(task)
    series, follows = series_of(projected, wish, alarms, work.owner, work.now, new_id)
    await work.save_series(series, SeriesCreated)
    return replace(edit, values=edit.values | follows)


async def _update_template(work: UnitOfWork, series: Series, edit: Edit) -> None:
    new = {name: value for name, value in edit.values.items() if name in Template.__slots__}
    if edit.alarms is not None:
        minutes = (alarm.minutes_before for _, alarm in edit.alarms)
        new["minutes_before"] = tuple(m for m in minutes if m is not None)
    template: Template = replace(series.template, **new)
    if template != series.template:
        changed = replace(series, template=template, version=series.version + 1, updated_at=work.now)
        await work.save_series(changed, SeriesUpdated)


def _alarms(task: Task) -> Alarms:
    return tuple((r.id, r.alarm) for r in task.reminders if r.state is not ReminderState.REMOVED)
