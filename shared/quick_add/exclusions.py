"""Takes one rule out of another where a single RRULE can say what is left: RFC 5545 has no EXRULE any more.

"daily except on weekends" is BYDAY=MO,TU,WE,TH,FR; "every friday except the last of the month" numbers the others from
the end. What no RRULE says exactly is refused, never approximated.
"""

from collections.abc import Iterable
from dataclasses import fields, replace

from shared.quick_add.days import in_order, plain
from shared.recurrence.rule import Rule

_HOURS = tuple(range(24))
_ALL_DAYS = frozenset(range(7))
_PARTS = tuple(field.name for field in fields(Rule) if field.name.startswith("by_"))


def without(rule: Rule, excluded: Rule) -> Rule | None:
    """Return the rule less all occurrences of the other; None where one RRULE cannot say it."""
    if excluded.interval != 1 or excluded.count or excluded.until:
        return None
    parts = {name for name in _PARTS if getattr(excluded, name)}
    if parts == {"by_month"} and excluded.freq == "DAILY":
        return _without_months(rule, excluded.by_month)
    if parts == {"by_month_day"} and excluded.freq == "MONTHLY":
        return _without_month_days(rule, excluded.by_month_day)
    if parts == {"by_day"} and not any(nth for nth, _ in excluded.by_day):
        return _without_weekdays(rule, frozenset(day for _, day in excluded.by_day))
    if parts == {"by_day"} and excluded.freq == "MONTHLY":
        return _without_counted(rule, excluded.by_day)
    if parts == {"by_hour", "by_minute"} and excluded.freq == "DAILY" and excluded.by_minute == (0,):
        return _without_hours(rule, excluded.by_hour)
    return None


def _without_months(rule: Rule, months: tuple[int, ...]) -> Rule | None:
    # The months of a yearly rule may come from its start, or change what its weekdays count from.
    if rule.freq == "YEARLY" and not rule.by_month and not (rule.by_year_day or rule.by_week_no):
        return None
    left = tuple(month for month in rule.by_month or range(1, 13) if month not in months)
    return replace(rule, by_month=left) if left and not (rule.by_set_pos and rule.freq == "YEARLY") else None


def _without_weekdays(rule: Rule, days: frozenset[int]) -> Rule | None:
    if rule.by_set_pos or rule.skip != "OMIT" or (rule.freq == "WEEKLY" and not rule.by_day):
        return None
    if rule.by_day:
        left = tuple(item for item in rule.by_day if item[1] not in days)
        return replace(rule, by_day=left) if left else None
    if rule.freq in {"MONTHLY", "YEARLY"} and not (rule.by_month_day or rule.by_year_day):
        return None
    others = plain(tuple(_ALL_DAYS - days))
    weekly = rule.freq == "DAILY" and rule.interval == 1 and not rule.by_month_day
    return replace(rule, freq="WEEKLY" if weekly else rule.freq, by_day=others) if others else None


def _without_month_days(rule: Rule, days: tuple[int, ...]) -> Rule | None:
    if rule.by_set_pos or rule.by_week_no or rule.by_year_day or (rule.freq == "WEEKLY" and rule.interval > 1):
        return None
    if rule.freq == "WEEKLY":
        rule = replace(rule, freq="DAILY") if rule.by_day else rule
    if rule.freq in {"MONTHLY", "YEARLY"} and not (rule.by_month_day or rule.by_day):
        return None
    present = rule.by_month_day or _counting(days, 31)
    # 31 and -1 may be the same day: only numbers counted from one end can be compared.
    if rule.freq == "WEEKLY" or len({day < 0 for day in (*present, *days)}) > 1:
        return None
    left = tuple(day for day in present if day not in days)
    return replace(rule, by_month_day=left) if left else None


def _without_counted(rule: Rule, days: tuple[tuple[int, int], ...]) -> Rule | None:
    every_day = rule.freq == "DAILY" and not rule.by_day
    is_plain = rule.freq in {"DAILY", "WEEKLY"} and rule.interval == 1 and not rule.by_month_day
    if rule.by_set_pos or not (is_plain or (rule.freq == "MONTHLY" and rule.by_day)):
        return None
    left: set[tuple[int, int]] = set()
    for item in plain(tuple(_ALL_DAYS)) if every_day else rule.by_day:
        taken = {nth for nth, day in days if day == item[1]}
        present = {item[0]} if item[0] else set(_counting(taken, 5))
        if taken and len({nth < 0 for nth in taken | present}) > 1:
            return None
        left |= {(nth, item[1]) for nth in present - taken} if taken else {item}
    return replace(rule, freq="MONTHLY", by_day=in_order(left)) if left else None


def _counting(numbers: Iterable[int], most: int) -> tuple[int, ...]:
    """Return all numbers up to the most, from the end where these are."""
    return tuple(range(-most, 0)) if any(number < 0 for number in numbers) else tuple(range(1, most + 1))


def _without_hours(rule: Rule, hours: tuple[int, ...]) -> Rule | None:
    if not (rule.freq == "HOURLY" or rule.by_hour) or rule.by_set_pos or rule.by_minute not in {(), (0,)}:
        return None
    left = tuple(hour for hour in rule.by_hour or _HOURS if hour not in hours)
    return replace(rule, by_hour=left) if left else None
