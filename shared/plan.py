"""What a client asks for, made whole: quick-add text and fields merged, the recurrence in its stored form.

The parsers of words and rules are imported only when a request needs them: a plain task does not pay for them.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared.due import Due, local, zone
from shared.errors import Fault, InvalidInput
from shared.inputs import NewTask, RecurrenceInput, ReminderInput
from shared.reminder import Alarm, Alarms, Owner, with_alarms
from shared.series import SCHEDULED, Recurrence, Series, Template, begun, due_of
from shared.task import Occurrence, Priority, Task

NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True)
class Plan:
    """A task to be: every field decided, nothing stored yet."""

    title: str
    notes: str
    priority: Priority
    tags: tuple[str, ...]
    due: Due | None
    alarms: Alarms
    recurrence: Recurrence | None


def planned(new: NewTask, owner: Owner, now: dt.datetime, new_id: NewId) -> Plan:
    """Merge text and fields. Raises `InvalidInput`."""
    plan = _from_text(new.text, owner, now, new_id) if new.text is not None else None
    given = new.model_fields_set
    if plan is None:
        plan = Plan("", "", Priority.NONE, (), None, (), None)
    due = (new.due.value() if new.due else None) if "due" in given else plan.due
    return Plan(
        title=new.title or plan.title,
        notes=new.notes,
        priority=new.priority if "priority" in given else plan.priority,
        tags=new.tags if "tags" in given else plan.tags,
        due=due,
        alarms=alarms_of(new.reminders, None, new_id) if "reminders" in given else plan.alarms,
        recurrence=recurrence_of(new.recurrence, owner, now) if "recurrence" in given else plan.recurrence,
    )


def task_of(
    plan: Plan, tags: tuple[str, ...], owner: Owner, now: dt.datetime, new_id: NewId
) -> tuple[Task, Series | None]:
    """Return the task, and its series where it recurs: then it is due at the first occurrence."""
    task = Task(
        id=new_id(), user_id=owner.id, title=plan.title, notes=plan.notes, priority=plan.priority, tags=tags,
        due=plan.due, created_at=now, updated_at=now,
    )  # fmt: skip
    series = None
    changed: dict[str, Any] = {}
    if plan.recurrence is not None:
        series, changed = series_of(task, plan.recurrence, plan.alarms, owner, now, new_id)
    task = replace(task, **changed)
    check_alarms(plan.alarms, task.due)
    return replace(task, reminders=with_alarms((), plan.alarms, task.due, owner, now)), series


def series_of(
    task: Task, wish: Recurrence, alarms: Alarms, owner: Owner, now: dt.datetime, new_id: NewId
) -> tuple[Series, dict[str, Any]]:
    """Return a series that begins with this task, and the fields of the task that follow from it."""
    minutes = tuple(alarm.minutes_before for _, alarm in alarms if alarm.minutes_before is not None)
    template = Template(task.title, task.notes, task.priority, task.tags, minutes)
    due, wish = placed(task.due, wish)
    series = begun(new_id(), wish, template, due, owner, now)
    from shared.occurrences import first_occurrence

    first = first_occurrence(series, owner)
    if first is None:
        raise InvalidInput(Fault("/recurrence", f"{wish.rule} has no occurrence from {series.starts_at} on"))
    return series, {"due": due_of(series, first), "occurrence": Occurrence(series.ref, 1, first)}


def placed(due: Due | None, wish: Recurrence) -> tuple[Due | None, Recurrence]:
    """Join a due value with the first date that the words of a recurrence name: what is given wins over the words.

    Dates that the words leave out move to the time of day that counts.
    """
    named = wish.named
    if named is None or due is None or wish.is_timed:
        return due or named, wish
    time = named.time if due.time is None else due.time
    was, now = named.time or dt.time(), time or dt.time()
    exdates = tuple(dt.datetime.combine(date.date(), now) if date.time() == was else date for date in wish.exdates)
    return replace(due, time=time), replace(wish, exdates=exdates)


def alarms_of(wanted: Sequence[ReminderInput], task: Task | None, new_id: NewId) -> Alarms:
    """Return the alarms that a client asks for: one of the task keeps its id, any other gets a new one.

    Raises `InvalidInput` when an id stands twice.
    """
    own = {reminder.id for reminder in task.reminders} if task else set()
    seen: set[UUID] = set()
    for position, reminder in enumerate(wanted):
        if reminder.id in seen:
            raise InvalidInput(Fault(f"/reminders/{position}/id", "stands twice"))
        if reminder.id is not None:
            seen.add(reminder.id)
    return tuple((r.id if r.id in own and r.id else new_id(), r.value()) for r in wanted)


def check_alarms(alarms: Alarms, due: Due | None) -> None:
    """Raise `InvalidInput` for an alarm that counts from a due value that is not there."""
    for position, (_, alarm) in enumerate(alarms):
        if alarm.minutes_before is not None and due is None:
            raise InvalidInput(Fault(f"/reminders/{position}/minutes_before", "needs a due value to count from"))


def recurrence_of(wish: RecurrenceInput | None, owner: Owner, now: dt.datetime) -> Recurrence | None:
    """Return the stored form of any of the four input forms. Raises `InvalidInput` with the reason."""
    if wish is None:
        return None
    from shared import recurrence

    mode = wish.mode or SCHEDULED
    try:
        if wish.rule is not None:
            rule = recurrence.canonical(wish.rule)
        elif wish.cron is not None:
            rule = recurrence.from_cron(wish.cron)
        elif wish.pattern is not None:
            rule = recurrence.from_pattern(recurrence.Pattern(**wish.pattern.model_dump()))
        else:
            return _in_words(wish, owner, now)
        return Recurrence(rule, recurrence.describe(rule), mode, wish.skip_overdue, tuple(sorted(set(wish.exdates))))
    except recurrence.RuleError as error:
        form = next(name for name in ("rule", "cron", "pattern", "text") if getattr(wish, name) is not None)
        raise InvalidInput(Fault(f"/recurrence/{form}", str(error))) from None


def _in_words(wish: RecurrenceInput, owner: Owner, now: dt.datetime) -> Recurrence:
    """Read the rule, its mode and the dates it leaves out; these join the ones that are given."""
    from shared import quick_add, recurrence

    read = quick_add.parse(wish.text or "", local(now, owner.zone), owner.locale, zone(owner.zone))
    if read.rule is None or read.date is None:
        raise InvalidInput(Fault("/recurrence/text", "no recurrence found; write for example 'every other friday'"))
    exdates = tuple(sorted({*wish.exdates, *read.exdates}))
    words, named = recurrence.describe(read.rule), Due(read.date, read.time)
    return Recurrence(read.rule, words, wish.mode or read.mode, wish.skip_overdue, exdates, named)


def _from_text(text: str, owner: Owner, now: dt.datetime, new_id: NewId) -> Plan:
    from shared import quick_add

    read = quick_add.parse(text, local(now, owner.zone), owner.locale, zone(owner.zone))
    recurrence = None
    if read.rule is not None:
        from shared.recurrence import describe

        recurrence = Recurrence(read.rule, describe(read.rule), read.mode, exdates=read.exdates)
    return Plan(
        title=read.title[:500],
        notes="",
        priority=Priority(read.priority),
        tags=read.tags,
        due=None if read.date is None else Due(read.date, read.time),
        alarms=tuple((new_id(), Alarm(minutes_before=minutes)) for minutes in read.reminders),
        recurrence=recurrence,
    )
