"""`PATCH /v1/series/{id}`: from a merge patch to the changed series and its open occurrences."""

from dataclasses import replace
from typing import Any

from shared.errors import Fault, InvalidInput
from shared.events import SeriesEnded, TaskDeleted, TaskUpdated
from shared.inputs import RecurrenceInput
from shared.plan import recurrence_of
from shared.reminder import Alarm, Alarms, ReminderState
from shared.series import AFTER_COMPLETION, SCHEDULED, Recurrence, Series, Template, rewritten, stopped
from shared.series_changing import Follower, rewrite
from shared.series_inputs import RecurrencePatch, SeriesPatch, TemplatePatch, start_of
from shared.tag_rows import known_tags
from shared.task import Edit, Priority, Task, deleted, edited
from shared.unit_of_work import UnitOfWork, new_id


async def patch_series(work: UnitOfWork, series: Series, patch: SeriesPatch) -> None:
    """Do to a series and its open occurrences what a merge patch says. Raises `InvalidInput`.

    Where no date is left for the open occurrence, it goes and the series ends.
    """
    after = _rewritten(work, series, patch)
    if not series.lives and after != series:
        raise InvalidInput(Fault("/recurrence", "the series has ended; begin another"))
    template = await _template(work, series.template, patch.template)
    followers = await rewrite(work, series, replace(after, template=template))
    if any(follower.values is None for follower in followers):
        await _end(work, series)
    for follower in followers:
        await _follow(work, series.template, template, follower)


async def _end(work: UnitOfWork, series: Series) -> None:
    stored = await work.series.get(series.user_id, series.id)
    await work.save_series(stopped(stored or series, work.now), SeriesEnded)


def _rewritten(work: UnitOfWork, series: Series, patch: SeriesPatch) -> Series:
    given = patch.model_fields_set
    zone = patch.time_zone if "time_zone" in given else series.zone
    start = start_of(patch.start, zone) if "start" in given else None
    after = rewritten(series, _recurrence(series, patch.recurrence, work), start)
    if "time_zone" in given:
        after = replace(after, zone=zone)
    if after.zone is not None and after.all_day:
        raise InvalidInput(Fault("/time_zone", "needs a time: an all-day date has no zone"))
    return after


def _recurrence(series: Series, patch: RecurrencePatch, work: UnitOfWork) -> Recurrence:
    given, merged = patch.model_fields_set, series.recurrence
    if patch.form:
        new = recurrence_of(RecurrenceInput(**patch.form), work.owner, work.now) or merged
        # Only words can ask for another way of counting by themselves: "every! 3 days".
        mode = AFTER_COMPLETION if new.mode == AFTER_COMPLETION else merged.mode
        merged = replace(merged, rule=new.rule, text=new.text, mode=mode)
    if "mode" in given:
        merged = replace(merged, mode=patch.mode or SCHEDULED)
    if "skip_overdue" in given:
        merged = replace(merged, skip_overdue=bool(patch.skip_overdue))
    if "exdates" in given:
        merged = replace(merged, exdates=tuple(sorted(set(patch.exdates or ()))))
    return merged


async def _template(work: UnitOfWork, template: Template, patch: TemplatePatch) -> Template:
    given = patch.model_fields_set
    defaults = {"title": "", "notes": "", "priority": Priority.NONE}
    values: dict[str, Any] = {name: getattr(patch, name) or defaults[name] for name in given & defaults.keys()}
    if "tags" in given:
        values["tags"] = await known_tags(work, patch.tags or ())
    if "reminders" in given:
        values["minutes_before"] = tuple(reminder.minutes_before for reminder in patch.reminders or ())
    return replace(template, **values)


async def _follow(work: UnitOfWork, before: Template, after: Template, follower: Follower) -> None:
    """Write what a change makes of an open occurrence. What was edited on it alone stays as it is."""
    task = follower.task
    if follower.values is None:
        await work.save_task(task, deleted(task, work.now), TaskDeleted)
        return
    values = dict(follower.values)
    for name in ("title", "notes", "priority", "tags"):
        if getattr(task, name) == getattr(before, name):
            values[name] = getattr(after, name)
    edit = Edit(values, _alarms(task, before, after))
    await work.save_task(task, edited(task, edit, work.owner, work.now), TaskUpdated)


def _alarms(task: Task, before: Template, after: Template) -> Alarms | None:
    """Return the alarms with the reminders of the new template, None where the old ones were no longer those."""
    shown = [reminder for reminder in task.reminders if reminder.state is not ReminderState.REMOVED]
    relative = {reminder.alarm.minutes_before: reminder.id for reminder in shown if reminder.alarm.at is None}
    if before.minutes_before == after.minutes_before or relative.keys() != set(before.minutes_before):
        return None
    kept = tuple((reminder.id, reminder.alarm) for reminder in shown if reminder.alarm.at is not None)
    wanted = (Alarm(minutes_before=minutes) for minutes in after.minutes_before)
    return kept + tuple((relative.pop(alarm.minutes_before, new_id()), alarm) for alarm in wanted)
