"""Five-field cron expressions of PingSources: numbers, `*` and `*/n`, in UTC; anything else is refused."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

# minute, hour, day of month, month, day of week (0 is Sunday)
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


@dataclass(frozen=True, slots=True)
class Cron:
    """The values each field accepts, and whether a day field was left open."""

    fields: tuple[frozenset[int], ...]
    any_day: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `minute hour day month weekday`. Raises `ValueError` that says what is not supported."""
        words = text.split()
        if len(words) != len(_RANGES):
            raise ValueError(f"schedule {text!r} does not have five fields")
        fields = tuple(_field(word, low, high) for word, (low, high) in zip(words, _RANGES, strict=True))
        return cls(fields, any_day=words[2].startswith("*") or words[4].startswith("*"))

    def matches(self, instant: datetime) -> bool:
        """Tell whether the minute of `instant` is one of the schedule.

        When both day fields are limited, either of them is enough (crontab(5)).
        """
        at = instant.astimezone(UTC)
        minute, hour, day, month, weekday = self.fields
        days = (at.day in day, at.isoweekday() % 7 in weekday)
        right_day = all(days) if self.any_day else any(days)
        return at.minute in minute and at.hour in hour and at.month in month and right_day


def _field(word: str, low: int, high: int) -> frozenset[int]:
    if word == "*":
        return frozenset(range(low, high + 1))
    step = word.removeprefix("*/")
    if step.isascii() and step.isdecimal():
        number = int(step)
        if step != word and number > 0:
            return frozenset(range(low, high + 1, number))
        if step == word and low <= number <= high:
            return frozenset((number,))
    raise ValueError(f"schedule field {word!r} is not supported: use *, */n or a number from {low} to {high}")
