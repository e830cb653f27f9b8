"""A recurring series as the HTTP interface shows it."""

import datetime as dt
from typing import Any
from uuid import UUID

from shared.due import Due
from shared.payload import Change, LocalDateTime
from shared.reminder import Owner
from shared.series import Recurrence, Series, Template
from shared.task import Priority
from shared.task_view import DueView, View, due_view

# What makes a SeriesView, of `series s`. The next due value is that of its first open task: what comes after it is made
# when that one is closed.
COLUMNS = """
s.id, s.rule, s.rule_text, s.mode, s.skip_overdue, s.exdates, s.starts_at, s.all_day, s.zone, s.title, s.notes,
s.priority, s.tags, s.minutes_before, s.is_active, s.version, s.created_at, s.updated_at, s.ended_at,
n.due_date, n.due_time, n.due_zone
"""
SOURCE = """
series s LEFT JOIN LATERAL (SELECT t.due_date, t.due_time, t.due_zone FROM tasks t
  WHERE t.series_id = s.id AND t.status = 'open' AND t.deleted_at IS NULL ORDER BY t.ordinal LIMIT 1) n ON true
"""


class RecurrenceView(View):
    """How a series repeats: a canonical RFC 5545 rule, its plain English, and how it is counted (local date-times)."""

    rule: str
    text: str
    mode: str
    skip_overdue: bool
    exdates: tuple[LocalDateTime, ...]


class TemplateReminderView(View):
    """A reminder that each occurrence gets."""

    minutes_before: int


class TemplateView(View):
    """What each occurrence starts with."""

    title: str
    notes: str
    priority: Priority
    tags: tuple[str, ...]
    reminders: tuple[TemplateReminderView, ...]


class SeriesView(View):
    """A series. `start` is its DTSTART: a date (all day), or a local date-time, in `time_zone` or floating.

    `is_active` is false while it is paused and when it has ended; `next_due` is null when no occurrence is open.
    """

    id: UUID
    template: TemplateView
    recurrence: RecurrenceView
    start: dt.date | LocalDateTime
    time_zone: str | None
    is_active: bool
    next_due: DueView | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
    ended_at: dt.datetime | None


class SeriesPage(View):
    """One page of series, and the cursor of the next."""

    series: tuple[SeriesView, ...]
    next: str | None


class OccurrencesView(View):
    """Local date-times of a series, the next ones in their order."""

    occurrences: tuple[LocalDateTime, ...]


def series_view(row: dict[str, Any], owner: Owner) -> SeriesView:
    """Return what a client sees of a row of `COLUMNS`."""
    due = None if row["due_date"] is None else Due(row["due_date"], row["due_time"], row["due_zone"])
    template = Template(
        row["title"], row["notes"], tuple(Priority)[row["priority"]], tuple(row["tags"]), tuple(row["minutes_before"])
    )
    recurrence = Recurrence(row["rule"], row["rule_text"], row["mode"], row["skip_overdue"], tuple(row["exdates"]))
    return SeriesView(
        id=row["id"], template=_template(template), recurrence=recurrence_view(recurrence),
        start=_start(row["starts_at"], all_day=row["all_day"]), time_zone=row["zone"],
        is_active=row["is_active"] and row["ended_at"] is None, next_due=due_view(due, owner) if due else None,
        version=row["version"], created_at=row["created_at"], updated_at=row["updated_at"], ended_at=row["ended_at"],
    )  # fmt: skip


def series_differences(before: Series, after: Series) -> dict[str, Change]:
    """Return the fields of the template, the recurrence and the start that differ, before and after."""
    old, new = _shown(before), _shown(after)
    return {name: Change(before=old[name], after=new[name]) for name in new if old[name] != new[name]}


def _shown(series: Series) -> dict[str, Any]:
    return {
        **_template(series.template).model_dump(mode="json"),
        **recurrence_view(series.recurrence).model_dump(mode="json"),
        "start": _start(series.starts_at, all_day=series.all_day).isoformat(),
        "time_zone": series.zone,
    }


def _template(template: Template) -> TemplateView:
    return TemplateView(
        title=template.title, notes=template.notes, priority=template.priority, tags=template.tags,
        reminders=tuple(TemplateReminderView(minutes_before=minutes) for minutes in template.minutes_before),
    )  # fmt: skip


def recurrence_view(recurrence: Recurrence) -> RecurrenceView:
    """Return what a client sees of a recurrence, stored or only meant."""
    return RecurrenceView(
        rule=recurrence.rule, text=recurrence.text, mode=recurrence.mode, skip_overdue=recurrence.skip_overdue,
        exdates=recurrence.exdates,
    )  # fmt: skip


def _start(starts_at: dt.datetime, *, all_day: bool) -> dt.date | dt.datetime:
    return starts_at.date() if all_day else starts_at
