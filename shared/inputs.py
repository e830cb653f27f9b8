"""What clients may send, parsed once: closed models and strict types.

Read-only fields inside `due` and `reminders` are taken and ignored, so that a client may send back what it was given.
"""

import datetime as dt
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.due import Due
from shared.input_types import (
    A_YEAR_OF_MINUTES,
    FITS_A_FREQUENCY,
    NO_ZONE,
    WHOLE,
    ClockTime,
    Cron,
    Day,
    DayName,
    DayOfMonth,
    Instant,
    LocalDateTime,
    Notes,
    QuickText,
    Rule,
    Tags,
    Text,
    Title,
    Words,
    ZoneName,
    exactly_one,
    given,
)
from shared.reminder import Alarm
from shared.task import Priority


class Input(BaseModel):
    """Base of what comes in."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class DueInput(Input):
    """A due value: `date`, perhaps `time`, perhaps `time_zone`. `at` is read-only."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [NO_ZONE, given("time")]})

    date: Day
    time: ClockTime | None = None
    time_zone: ZoneName | None = None
    at: Any = None

    @model_validator(mode="after")
    def _zone_needs_time(self) -> Self:
        if self.time_zone is not None and self.time is None:
            raise ValueError("time_zone needs a time: an all-day date has no zone")
        return self

    def value(self) -> Due:
        """Return the domain's value."""
        return Due(self.date, self.time, self.time_zone)


class ReminderInput(Input):
    """Minutes before the due value, or an instant. `id` keeps an existing one; the rest is read-only."""

    model_config = ConfigDict(json_schema_extra=exactly_one("minutes_before", "at"))

    minutes_before: Annotated[int, Field(ge=0, le=A_YEAR_OF_MINUTES), WHOLE] | None = None
    at: Instant | None = None
    id: UUID | None = None
    fire_at: Any = None
    state: Any = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.minutes_before is None) == (self.at is None):
            raise ValueError("give either minutes_before or at")
        return self

    def value(self) -> Alarm:
        """Return the domain's value."""
        return Alarm(self.minutes_before, self.at)


Reminders = Annotated[tuple[ReminderInput, ...], Field(max_length=20)]


class PatternInput(Input):
    """The JSON pattern of a recurrence."""

    model_config = ConfigDict(json_schema_extra={"allOf": FITS_A_FREQUENCY})

    frequency: Literal["daily", "weekly", "monthly", "yearly"]
    interval: Annotated[int, Field(ge=1, le=1_000), WHOLE] = 1
    days_of_week: Annotated[tuple[DayName, ...], Field(max_length=7)] = ()
    day_of_month: DayOfMonth | None = None
    month: Annotated[int, Field(ge=1, le=12), WHOLE] | None = None
    end_date: Day | None = None
    occurrences: Annotated[int, Field(ge=1, le=100_000), WHOLE] | None = None


class RecurrenceInput(Input):
    """A recurrence in exactly one of its four forms."""

    model_config = ConfigDict(json_schema_extra=exactly_one("rule", "text", "cron", "pattern"))

    rule: Rule | None = None
    text: Words | None = None
    cron: Cron | None = None
    pattern: PatternInput | None = None
    mode: Literal["scheduled", "after_completion"] | None = None
    skip_overdue: bool = False
    exdates: Annotated[tuple[LocalDateTime, ...], Field(max_length=1_000)] = ()

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(form is not None for form in (self.rule, self.text, self.cron, self.pattern)) != 1:
            raise ValueError("give exactly one of rule, text, cron and pattern")
        if any(date.tzinfo is not None for date in self.exdates):
            raise ValueError("exdates are local date-times without a zone")
        return self


class NewTask(Input):
    """`POST /v1/tasks`: quick-add text, fields, or both; a field that is given wins over the text."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [given("title"), given("text")]})

    text: QuickText | None = None
    title: Title | None = None
    notes: Notes = ""
    priority: Priority = Priority.NONE
    tags: Tags = ()
    due: DueInput | None = None
    reminders: Reminders = ()
    recurrence: RecurrenceInput | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.title is None and self.text is None:
            raise ValueError("give a title, or a text to read it from")
        return self


class DuePatch(Input):
    """What a patch changes of a due value; what is absent stays."""

    date: Day = dt.date.min
    time: ClockTime | None = None
    time_zone: ZoneName | None = None
    at: Any = None


class TaskPatch(Input):
    """`PATCH /v1/tasks/{id}`: a JSON merge patch (RFC 7396). What is absent stays; null clears."""

    title: Title = ""
    notes: Notes | None = None
    priority: Priority | None = None
    tags: Tags | None = None
    due: DuePatch | None = None
    reminders: Reminders | None = None
    recurrence: RecurrenceInput | None = None


class Completion(Input):
    """`POST …/complete`: when it was done, if not now."""

    completed_at: Instant | None = None


class Snooze(Input):
    """`POST …/snooze`: by minutes from now, or until an instant."""

    model_config = ConfigDict(json_schema_extra=exactly_one("minutes", "until"))

    minutes: Annotated[int, Field(ge=1, le=A_YEAR_OF_MINUTES), WHOLE] | None = None
    until: Instant | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.minutes is None) == (self.until is None):
            raise ValueError("give either minutes or until")
        return self


class Replay(Input):
    """`POST /v1/admin/dead-letters/replay`: which of those that wait; `before` is about when they came."""

    function: Text | None = None
    type: Text | None = None
    before: Instant | None = None


class Nothing(Input):
    """A command that takes no values: an empty body or `{}`."""
