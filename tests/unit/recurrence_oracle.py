"""A slow reading of RFC 5545 section 3.3.10, day by day and unit by unit, to hold the engine against.

It shares nothing with the engine but the parsed rule: it walks every period from DTSTART on, tests each day against
each part as the RFC words it, and lists whole sets before BYSETPOS picks from them.
"""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from shared.recurrence.grammar import parse
from shared.recurrence.rule import Rule

DAY = dt.timedelta(days=1)
UNITS = {"HOURLY": dt.timedelta(hours=1), "MINUTELY": dt.timedelta(minutes=1), "SECONDLY": dt.timedelta(seconds=1)}


def between(text: str, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """Return all occurrences from DTSTART up to `end`."""
    rule = complete(parse(text), start)
    last = min(end, rule.last)
    found: set[dt.datetime] = set()
    for members in (sub_daily if rule.freq in UNITS else by_days)(rule, start, end):
        ordered = sorted(members)
        if rule.by_set_pos:
            size = len(ordered)
            ordered = [ordered[p - 1 if p > 0 else p] for p in rule.by_set_pos if abs(p) <= size]
        found.update(ordered)
    return sorted(moment for moment in found if start <= moment <= last)


def complete(rule: Rule, start: dt.datetime) -> Rule:
    """Take from DTSTART what the rule leaves open."""
    if rule.freq != "SECONDLY":
        rule = replace(rule, by_second=rule.by_second or (start.second,))
    if rule.freq not in {"SECONDLY", "MINUTELY"}:
        rule = replace(rule, by_minute=rule.by_minute or (start.minute,))
    if rule.freq not in UNITS:
        rule = replace(rule, by_hour=rule.by_hour or (start.hour,))
    weekday = ((0, start.weekday()),)
    if rule.freq == "WEEKLY":
        return replace(rule, by_day=rule.by_day or weekday)
    if rule.by_week_no:
        return rule if rule.by_day or rule.by_month_day or rule.by_year_day else replace(rule, by_day=weekday)
    if rule.freq == "MONTHLY" and not (rule.by_day or rule.by_month_day):
        return replace(rule, by_month_day=(start.day,))
    if rule.freq == "YEARLY" and not rule.by_year_day and (rule.by_month_day or not rule.by_day):
        return replace(rule, by_month_day=rule.by_month_day or (start.day,), by_month=rule.by_month or (start.month,))
    return rule


def by_days(rule: Rule, start: dt.datetime, end: dt.datetime) -> Iterator[list[dt.datetime]]:
    """Yield the set of each period of DAILY to YEARLY."""
    times = [dt.time(*time) for time in product(rule.by_hour, rule.by_minute, rule.by_second)]
    periods: dict[object, list[dt.date]] = {}
    # Whole periods, and the days around them: SKIP moves days over the edge.
    day = max(start.date() - 400 * DAY, dt.date(1, 1, 1))
    while day <= end.date() + 400 * DAY:
        periods.setdefault(period(rule, day), []).append(day)
        day += DAY
    origin = period(rule, start.date())
    for number, days in periods.items():
        assert isinstance(number, int)
        assert isinstance(origin, int)
        if number >= origin and (number - origin) % rule.interval == 0:
            chosen = {moved for one in days for moved in allowed(rule, one, days)}
            yield [dt.datetime.combine(one, time) for one in chosen for time in times]


def sub_daily(rule: Rule, start: dt.datetime, end: dt.datetime) -> Iterator[list[dt.datetime]]:
    """Yield the set of each hour, minute or second."""
    unit = UNITS[rule.freq]
    whole = start.replace(second=0) if rule.freq != "SECONDLY" else start
    moment = whole.replace(minute=0) if rule.freq == "HOURLY" else whole
    while moment <= end:
        if (
            (not rule.by_hour or moment.hour in rule.by_hour)
            and (rule.freq == "HOURLY" or not rule.by_minute or moment.minute in rule.by_minute)
            and (rule.freq != "SECONDLY" or not rule.by_second or moment.second in rule.by_second)
            and limits(rule, moment.date())
        ):
            minutes = rule.by_minute if rule.freq == "HOURLY" else (moment.minute,)
            seconds = rule.by_second if rule.freq != "SECONDLY" else (moment.second,)
            yield [moment.replace(minute=m, second=s) for m, s in product(minutes, seconds)]
        moment += unit * rule.interval


def period(rule: Rule, day: dt.date) -> int:
    """Return the number of the day's period: years of weeks for BYWEEKNO."""
    if rule.freq == "YEARLY":
        return week_number(rule, day)[0] if rule.by_week_no else day.year
    if rule.freq == "MONTHLY":
        return day.year * 12 + day.month
    if rule.freq == "WEEKLY":
        return (day - dt.date(1, 1, 1 + rule.wkst)).days // 7
    return day.toordinal()


def week_number(rule: Rule, day: dt.date) -> tuple[int, int]:
    """Return the year and number of the day's week: the year that has at least four of its days."""
    monday_based = (day.weekday() - rule.wkst) % 7
    first = day - monday_based * DAY
    middle = first + 3 * DAY
    return middle.year, (middle.timetuple().tm_yday - 1) // 7 + 1


def allowed(rule: Rule, day: dt.date, days: list[dt.date]) -> list[dt.date]:
    """Return the day if the rule gives it, and days that it stands for after SKIP."""
    found = [day] if limits(rule, day) else []
    if rule.skip != "OMIT" and day in {days[0], days[-1]} | {d for d in days if d.day == 1}:
        found += [d for d in moved(rule, day) if not rule.by_day or weekday_fits(rule, d)]
    return found


def moved(rule: Rule, day: dt.date) -> list[dt.date]:
    """Return where SKIP puts the days that the month, or the year for BYYEARDAY, of this day lacks."""
    months = rule.by_month or range(1, 13)
    length = calendar.monthrange(day.year, day.month)[1]
    wanted: tuple[int, ...] = ()
    if rule.by_year_day:
        length, wanted = 366 if calendar.isleap(day.year) else 365, rule.by_year_day
        first = dt.date(day.year, 1, 1)
    elif day.month in months:
        wanted, first = rule.by_month_day, day.replace(day=1)
    found = []
    for number in wanted:
        if number > length:
            found.append(first + (length if rule.skip == "FORWARD" else length - 1) * DAY)
        elif -number > length:
            found.append(first if rule.skip == "FORWARD" else first - DAY)
    return found


def limits(rule: Rule, day: dt.date) -> bool:
    """Return whether the day passes every day part."""
    month = calendar.monthrange(day.year, day.month)[1]
    year, of_year = 366 if calendar.isleap(day.year) else 365, day.timetuple().tm_yday
    if rule.by_week_no:
        number = week_number(rule, day)[1]
        weeks = 53 if week_number(rule, day + (53 - number) * 7 * DAY)[1] == 53 else 52
        if number not in rule.by_week_no and number - weeks - 1 not in rule.by_week_no:
            return False
    return (
        (not rule.by_month or day.month in rule.by_month)
        and (not rule.by_month_day or day.day in rule.by_month_day or day.day - month - 1 in rule.by_month_day)
        and (not rule.by_year_day or of_year in rule.by_year_day or of_year - year - 1 in rule.by_year_day)
        and (not rule.by_day or weekday_fits(rule, day))
    )


def weekday_fits(rule: Rule, day: dt.date) -> bool:
    """Return whether BYDAY has the day: numbers count within the month, or the year where no month is named."""
    in_month = rule.freq == "MONTHLY" or bool(rule.by_month)
    same = [
        other
        for distance in range(-53, 54)
        if dt.date(1, 2, 1) < (other := day + 7 * distance * DAY)
        and other.year == day.year
        and (not in_month or other.month == day.month)
    ]
    place = same.index(day)
    return any(wd == day.weekday() and nth in {0, place + 1, place - len(same)} for nth, wd in rule.by_day)
