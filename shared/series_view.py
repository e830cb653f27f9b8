"""A recurring series as the HTTP interface shows it."""

import datetime as dt
from typing import Any
from uuid import UUID

from shared.due import Due
from shared.reminder import Owner
from shared.series import Recurrence
from shared.task import Priority
from shared.task_view import DueView, View, due_view

# What makes a SeriesView, of `series s`. The next due value is that of its first open task: what comes after it is made
# when that one is closed.
COLUMNS = """
s.id, s.rule, s.rule_text, s.mode, s.skip_overdue, s.exdates, s.starts_at, s.zone, s.title, s.notes, s.priority, s.tags,
s.minutes_before, s.is_active, s.version, s.created_at, s.updated_at, s.ended_at, n.due_date, n.due_time, n.due_zone
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
    exdates: tuple[dt.datetime, ...]


class TemplateReminderView(View):
    """A reminder that each occurrence gets."""

    minutes_before: int


class TemplateView(View):
    """What each occurrence starts with."""

    title: str
    notes: str
    priority: str
    tags: tuple[str, ...]
    reminders: tuple[TemplateReminderView, ...]


class SeriesView(View):
    """A series; `start` is the local date-time of its DTSTART, `next_due` null when no occurrence is open."""

    id: UUID
    template: TemplateView
    recurrence: RecurrenceView
    start: dt.datetime
    time_zone: str | None
    is_active: bool
    next_due: DueView | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
    ended_at: dt.datetime | None


def recurrence_view(repeats: Recurrence) -> RecurrenceView:
    """Return what a client sees of a recurrence, stored or only meant."""
    return RecurrenceView(
        rule=repeats.rule, text=repeats.text, mode=repeats.mode, skip_overdue=repeats.skip_overdue,
        exdates=repeats.exdates,
    )  # fmt: skip


def series_view(row: dict[str, Any], owner: Owner) -> SeriesView:
    """Return what a client sees of a row of `COLUMNS`."""
    due = None if row["due_date"] is None else Due(row["due_date"], row["due_time"], row["due_zone"])
    return SeriesView(
        id=row["id"],
        template=TemplateView(
            title=row["title"], notes=row["notes"], priority=tuple(Priority)[row["priority"]], tags=tuple(row["tags"]),
            reminders=tuple(TemplateReminderView(minutes_before=minutes) for minutes in row["minutes_before"]),
        ),
        recurrence=recurrence_view(
            Recurrence(row["rule"], row["rule_text"], row["mode"], row["skip_overdue"], tuple(row["exdates"]))
        ),
        start=row["starts_at"], time_zone=row["zone"], is_active=row["is_active"],
        next_due=due_view(due, owner) if due else None, version=row["version"], created_at=row["created_at"],
        updated_at=row["updated_at"], ended_at=row["ended_at"],
    )  # fmt: skip
