"""What a form of a date is: its pattern, what it means, and where it counts."""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from shared.quick_add.calendar import When

Resolve = Callable[[re.Match[str], dt.datetime], When | None]
Compose = Callable[[re.Match[str], When, dt.datetime], When | None]


class Sure(Enum):
    """Where a form counts without help from what stands around it."""

    ALWAYS = "wherever it stands"
    NO_NAME = "unless it is part of a name"
    MONTH_DAY = "unless the month may be another word"
    PHRASE = "where nothing follows that could belong to it"
    LED = "after a preposition"
    CLOSING = "never; its context is the end of the text or something recognised"
    NEAR = "after a preposition; its context is only something recognised"


class Kind(Enum):
    """What a form tells, for those that build on another: "two weeks from" a day."""

    WHOLE = "a date of day and month"
    DAY = "one day by its place in a week or month"
    HOLIDAY = "a named day"
    COUNT = "an amount of time from now"
    SPAN = "the beginning of a week, month or year"
    OTHER = "anything else"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a day; with `compose` the pattern is the head of another day, of one of the kinds `takes`."""

    pattern: re.Pattern[str]
    resolve: Resolve | None
    sure: Sure
    kind: Kind
    then: frozenset[str] | None = None
    compose: Compose | None = None
    takes: frozenset[Kind] = frozenset()


# First words, second words (None for any), pattern, meaning, where it counts.
Row = tuple[Iterable[str], Iterable[str] | None, str, Resolve, Sure]
