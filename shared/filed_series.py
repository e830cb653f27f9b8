"""A series as Ebb's own file holds it, and the place of a task in it."""

import datetime as dt
from dataclasses import dataclass

from shared.inputs import RecurrenceInput
from shared.series import Template


@dataclass(frozen=True, slots=True)
class FiledSeries:
    """A series with where it begins (a naive local date-time) and how far it has come."""

    uid: str
    recurrence: RecurrenceInput
    start: dt.datetime
    zone: str | None
    all_day: bool
    template: Template
    is_active: bool
    resumed_at: dt.datetime | None
    last_ordinal: int
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Which occurrence of a series a task is; `scheduled` is a naive local date-time."""

    series: FiledSeries
    ordinal: int
    scheduled: dt.datetime
