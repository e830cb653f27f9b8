"""Field types of the input: every limit stands here, and what storage cannot keep is refused here."""

import datetime as dt
import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from shared.due import zone
from shared.storable import storable

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
YEARS = (1900, 9000)  # room on both sides for zones and rules
A_YEAR_OF_MINUTES = 366 * 24 * 60


def _text(text: str) -> str:
    if not storable(text):
        raise ValueError("must not contain NUL characters or lone surrogates")
    return text


def _iso(value: object) -> object:
    """Refuse numbers, also in quotes: they would pass for seconds since 1970."""
    if not isinstance(value, dt.date) and not (isinstance(value, str) and _ISO.match(value)):
        raise ValueError("must be written as in RFC 3339, such as 2026-12-31 or 2026-12-31T09:00:00Z")
    return value


def _iso_date(value: object) -> object:
    if isinstance(value, str) and not _ISO_DATE.fullmatch(value):
        raise ValueError("must be a date such as 2026-12-31")
    return _iso(value)


def _in_reach(day: dt.date) -> dt.date:
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError(f"the year must lie between {YEARS[0]} and {YEARS[1]}")
    return day


def _local(time: dt.time) -> dt.time:
    if time.tzinfo is not None:
        raise ValueError("must be a local time such as 09:00; the zone belongs into time_zone")
    return time


def _iana(name: str) -> str:
    zone(name)
    return name


def _start(value: object) -> dt.date:
    """Return a date for all day, or a local date-time."""
    text = str(_iso(value))
    day = dt.date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else dt.datetime.fromisoformat(text)
    if isinstance(day, dt.datetime) and day.tzinfo is not None:
        raise ValueError("must be a date or a local date-time; time_zone says where")
    return _in_reach(day)


def _utc(instant: dt.datetime) -> dt.datetime:
    _in_reach(instant)
    return instant.astimezone(dt.UTC)


# Behind the constraints, which would otherwise not apply.
_STORABLE = AfterValidator(_text)
# Behind a validator of ours, strict mode no longer knows that a text came from JSON; _iso is as strict.
_WRITTEN = Field(strict=False)
Text = Annotated[str, _STORABLE]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), _STORABLE]
QuickText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000), _STORABLE]
Notes = Annotated[str, StringConstraints(max_length=50_000), _STORABLE]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1_000), _STORABLE]
TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), _STORABLE]
# Of a list only the first wrong item is told: a megabyte of wrong ones would take seconds to tell.
Tags = Annotated[tuple[TagName, ...], Field(fail_fast=True, max_length=50)]
Day = Annotated[dt.date, _WRITTEN, BeforeValidator(_iso_date), AfterValidator(_in_reach)]
ClockTime = Annotated[dt.time, AfterValidator(_local)]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=64), _STORABLE, AfterValidator(_iana)]
Instant = Annotated[AwareDatetime, _WRITTEN, BeforeValidator(_iso), AfterValidator(_utc)]
LocalDateTime = Annotated[dt.datetime, _WRITTEN, BeforeValidator(_iso), AfterValidator(_in_reach)]
_START = WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]})
Start = Annotated[dt.date, PlainValidator(_start), _START]
