"""Field types of the input: every limit stands here, and what storage cannot keep is refused here."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema

from shared.due import zone
from shared.storable import storable

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
YEARS = (1900, 9000)  # room on both sides for zones and rules
A_YEAR_OF_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True, eq=False)  # by identity: an annotation has to have a hash
class Shown:
    """What a JSON schema says of a type besides, where a validator of ours checks it."""

    keywords: Mapping[str, Any]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema with the keywords in it; None takes one out."""
        merged = handler(core) | dict(self.keywords)
        return {name: value for name, value in merged.items() if value is not None}


NULL: Mapping[str, Any] = {"type": "null"}


def either(*forms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords of an object whose properties are as one of some forms says."""
    return {"anyOf": [{"properties": dict(form)} for form in forms]}


def exactly_one(*names: str, at_most: bool = False) -> dict[str, Any]:
    """Return the keywords of an object that has one of some properties; null counts as absent.

    `at_most` for one that may also have none of them.
    """
    forms = [
        {"required": [name], "properties": {one: {"not": NULL} if one == name else NULL for one in names}}
        for name in names
    ]
    if at_most:
        forms.append({"properties": dict.fromkeys(names, NULL)})
    return {"oneOf": forms}


def given(name: str) -> dict[str, Any]:
    """Return the keywords of an object that has a property, not as null."""
    return {"required": [name], "properties": {name: {"not": NULL}}}


# What shared/recurrence/pattern.py refuses, as far as a schema can say it.
FITS_A_FREQUENCY: list[Any] = [
    either({"frequency": {"enum": ["daily", "weekly"]}}, {"days_of_week": {"maxItems": 0}}),
    either({"frequency": {"enum": ["monthly", "yearly"]}}, {"day_of_month": NULL}),
    either({"frequency": {"const": "yearly"}}, {"month": NULL}),
    either({"end_date": NULL}, {"occurrences": NULL}),
    {"anyOf": [*either({"frequency": {"not": {"const": "yearly"}}}, {"day_of_month": NULL})["anyOf"], given("month")]},
]
NO_ZONE: dict[str, Any] = {"properties": {"time_zone": NULL}}


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


def _whole(value: object) -> object:
    """Take 5.0 for 5, as JSON Schema does (draft 2020-12, section 6.1.1): some languages write numbers so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


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
# What the validators above mean, in the regular expressions of ECMA-262 that JSON Schema has.
_NO_NUL = Shown({"pattern": r"^[^\x00]*$"})
_VISIBLE = Shown({"pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"})
_YEAR = r"(19\d\d|[2-8]\d{3})"
_DAY = rf"{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
LOCAL_DATE_TIME = {"type": "string", "format": "local-date-time", "pattern": rf"^{_DAY}T{_TIME}$"}
LOCAL_TIME = {"type": "string", "format": "local-time", "pattern": rf"^{_TIME}$"}
A_DAY = {"type": "string", "format": "date", "pattern": rf"^{_DAY}$"}
AN_INSTANT = {"type": "string", "format": "date-time", "pattern": rf"^{_YEAR}-"}
A_ZONE = {"format": "iana-time-zone", "examples": ["Europe/Berlin"]}
Text = Annotated[str, _STORABLE, _NO_NUL]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), _STORABLE, _VISIBLE]
QuickText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    _STORABLE,
    Shown({**_VISIBLE.keywords, "format": "quick-add"}),
]
Notes = Annotated[str, StringConstraints(max_length=50_000), _STORABLE, _NO_NUL]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1_000), _STORABLE, _NO_NUL]
Rule = Annotated[Expression, Shown({"format": "rrule", "examples": ["FREQ=MONTHLY;BYMONTHDAY=-1"]})]
Words = Annotated[Expression, Shown({"format": "recurrence-words", "examples": ["every other friday"]})]
Cron = Annotated[Expression, Shown({"format": "cron", "examples": ["0 9 * * 1-5"]})]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_NAMES = [day[:length] for day in _DAYS for length in range(2, len(day) + 1)]  # in capitals too
WHOLE = BeforeValidator(_whole)  # behind the constraints, which a JSON schema would otherwise not show
DayOfMonth = Annotated[int, Field(ge=-31, le=31), WHOLE, Shown({"minimum": -1, "not": {"const": 0}})]
DayName = Annotated[Text, Shown({"enum": _DAY_NAMES, "pattern": None})]
TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), _STORABLE, _VISIBLE]
Tags = Annotated[tuple[TagName, ...], Field(max_length=50)]
Day = Annotated[dt.date, _WRITTEN, BeforeValidator(_iso_date), AfterValidator(_in_reach), WithJsonSchema(A_DAY)]
ClockTime = Annotated[dt.time, AfterValidator(_local), WithJsonSchema(LOCAL_TIME, mode="validation")]
ZoneName = Annotated[
    str, StringConstraints(min_length=1, max_length=64), _STORABLE, AfterValidator(_iana), Shown(A_ZONE)
]
Instant = Annotated[
    AwareDatetime, _WRITTEN, BeforeValidator(_iso), AfterValidator(_utc), WithJsonSchema(AN_INSTANT, mode="validation")
]
LocalDateTime = Annotated[
    dt.datetime,
    _WRITTEN,
    BeforeValidator(_iso),
    AfterValidator(_in_reach),
    WithJsonSchema(LOCAL_DATE_TIME, mode="validation"),
]
_START = WithJsonSchema({"anyOf": [A_DAY, LOCAL_DATE_TIME]})
Start = Annotated[dt.date, PlainValidator(_start), _START]
