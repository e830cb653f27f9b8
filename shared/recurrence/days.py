"""Which days a rule allows: the calendar side of RFC 5545 section 3.3.10, with SKIP of RFC 7529.

Periods of DAILY to YEARLY rules have an index: a day, week, month or year number that grows by one per period.
"""

import calendar
import datetime as dt

from shared.recurrence.rule import Rule

_LAST_DAY = dt.date.max.toordinal()


def period_index(rule: Rule, day: dt.date) -> int:
    """Return the number of the period that holds the day."""
    if rule.by_week_no:
        return _week_year(day, rule.wkst)
    if rule.freq == "YEARLY":
        return day.year
    if rule.freq == "MONTHLY":
        return day.year * 12 + day.month - 1
    if rule.freq == "WEEKLY":
        return (day.toordinal() - 1 - rule.wkst) // 7
    return day.toordinal()


def days_in(rule: Rule, index: int) -> list[dt.date]:
    """Return the days of one period that pass every day part, ascending."""
    if rule.by_week_no:
        return _of_weeks(rule, index)
    if rule.freq == "YEARLY":
        return _of_months(rule, index, rule.by_month or tuple(range(1, 13)))
    if rule.freq == "MONTHLY":
        year, month = divmod(index, 12)
        return _of_months(rule, year, (month + 1,))
    first = index * 7 + 1 + rule.wkst if rule.freq == "WEEKLY" else index
    span = range(max(first, 1), min(first + (7 if rule.freq == "WEEKLY" else 1), _LAST_DAY + 1))
    return [day for day in map(dt.date.fromordinal, span) if matches(rule, day)]


def _of_months(rule: Rule, year: int, months: tuple[int, ...]) -> list[dt.date]:
    found = set()
    for month in months:
        if rule.by_month and month not in rule.by_month:
            continue
        length = calendar.monthrange(year, month)[1]
        for number in rule.by_month_day or range(1, length + 1):
            day = number if number > 0 else length + 1 + number
            if 1 <= day <= length:
                found.add(dt.date(year, month, day))
            elif rule.skip != "OMIT" and day > length:
                end = dt.date(year, month, length)
                found.add(end if rule.skip == "BACKWARD" else end + dt.timedelta(days=1))
    # A skipped day is where it should be already, and SKIP goes with no other day part.
    return sorted(found if rule.skip != "OMIT" else (day for day in found if matches(rule, day)))


def matches(rule: Rule, day: dt.date) -> bool:
    """Return whether the day passes the day parts; week numbers are met by the choice of the period."""
    if rule.by_month and day.month not in rule.by_month:
        return False
    if rule.by_day and not any(weekday == day.weekday() and _is_nth(rule, day, nth) for nth, weekday in rule.by_day):
        return False
    length = calendar.monthrange(day.year, day.month)[1]
    if rule.by_month_day and not _counts(rule.by_month_day, day.day, length):
        return False
    return not rule.by_year_day or _counts(rule.by_year_day, day.timetuple().tm_yday, _year_length(day.year))


def _counts(wanted: tuple[int, ...], number: int, of: int) -> bool:
    return number in wanted or number - of - 1 in wanted


def _year_length(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _is_nth(rule: Rule, day: dt.date, nth: int) -> bool:
    if not nth:
        return True
    if rule.freq == "MONTHLY" or rule.by_month:
        number, length = day.day, calendar.monthrange(day.year, day.month)[1]
    else:
        number, length = day.timetuple().tm_yday, _year_length(day.year)
    return nth in {(number - 1) // 7 + 1, -((length - number) // 7 + 1)}


def _of_weeks(rule: Rule, year: int) -> list[dt.date]:
    first = _first_week(year, rule.wkst)
    weeks = (_first_week(year + 1, rule.wkst) - first) // 7
    numbers = {number if number > 0 else weeks + 1 + number for number in rule.by_week_no}
    span = (first + number * 7 - 7 + day for number in sorted(numbers) if 1 <= number <= weeks for day in range(7))
    found = (dt.date.fromordinal(day) for day in span if 1 <= day <= _LAST_DAY)
    return [day for day in found if matches(rule, day)]


def _first_week(year: int, wkst: int) -> int:
    """Return the ordinal of the first day of week 1, the first week with four days in the year."""
    # The day number of 4 January, which is always in week 1; proleptic so that it also knows the year 10000.
    fourth = (year - 1) * 365 + (year - 1) // 4 - (year - 1) // 100 + (year - 1) // 400 + 4
    return fourth - (fourth - 1 - wkst) % 7


def _week_year(day: dt.date, wkst: int) -> int:
    number = day.toordinal()
    if number < _first_week(day.year, wkst):
        return day.year - 1
    return day.year + (number >= _first_week(day.year + 1, wkst))
