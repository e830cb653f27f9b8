"""Other ways to write a rule: five-field cron (POSIX crontab with names and steps) and the API's JSON pattern."""

import datetime as dt
import re
from dataclasses import dataclass

from shared.recurrence.rule import Rule, RuleError

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PATTERN_FREQUENCIES = {"hourly", "daily", "weekly", "monthly", "yearly"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """The JSON pattern: `frequency` hourly to yearly, weekdays by name, day 1 to 31 or -1 for the last."""

    frequency: str
    interval: int = 1
    days_of_week: tuple[str, ...] = ()
    day_of_month: int | None = None
    month: int | None = None
    end_date: dt.date | None = None
    occurrences: int | None = None


@dataclass(frozen=True, slots=True)
class CronField:
    """One field of a cron line: its range and the names that stand for numbers, beginning with `low`."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_CRON = (
    CronField("minute", 0, 59),
    CronField("hour", 0, 23),
    CronField("day of month", 1, 31),
    CronField("month", 1, 12, _MONTH_NAMES),
    # 0 and 7 are both Sunday.
    CronField("day of week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)


def pattern_rule(pattern: Pattern) -> Rule:
    """Return the rule of a pattern; a day that a month lacks moves to its last day (RFC 7529 BACKWARD)."""
    _check_pattern(pattern)
    day = pattern.day_of_month
    late = pattern.frequency == "monthly" and day is not None and day > 28
    return Rule(
        freq=pattern.frequency.upper(),
        interval=pattern.interval,
        count=pattern.occurrences,
        until=pattern.end_date.isoformat().replace("-", "") if pattern.end_date else None,
        by_day=tuple(sorted({(0, _weekday(name)) for name in pattern.days_of_week})),
        by_month_day=(day,) if day is not None else (),
        by_month=(pattern.month,) if pattern.month is not None else (),
        skip="BACKWARD" if late else "OMIT",
    )


def _check_pattern(pattern: Pattern) -> None:
    frequency = pattern.frequency
    if frequency not in _PATTERN_FREQUENCIES:
        raise RuleError(f"frequency {frequency!r} is none of {', '.join(sorted(_PATTERN_FREQUENCIES))}")
    by_month = frequency in {"monthly", "yearly"}
    refused = {
        "interval must be 1 or more": pattern.interval < 1,
        "occurrences must be 1 or more": pattern.occurrences is not None and pattern.occurrences < 1,
        "end_date and occurrences exclude each other": None not in {pattern.end_date, pattern.occurrences},
        f"days_of_week does not fit {frequency}": bool(pattern.days_of_week) and by_month,
        f"day_of_month does not fit {frequency}": pattern.day_of_month is not None and not by_month,
        f"month does not fit {frequency}": pattern.month is not None and frequency != "yearly",
        "day_of_month of a yearly pattern needs a month": frequency == "yearly"
        and pattern.day_of_month is not None
        and pattern.month is None,
        "day_of_month must be 1 to 31, or -1 for the last day": pattern.day_of_month is not None
        and pattern.day_of_month not in {-1, *range(1, 32)},
        "month must be 1 to 12": pattern.month is not None and pattern.month not in range(1, 13),
    }
    for reason, wrong in refused.items():
        if wrong:
            raise RuleError(reason)


def _weekday(name: str) -> int:
    lower = name.strip().lower()
    for number, full in enumerate(_DAY_NAMES):
        if len(lower) >= 2 and full.startswith(lower):
            return number
    raise RuleError(f"{name!r} in days_of_week is no weekday")


def cron_rule(expression: str) -> Rule:
    """Return the rule of a cron line; FREQ is the smallest field that is not restricted."""
    fields = expression.lower().split()
    if len(expression) > 500 or len(fields) != len(_CRON):
        raise RuleError("a cron expression has five fields: minute, hour, day of month, month, day of week")
    pairs = zip(_CRON, fields, strict=True)
    minutes, hours, days, months, week = (_values(field, text) for field, text in pairs)
    if days and week:
        raise RuleError("cron runs when either day of month or day of week fits; no one RRULE can say that")
    by_day = tuple(sorted({(0, (day - 1) % 7) for day in week}))
    return Rule(
        freq=_cron_frequency(minutes, hours, days, months, by_day),
        by_minute=minutes,
        by_hour=hours,
        by_day=by_day,
        by_month_day=days,
        by_month=months,
    )


def _cron_frequency(
    minutes: tuple[int, ...],
    hours: tuple[int, ...],
    days: tuple[int, ...],
    months: tuple[int, ...],
    by_day: tuple[tuple[int, int], ...],
) -> str:
    if not minutes:
        return "MINUTELY"
    if not hours:
        return "HOURLY"
    if by_day:
        return "WEEKLY"
    if days:
        return "YEARLY" if months else "MONTHLY"
    return "DAILY"


def _values(field: CronField, text: str) -> tuple[int, ...]:
    """Return the numbers of one field, none when it allows all of them."""
    found: set[int] = set()
    for item in text.split(","):
        span, slash, step = item.partition("/")
        low, high = _span(field, span, item, open_end=bool(slash))
        if slash and not re.fullmatch(r"[1-9][0-9]?", step):
            raise RuleError(f"cron {field.name} {item!r}: the step after / must be a number from 1 to 99")
        found |= set(range(low, high + 1, int(step or 1)))
    if field.name == "day of week":
        found = {number % 7 for number in found}
    every = field.high - field.low + (0 if field.name == "day of week" else 1)
    return () if len(found) == every else tuple(sorted(found))


def _span(field: CronField, span: str, item: str, *, open_end: bool) -> tuple[int, int]:
    if span == "*":
        return field.low, field.high
    first, dash, last = span.partition("-")
    low = _cron_number(field, first, item)
    if not dash:
        return low, field.high if open_end else low
    high = _cron_number(field, last, item)
    # "fri-sun" ends on a Sunday, which is 7 there.
    high = 7 if field.name == "day of week" and high == 0 and low > 0 else high
    if high < low:
        raise RuleError(f"cron {field.name} {item!r}: the range runs backwards")
    return low, high


def _cron_number(field: CronField, text: str, item: str) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    if re.fullmatch(r"[0-9]{1,2}", text) and field.low <= int(text) <= field.high:
        return int(text)
    raise RuleError(
        f"cron {field.name} {item!r} is not a number from {field.low} to {field.high}, a name, "
        "a list, a range or a step"
    )
