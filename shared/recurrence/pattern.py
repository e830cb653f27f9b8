"""The API's JSON pattern: a simple form of a rule, and back."""

import datetime as dt
from dataclasses import dataclass

from shared.recurrence.rule import Rule, RuleError

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FREQUENCIES = {"hourly", "daily", "weekly", "monthly", "yearly"}


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


def pattern_rule(pattern: Pattern) -> Rule:
    """Return the rule of a pattern; a day that a month lacks moves to its last day (RFC 7529 BACKWARD)."""
    _check(pattern)
    day = pattern.day_of_month
    return Rule(
        freq=pattern.frequency.upper(),
        interval=pattern.interval,
        count=pattern.occurrences,
        until=pattern.end_date.isoformat().replace("-", "") if pattern.end_date else None,
        by_day=tuple(sorted({(0, _weekday(name)) for name in pattern.days_of_week})),
        by_month_day=(day,) if day is not None else (),
        by_month=(pattern.month,) if pattern.month is not None else (),
        skip=_skip(pattern),
    )


def pattern_of(rule: Rule) -> Pattern | None:
    """Return the pattern of which `pattern_rule` makes this very rule, None where there is none."""
    if len(rule.by_month_day) > 1 or len(rule.by_month) > 1 or (rule.until and "T" in rule.until):
        return None
    pattern = Pattern(
        frequency=rule.freq.lower(),
        interval=rule.interval,
        days_of_week=tuple(_DAY_NAMES[day] for _, day in rule.by_day),
        day_of_month=next(iter(rule.by_month_day), None),
        month=next(iter(rule.by_month), None),
        end_date=dt.date.fromisoformat(rule.until) if rule.until else None,
        occurrences=rule.count,
    )
    try:
        return pattern if pattern_rule(pattern) == rule else None
    except RuleError:
        return None


def _skip(pattern: Pattern) -> str:
    late = pattern.frequency == "monthly" and (pattern.day_of_month or 0) > 28
    return "BACKWARD" if late else "OMIT"


def _check(pattern: Pattern) -> None:
    frequency = pattern.frequency
    if frequency not in _FREQUENCIES:
        raise RuleError(f"frequency {frequency!r} is none of {', '.join(sorted(_FREQUENCIES))}")
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
