"""Five-field cron as a rule: crontab(5) with names and steps, the macros, and `L`, `#`, `LW` and `1W` of Quartz."""

import re
from dataclasses import dataclass, replace

from shared.recurrence.rule import Rule, RuleError

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORKDAYS = tuple((0, day) for day in range(5))
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# Days of the month that are the first, second, … fifth of whichever weekday they are.
_BLOCKS = (range(1, 8), range(8, 15), range(15, 22), range(22, 29), range(29, 32))


@dataclass(frozen=True, slots=True)
class CronField:
    """One field of a cron line: its range and the names that stand for numbers, beginning with `low`."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


MINUTE = CronField("minute", 0, 59)
HOUR = CronField("hour", 0, 23)
DAY_OF_MONTH = CronField("day of month", 1, 31)
MONTH = CronField("month", 1, 12, _MONTH_NAMES)
# 0 and 7 are both Sunday.
DAY_OF_WEEK = CronField("day of week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))


def cron_rule(expression: str) -> Rule:
    """Return the rule of a cron line; raises `RuleError` with the reason where no one RRULE means the same.

    When both day fields are restricted, cron runs when either fits, unless one begins with `*` as `*/2` does: then both
    have to (crontab(5)).
    """
    fields = _fields(expression)
    days, week = fields[2], fields[4]
    rule = Rule(
        freq="MINUTELY",
        by_minute=_values(MINUTE, fields[0]),
        by_hour=_values(HOUR, fields[1]),
        by_month=_values(MONTH, fields[3]),
    )
    if days in {"lw", "1w"}:
        return _on_edge_workday(rule, days, week)
    rule = replace(rule, by_month_day=_month_days(days), by_day=_weekdays(week))
    if rule.by_month_day and rule.by_day and "*" not in {days[0], week[0]}:
        rule = replace(rule, by_month_day=(), by_day=_either(rule))
    return _with_frequency(rule)


def _fields(expression: str) -> list[str]:
    text = expression.strip().lower()
    if text.startswith("@"):
        if text not in _MACROS:
            raise RuleError(f"cron {text[:40]!r} names no times; known are {', '.join(_MACROS)}")
        text = _MACROS[text]
    fields = text.split()
    if len(expression) > 500 or len(fields) != 5:
        raise RuleError("a cron expression has five fields: minute, hour, day of month, month, day of week")
    for position in (2, 4):
        fields[position] = "*" if fields[position] == "?" else fields[position]
    return fields


def _with_frequency(rule: Rule) -> Rule:
    """Return the rule with the smallest field that is not restricted as FREQ."""
    if any(nth for nth, _ in rule.by_day):
        return _monthly(rule)
    if not rule.by_minute:
        return rule
    if not rule.by_hour:
        return replace(rule, freq="HOURLY")
    if rule.by_month_day:
        return replace(rule, freq="YEARLY" if rule.by_month and not rule.by_day else "MONTHLY")
    return replace(rule, freq="WEEKLY" if rule.by_day else "DAILY")


def _monthly(rule: Rule) -> Rule:
    """Return the rule counted in months, where a weekday may have a number, with every time written out."""
    return replace(
        rule, freq="MONTHLY", by_minute=rule.by_minute or tuple(range(60)), by_hour=rule.by_hour or tuple(range(24))
    )


def _on_edge_workday(rule: Rule, days: str, week: str) -> Rule:
    """Return the first or last workday of the month: BYSETPOS takes all times of that day."""
    if week != "*":
        raise RuleError(f"cron day of month {days.upper()!r} and a day of week exclude each other")
    rule = _monthly(rule)
    times = len(rule.by_minute) * len(rule.by_hour)
    if times > 366:
        raise RuleError(f"cron day of month {days.upper()!r} fits no more than 366 times a day, these are {times}")
    positions = range(-1, -times - 1, -1) if days == "lw" else range(1, times + 1)
    return replace(rule, by_day=_WORKDAYS, by_set_pos=tuple(positions))


def _either(rule: Rule) -> tuple[tuple[int, int], ...]:
    """Return days of month or days of week as weekdays: days 8 to 14 are the second of each weekday, for example."""
    blocks = [number for number, block in enumerate(_BLOCKS, 1) if set(block) <= set(rule.by_month_day)]
    if rule.by_month_day != tuple(day for number in blocks for day in _BLOCKS[number - 1]):
        raise RuleError(
            "cron runs when either day of month or day of week fits; no one RRULE can say that, except for days of "
            "month 1-7, 8-14, 15-21, 22-28 and 29-31: make two series of it"
        )
    weekly = {day for nth, day in rule.by_day if not nth}
    numbered = {(number, day) for number in blocks for day in range(7)} | set(rule.by_day)
    return _sorted({(nth, day) for nth, day in numbered if not nth or day not in weekly})


def _month_days(text: str) -> tuple[int, ...]:
    if "l" not in text and "w" not in text:
        return _values(DAY_OF_MONTH, text)
    plain, ends = [], set()
    for item in text.split(","):
        match = re.fullmatch(r"l(-([0-9]|[12][0-9]|30))?", item)
        if "w" in item:
            raise RuleError(f"cron day of month {item.upper()!r}: no RRULE says the nearest weekday, except 1W and LW")
        if match:
            ends.add(-1 - int(match[2] or 0))
        else:
            plain.append(item)
    days = _values(DAY_OF_MONTH, ",".join(plain)) if plain else ()
    if plain and not days:
        return ()
    return (*days, *sorted(ends))


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    plain, numbered = [], set()
    for item in text.split(","):
        match = re.fullmatch(r"(\w+?)(?:#([1-5])|(l))", item)
        if match:
            number = -1 if match[3] else int(match[2])
            numbered.add((number, (_number(DAY_OF_WEEK, match[1], item) - 1) % 7))
        else:
            plain.append(item)
    days = _values(DAY_OF_WEEK, ",".join(plain)) if plain else ()
    if plain and not days:
        return ()
    weekly = {(day - 1) % 7 for day in days}
    return _sorted({(0, day) for day in weekly} | {(nth, day) for nth, day in numbered if day not in weekly})


def _sorted(days: set[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(days, key=lambda day: (day[1], day[0] < 0, day[0])))


def _values(field: CronField, text: str) -> tuple[int, ...]:
    """Return the numbers of one field, none when it allows all of them."""
    found: set[int] = set()
    for item in text.split(","):
        span, slash, step = item.partition("/")
        low, high = _span(field, span, item, open_end=bool(slash))
        if slash and not re.fullmatch(r"[1-9][0-9]?", step):
            raise RuleError(f"cron {field.name} {item!r}: the step after / must be a number from 1 to 99")
        found |= set(range(low, high + 1, int(step or 1)))
    if field is DAY_OF_WEEK:
        found = {number % 7 for number in found}
    every = field.high - field.low + (0 if field is DAY_OF_WEEK else 1)
    return () if len(found) == every else tuple(sorted(found))


def _span(field: CronField, span: str, item: str, *, open_end: bool) -> tuple[int, int]:
    if span == "*":
        # A step over the week begins on Sunday and ends before the next one.
        return field.low, 6 if field is DAY_OF_WEEK else field.high
    first, dash, last = span.partition("-")
    low = _number(field, first, item)
    if not dash:
        return low, field.high if open_end else low
    high = _number(field, last, item)
    # "fri-sun" ends on a Sunday, which is 7 there.
    high = 7 if field is DAY_OF_WEEK and high == 0 and low > 0 else high
    if high < low:
        raise RuleError(f"cron {field.name} {item!r}: the range runs backwards")
    return low, high


def _number(field: CronField, text: str, item: str) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    if re.fullmatch(r"[0-9]{1,2}", text) and field.low <= int(text) <= field.high:
        return int(text)
    raise RuleError(
        f"cron {field.name} {item!r} is not a number from {field.low} to {field.high}, a name, "
        "a list, a range or a step"
    )
