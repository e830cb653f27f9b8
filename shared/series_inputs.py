"""What clients may send about a series: a whole one, or a JSON merge patch of one (RFC 7396)."""

import datetime as dt
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from shared.due import Due
from shared.input_types import (
    A_YEAR_OF_MINUTES,
    LOCAL_DATE_TIME,
    NO_ZONE,
    WHOLE,
    Cron,
    LocalDateTime,
    Notes,
    Rule,
    Start,
    Tags,
    Title,
    Words,
    ZoneName,
    exactly_one,
)
from shared.inputs import Input, PatternInput, RecurrenceInput
from shared.series import AFTER_COMPLETION, SCHEDULED
from shared.task import Priority

_FORMS = ("rule", "text", "cron", "pattern")


class TemplateReminderInput(Input):
    """A reminder of each occurrence, counted from its due value."""

    minutes_before: Annotated[int, Field(ge=0, le=A_YEAR_OF_MINUTES), WHOLE]


TemplateReminders = Annotated[tuple[TemplateReminderInput, ...], Field(max_length=20)]


class TemplateInput(Input):
    """What each occurrence starts with."""

    title: Title
    notes: Notes = ""
    priority: Priority = Priority.NONE
    tags: Tags = ()
    reminders: TemplateReminders = ()


_NO_DATE: dict[str, Any] = {"properties": {"start": {"anyOf": [LOCAL_DATE_TIME, {"type": "null"}]}}}


class NewSeries(Input):
    """`POST /v1/series`. Without a `start` it starts now; a `time_zone` needs times of day."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [NO_ZONE, _NO_DATE]})

    template: TemplateInput
    recurrence: RecurrenceInput
    start: Start | None = None
    time_zone: ZoneName | None = None

    @model_validator(mode="after")
    def _zone_needs_time(self) -> Self:
        _check_zone(self.start, self.time_zone)
        return self


class TemplatePatch(Input):
    """What changes of the template; null stands for the default."""

    title: Title = ""
    notes: Notes | None = None
    priority: Priority | None = None
    tags: Tags | None = None
    reminders: TemplateReminders | None = None


class RecurrencePatch(Input):
    """What changes of the recurrence: the rule in one of its four forms, or what stands beside it."""

    model_config = ConfigDict(json_schema_extra=exactly_one(*_FORMS, at_most=True))

    rule: Rule | None = None
    text: Words | None = None
    cron: Cron | None = None
    pattern: PatternInput | None = None
    mode: Annotated[str, Field(pattern=f"^({SCHEDULED}|{AFTER_COMPLETION})$")] | None = None
    skip_overdue: bool | None = None
    exdates: Annotated[tuple[LocalDateTime, ...], Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if len(self.form) > 1:
            raise ValueError("give at most one of rule, text, cron and pattern")
        if any(date.tzinfo is not None for date in self.exdates or ()):
            raise ValueError("exdates are local date-times without a zone")
        return self

    @property
    def form(self) -> dict[str, Any]:
        """The form that the rule is given in, if it is."""
        return {name: getattr(self, name) for name in _FORMS if getattr(self, name) is not None}


class SeriesPatch(Input):
    """`PATCH /v1/series/{id}`. What is absent stays."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [NO_ZONE, _NO_DATE]})

    template: TemplatePatch = TemplatePatch()
    recurrence: RecurrencePatch = RecurrencePatch()
    start: Start = dt.date.min
    time_zone: ZoneName | None = None

    @model_validator(mode="after")
    def _zone_needs_time(self) -> Self:
        if "start" in self.model_fields_set:
            _check_zone(self.start, self.time_zone)
        return self


def start_of(start: dt.date, zone: str | None) -> Due:
    """Return a start as a due value: a date is all day, a date-time is local."""
    if isinstance(start, dt.datetime):
        return Due(start.date(), start.time(), zone)
    return Due(start)


def _check_zone(start: dt.date | None, zone: str | None) -> None:
    if zone is not None and start is not None and not isinstance(start, dt.datetime):
        raise ValueError("time_zone needs a time: an all-day date has no zone")
