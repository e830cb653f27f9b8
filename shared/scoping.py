"""What an edit of one occurrence means for its series, by its scope.

A recurrence cannot change for one occurrence alone, so scope *this* means *future* there. *Future* ends the series
before the open occurrence and begins another with it; *all*, and what has nothing before it, changes it in place.
"""

from dataclasses import replace
from typing import Any

from shared.due import Due
from shared.errors import Fault, InvalidInput
from shared.events import SeriesCreated, SeriesEnded
from shared.inputs import TaskPatch
from shared.patching import edit_of
from shared.plan import check_alarms, recurrence_of, series_of
from shared.reminder import Alarms, ReminderState
from shared.scope import Scope
from shared.series import Recurrence, Series, Template, rewritten, stopped
from shared.series_changing import rewrite
from shared.task import Edit, Occurrence, Task
from shared.unit_of_work import UnitOfWork, new_id

Edits = list[tuple[Task, Edit]]


async def edits_in_scope(work: UnitOfWork, patch: TaskPatch, task: Task, scope: Scope) -> Edits:
    """Return the edit of the task, and behind it those of the other open occurrences in scope. Raises `InvalidInput`.

    What the patch means for the series itself is written already.
    """
    edit = await edit_of(work, patch, task)
    wish = recurrence_of(patch.recurrence, work.owner, work.now)
    occurrence = task.occurrence
    series = await work.series.get(work.owner.id, occurrence.series.id) if occurrence else None
    if "recurrence" in patch.model_fields_set and wish is None:
        edits = [(task, await _leave(work, series, task, edit))]
    elif series is None or occurrence is None or not series.lives:
        edits = [(task, edit if wish is None else await _begin(work, task, edit, wish))]
    elif wish is None and scope is Scope.THIS:
        edits = [(task, edit)]
    else:
        edits = await _wider(work, series, task, edit, wish, scope)
    if edit.alarms:
        check_alarms(edit.alarms, replace(task, **edits[0][1].values).due)
    return edits


async def _leave(work: UnitOfWork, series: Series | None, task: Task, edit: Edit) -> Edit:
    """End the series; the task becomes a plain one."""
    if series is not None and series.lives:
        ended = stopped(series, work.now)
        if _is_newest(series, task):
            ended = replace(ended, last_ordinal=series.last_ordinal - 1)
        await work.save_series(ended, SeriesEnded)
    return replace(edit, values=edit.values | {"occurrence": None})


async def _begin(work: UnitOfWork, task: Task, edit: Edit, wish: Recurrence, *, is_active: bool = True) -> Edit:
    """Begin a series with the task as it is after the edit. Raises `InvalidInput` for one that is closed.

    Nothing would ever close it, so nothing would ever follow.
    """
    if task.closed:
        raise InvalidInput(Fault("/recurrence", "a closed task cannot begin a series: reopen it first"))
    projected = replace(task, **edit.values)
    series, follows = series_of(projected, wish, _alarms(task, edit), work.owner, work.now, new_id)
    await work.save_series(replace(series, is_active=is_active), SeriesCreated)
    return replace(edit, values=edit.values | follows)


async def _wider(
    work: UnitOfWork, series: Series, task: Task, edit: Edit, wish: Recurrence | None, scope: Scope
) -> Edits:
    """Change a series that goes on from one of its occurrences."""
    start = _new_start(series, task, edit)
    splits = scope is not Scope.ALL and _is_newest(series, task) and series.last_ordinal > 1
    moves = start is not None and wish is None
    if start is not None and wish is None:
        wish = await _moved(work, series, task, start, splits=splits)
    if wish is not None and splits:
        ended = replace(stopped(series, work.now), last_ordinal=series.last_ordinal - 1)
        await work.save_series(ended, SeriesEnded)
        edits = [(task, await _begin(work, task, edit, wish, is_active=series.is_active))]
    else:
        edits = await _in_place(work, series, task, edit, wish, start, scope)
    if moves and edits[0][1].values["due"] != start:
        raise InvalidInput(Fault("/due", "the series has no free date there; change its recurrence too"))
    return edits


