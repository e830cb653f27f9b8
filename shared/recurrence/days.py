"""Which days of a year a rule allows, as the bits of one number: the calendar side of RFC 5545 section 3.3.10.

Bit n is day n of the year; bit 0 is the day before it and the bit after the last the day after it, for days that SKIP
(RFC 7529) moves there. There are 14 kinds of years, so the bits of each kind are found once.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from shared.recurrence.rule import DAYS_IN_MONTH, Rule

ALL_MONTHS = tuple(range(1, 13))
_LENGTHS = (tuple(28 if days == 29 else days for days in DAYS_IN_MONTH), DAYS_IN_MONTH)
# How many days of the year are over before each month, in common and leap years.
_BEFORE = tuple((0, *accumulate(lengths)) for lengths in _LENGTHS)
_EVERY_SEVENTH = sum(1 << 7 * week for week in range(54))
WEEK = 0b111_1111


def new_year(year: int) -> int:
    """Return the day number (1 is 1 January of the year 1, a Monday) of 1 January; also of the years 0 and 10000."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400 + 1


def first_week(year: int, wkst: int) -> int:
    """Return the first day of week 1, the first week with four days in the year."""
    fourth = new_year(year) + 3
    return fourth - (fourth - 1 - wkst) % 7


def week_year(day: int, year: int, wkst: int) -> int:
    """Return the year that the week of a day of `year` is counted in."""
    return year - 1 if day < first_week(year, wkst) else year + (day >= first_week(year + 1, wkst))


def moved(bits: int, days: int) -> int:
    """Return the bits as seen from a base that lies so many days earlier (later when negative)."""
    return bits << days if days >= 0 else bits >> -days


class Days:
    """The days of an anchored rule, year by year."""

    __slots__ = ("_found", "_rule")

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._found: dict[tuple[int, int, tuple[int, ...]], int] = {}

    def of_year(self, year: int, months: tuple[int, ...]) -> tuple[int, int]:
        """Return the day of bit 0, and the bits of the allowed days in these months of a year."""
        first = new_year(year)
        leap = new_year(year + 1) - first - 365
        key = first % 7, leap, months
        bits = self._found.get(key)
        if bits is None:
            bits = self._found[key] = _bits(self._rule, months, (first - 1) % 7, leap)
        return first - 1, bits

    def of_month(self, year: int, month: int) -> tuple[int, int]:
        """Return the same for one month; a day that SKIP moves out of it belongs to it all the same."""
        if self._rule.skip != "OMIT":
            return self.of_year(year, (month,))
        base, bits = self.of_year(year, ALL_MONTHS)
        before = _BEFORE[new_year(year + 1) - base - 366]
        return base, bits & _span(before[month - 1] + 1, before[month])

    def of_weeks(self, year: int) -> tuple[int, int]:
        """Return the same for the weeks of BYWEEKNO: the year of weeks, from its first week to its last."""
        rule, start = self._rule, first_week(year, self._rule.wkst)
        weeks = (first_week(year + 1, rule.wkst) - start) // 7
        wanted = {number if number > 0 else weeks + 1 + number for number in rule.by_week_no}
        inside = sum(WEEK << 7 * (number - 1) for number in wanted if 1 <= number <= weeks)
        bits = 0
        for calendar_year in (year - 1, year, year + 1):
            base, days = self.of_year(calendar_year, rule.by_month or ALL_MONTHS)
            bits |= moved(days, base - start)
        return start, bits & inside


def _bits(rule: Rule, months: tuple[int, ...], weekday: int, leap: int) -> int:
    if rule.by_month_day:
        bits = _of_month_days(rule, months, leap)
    else:
        bits = sum(_span(_BEFORE[leap][month - 1] + 1, _BEFORE[leap][month]) for month in months)
    if rule.by_year_day:
        year_days = _of_year_days(rule, 365 + leap)
        bits = year_days if rule.skip != "OMIT" else bits & year_days
    return bits & _of_weekdays(rule, weekday, leap) if rule.by_day else bits


def _span(first: int, last: int) -> int:
    return (1 << last + 1) - (1 << first)


def _of_month_days(rule: Rule, months: tuple[int, ...], leap: int) -> int:
    found = {
        _BEFORE[leap][month - 1] + day
        for month in months
        for number in rule.by_month_day
        if (day := _day_of(number, _LENGTHS[leap][month - 1], rule.skip)) is not None
    }
    return sum(1 << day for day in found)


def _of_year_days(rule: Rule, length: int) -> int:
    found = {_day_of(number, length, rule.skip) for number in rule.by_year_day}
    return sum(1 << day for day in found if day is not None)


def _day_of(number: int, length: int, skip: str) -> int | None:
    """Return day `number` of a month or year, counted from its end when negative; SKIP moves one that is missing.

    A day past the end lies between this period and the next, one before the beginning between the last and this one.
    """
    if abs(number) <= length:
        return number if number > 0 else length + 1 + number
    if skip == "OMIT":
        return None
    return (length if number > 0 else 0) + (skip == "FORWARD")


def _of_weekdays(rule: Rule, weekday: int, leap: int) -> int:
    """Return the bits of BYDAY: a number counts within the month, or the year where the rule names no month.

    All months are counted out: SKIP can move a day into one that the rule does not name.
    """
    before = _BEFORE[leap]
    spans: Sequence[tuple[int, int]] = [(1, 365 + leap)]
    if rule.freq == "MONTHLY" or rule.by_month:
        spans = [(first + 1, last) for first, last in pairwise(before)]
    found = {day for nth, wanted in rule.by_day if nth for day in _nth_days(spans, nth, (wanted - weekday + 1) % 7)}
    bits = sum(1 << day for day in found)
    for nth, wanted in rule.by_day:
        if not nth:
            bits |= _EVERY_SEVENTH << (wanted - weekday + 1) % 7
    return bits


def _nth_days(spans: Sequence[tuple[int, int]], nth: int, phase: int) -> list[int]:
    found = []
    for first, last in spans:
        from_start = first + (phase - first) % 7 + 7 * (nth - 1)
        from_end = last - (last - phase) % 7 + 7 * (nth + 1)
        if first <= (day := from_start if nth > 0 else from_end) <= last:
            found.append(day)
    return found
