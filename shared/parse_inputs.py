"""What clients may send to have words or a rule explained."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from shared.input_types import A_DAY, AN_INSTANT, LOCAL_DATE_TIME, WHOLE, Instant, LocalDateTime, Shown, ZoneName
from shared.inputs import Input, RecurrenceInput
from shared.storable import storable

MOST_OCCURRENCES = 1_000


def _text(text: str) -> str:
    if not storable(text):
        raise ValueError("must not contain NUL characters or lone surrogates")
    return text


def _local(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is not None:
        raise ValueError("must be a local date or date-time without a zone; the zone belongs into time_zone")
    return moment


# Not stripped, unlike the text of a new task: spans count from its first character.
SpokenText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000, pattern=r"\S"),
    AfterValidator(_text),
    Shown({"pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"}),
]
# BCP 47, by its form only: quick-add reads a language that it does not know as English.
Locale = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{1,8})*$")]

_DATE_OR_TIME = WithJsonSchema({"anyOf": [A_DAY, LOCAL_DATE_TIME]})
_LOCAL_OR_INSTANT = WithJsonSchema({"anyOf": [A_DAY, LOCAL_DATE_TIME, AN_INSTANT]})


class TextInput(Input):
    """`POST /v1/parse`: `now` is the clock's where it is left out. No settings are read, so the zone is UTC then."""

    text: SpokenText
    now: Instant | None = None
    time_zone: ZoneName = "UTC"
    locale: Locale = "en"


class PreviewInput(Input):
    """`POST /v1/recurrences/preview`: `start` is DTSTART, a local date-time or date; only what is later than `after`.

    Without `start` it begins today. An `after` with an offset is an instant, one without is local.
    """

    recurrence: RecurrenceInput
    start: Annotated[LocalDateTime, AfterValidator(_local), _DATE_OR_TIME] | None = None
    time_zone: ZoneName = "UTC"
    after: Annotated[LocalDateTime, _LOCAL_OR_INSTANT] | None = None
    count: Annotated[int, Field(ge=1, le=MOST_OCCURRENCES), WHOLE] = 10
