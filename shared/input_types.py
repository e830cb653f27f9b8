"""Field types of the input: every limit stands here, and what storage cannot keep is refused here."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from shared.due import zone

YEARS = (1900, 9000)  # room on both sides for zones and rules
A_YEAR_OF_MINUTES = 366 * 24 * 60


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain a NUL character")
    return text


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


def _utc(instant: dt.datetime) -> dt.datetime:
    _in_reach(instant)
    return instant.astimezone(dt.UTC)


Text = Annotated[str, AfterValidator(_storable)]
Title = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
QuickText = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Notes = Annotated[Text, StringConstraints(max_length=50_000)]
TagName = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Tags = Annotated[tuple[TagName, ...], Field(max_length=50)]
Day = Annotated[dt.date, AfterValidator(_in_reach)]
ClockTime = Annotated[dt.time, AfterValidator(_local)]
ZoneName = Annotated[Text, StringConstraints(min_length=1, max_length=64), AfterValidator(_iana)]
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
LocalDateTime = Annotated[dt.datetime, AfterValidator(_in_reach)]