def _new_start(series: Series, task: Task, edit: Edit) -> Due | None:
    """Return the due value to which the open occurrence, and with it what follows, is moved."""
    if "due" not in edit.values or not _is_newest(series, task):
        return None
    due: Due | None = edit.values["due"]
    if due is None:
        raise InvalidInput(
            Fault("/due", "a series needs dates: clear the due value of one occurrence, or end the series")
        )
    return None if due == task.due else due


async def _moved(work: UnitOfWork, series: Series, task: Task, start: Due, *, splits: bool) -> Recurrence:
    """Return the recurrence of the series, or what is left of it, moved as the due value is."""
    from shared import recurrence
    from shared.moving import moved
    from shared.occurrences import remaining

    occurrence = _place(task)
    base = series.recurrence
    if splits:
        taken = await work.series.taken(series, occurrence.scheduled)
        base = remaining(series, occurrence, work.owner, taken)
    try:
        rule = recurrence.canonical(moved(base.rule, occurrence.scheduled, start))
    except recurrence.RuleError as error:
        raise InvalidInput(Fault("/due", str(error))) from None
    by = start.local - occurrence.scheduled
    exdates = tuple(date + by if date >= occurrence.scheduled else date for date in base.exdates)
    return replace(base, rule=rule, text=recurrence.describe(rule), exdates=exdates)


async def _in_place(
    work: UnitOfWork, series: Series, task: Task, edit: Edit, wish: Recurrence | None, start: Due | None, scope: Scope
) -> Edits:
    after = rewritten(series, wish or series.recurrence, start)
    whole = scope is not Scope.ALL and wish is not None and _is_newest(series, task)
    followers = await rewrite(work, series, replace(after, template=_template(series, task, edit, whole=whole)))
    edits = []
    own = {"occurrence": replace(_place(task), series=after.ref)}
    for follower in followers:
        if follower.values is None:
            raise InvalidInput(Fault("/recurrence", f"{after.rule} leaves no date for the open occurrence"))
        if follower.task.id == task.id:
            own = follower.values
        elif scope is Scope.ALL or _place(follower.task).ordinal > _place(task).ordinal:
            edits.append((follower.task, Edit(_general(edit) | follower.values)))
        else:
            edits.append((follower.task, Edit(follower.values)))
    return [(task, replace(edit, values=edit.values | own)), *edits]


def _template(series: Series, task: Task, edit: Edit, *, whole: bool) -> Template:
    """Return the template with what was edited, or made of the `whole` task as it is after the edit."""
    new = {name: value for name, value in edit.values.items() if name in Template.__slots__}
    if whole:
        new = {name: getattr(task, name) for name in ("title", "notes", "priority", "tags")} | new
    if whole or edit.alarms is not None:
        minutes = (alarm.minutes_before for _, alarm in _alarms(task, edit))
        new["minutes_before"] = tuple(m for m in minutes if m is not None)
    template: Template = replace(series.template, **new)
    return template


def _general(edit: Edit) -> dict[str, Any]:
    """Return what is meant for other occurrences too: a due value belongs to one."""
    return {name: value for name, value in edit.values.items() if name != "due"}


def _alarms(task: Task, edit: Edit) -> Alarms:
    if edit.alarms is not None:
        return edit.alarms
    return tuple((r.id, r.alarm) for r in task.reminders if r.state is not ReminderState.REMOVED)


def _is_newest(series: Series, task: Task) -> bool:
    """Whether this is the open occurrence that the next one will follow."""
    return not task.closed and _place(task).ordinal == series.last_ordinal


def _place(task: Task) -> Occurrence:
    if task.occurrence is None:
        raise ValueError("the task is no occurrence of a series")
    return task.occurrence
