"""Finds the occurrences of a rule, period by period (RFC 5545 section 3.3.10).

A period is one step of FREQ: a year, a month, … a second. Each gives days and times of day whose product, in
order, is the set that BYSETPOS picks from. The search begins in the period of `after`, whatever the distance from
the start, and ends with UNTIL, the year 9999, or one turn of the 400-year Gregorian cycle: what has not fired by
then never will.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import gcd

from shared.recurrence.days import days_in, matches, period_index
from shared.recurrence.rule import FIRST, Rule

_SECONDS = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3_600}
_CYCLE = {"YEARLY": 400, "MONTHLY": 4_800, "WEEKLY": 20_871, "DAILY": 146_097}
# Sub-daily rules meet their day and time parts within so many looks, or count as over.
_LOOKS = 20_000
_LAST_DAY = dt.date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Period:
    """The days (ascending) and the times of day one period allows, before BYSETPOS."""

    days: tuple[dt.date, ...]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]


def next_after(rule: Rule, start: dt.datetime, after: dt.datetime) -> dt.datetime | None:
    """Return the first occurrence later than `after` and not before `start`; UNTIL counts, COUNT does not."""
    return next(iterate(rule, start, after), None)


def iterate(rule: Rule, start: dt.datetime, after: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the occurrences of `next_after` one after another; finds each period's days once."""
    # Whole seconds only: RFC 5545 knows no fractions.
    start = start.replace(microsecond=0)
    last: dt.datetime | None = max(after, start - dt.timedelta(microseconds=1)) if start > FIRST else after
    filled = anchored(rule, start)
    # Each turn looks as far ahead as its first date may lie; one that found none is the last.
    while last is not None:
        since, last = last, None
        for period in _periods(filled, start, since):
            while (found := _first(period, filled, last or since)) is not None:
                if found > rule.last:
                    return
                yield found
                last = found


def anchored(rule: Rule, start: dt.datetime) -> Rule:
    """Return the rule with what it leaves open taken from `start`: time of day, weekday, day, month."""
    rank = rule.rank
    if rank > 0 and not rule.by_second:
        rule = replace(rule, by_second=(start.second,))
    if rank > 1 and not rule.by_minute:
        rule = replace(rule, by_minute=(start.minute,))
    if rank > 2 and not rule.by_hour:
        rule = replace(rule, by_hour=(start.hour,))
    if rule.freq == "WEEKLY" and not rule.by_day:
        return replace(rule, by_day=((0, start.weekday()),))
    if rule.by_week_no and not (rule.by_day or rule.by_month_day or rule.by_year_day):
        return replace(rule, by_day=((0, start.weekday()),))
    if rule.has_day_part or rule.freq not in {"MONTHLY", "YEARLY"}:
        return rule
    month = rule.by_month or ((start.month,) if rule.freq == "YEARLY" else ())
    return replace(rule, by_month_day=(start.day,), by_month=month)


def _periods(rule: Rule, start: dt.datetime, after: dt.datetime) -> Iterator[Period]:
    if rule.freq in _SECONDS:
        yield from _sub_daily(rule, start, after)
        return
    # One period of grace: SKIP=FORWARD puts the last day of a period into the next.
    origin, last = period_index(rule, start.date()), period_index(rule, rule.last.date())
    first = max(0, (period_index(rule, after.date()) - origin) // rule.interval - 1)
    looks = _CYCLE[rule.freq] // gcd(_CYCLE[rule.freq], rule.interval) + 2
    for step in range(first, first + looks):
        index = origin + step * rule.interval
        if index > last:
            return
        if days := days_in(rule, index):
            yield Period(tuple(days), rule.by_hour, rule.by_minute, rule.by_second)


def _sub_daily(rule: Rule, start: dt.datetime, after: dt.datetime) -> Iterator[Period]:
    """Yield the matching hours, minutes or seconds, passing what does not match in one step each."""
    unit = _SECONDS[rule.freq]
    origin = _seconds(start) // unit
    index, last = max(origin, _seconds(after) // unit), _seconds(rule.last)
    for _ in range(_LOOKS):
        index += -(index - origin) % rule.interval
        moment = index * unit
        if moment > last:
            return
        day, rest = divmod(moment, 86_400)
        hour, minute, second = rest // 3_600, rest // 60 % 60, rest % 60
        if not matches(rule, dt.date.fromordinal(day)):
            index = _next_day(rule, day) * 86_400 // unit
        elif rule.by_hour and hour not in rule.by_hour:
            index = (moment // 3_600 + 1) * 3_600 // unit
        elif unit < 3_600 and rule.by_minute and minute not in rule.by_minute:
            index = (moment // 60 + 1) * 60 // unit
        else:
            if unit > 1 or not rule.by_second or second in rule.by_second:
                minutes = rule.by_minute if unit == 3_600 else (minute,)
                seconds = rule.by_second if unit > 1 else (second,)
                yield Period((dt.date.fromordinal(day),), (hour,), minutes, seconds)
            index += 1


def _seconds(moment: dt.datetime) -> int:
    return moment.toordinal() * 86_400 + moment.hour * 3_600 + moment.minute * 60 + moment.second


def _next_day(rule: Rule, day: int) -> int:
    for other in range(day + 1, min(day + _CYCLE["DAILY"], _LAST_DAY + 1)):
        if matches(rule, dt.date.fromordinal(other)):
            return other
    return _LAST_DAY + 1


def _first(period: Period, rule: Rule, after: dt.datetime) -> dt.datetime | None:
    if rule.by_set_pos:
        return _first_picked(period, rule.by_set_pos, after)
    for day in period.days:
        if day < after.date():
            continue
        floor = after.time() if day == after.date() else None
        for hour in period.hours:
            if floor is not None and hour < floor.hour:
                continue
            for minute in period.minutes:
                for second in period.seconds:
                    time = dt.time(hour, minute, second)
                    if floor is None or time > floor:
                        return dt.datetime.combine(day, time)
    return None


def _first_picked(period: Period, positions: tuple[int, ...], after: dt.datetime) -> dt.datetime | None:
    """Pick by arithmetic: the set of a hostile year has 31 million members."""
    per_hour = len(period.minutes) * len(period.seconds)
    per_day = per_hour * len(period.hours)
    size = per_day * len(period.days)
    for place in sorted({position - 1 if position > 0 else size + position for position in positions}):
        if 0 <= place < size:
            day, rest = divmod(place, per_day)
            hour, rest = divmod(rest, per_hour)
            minute, second = divmod(rest, len(period.seconds))
            time = dt.time(period.hours[hour], period.minutes[minute], period.seconds[second])
            if (found := dt.datetime.combine(period.days[day], time)) > after:
                return found
    return None
