"""BYSETPOS over the days and times of a week, a month or a year (RFC 5545 section 3.3.10).

Each period gives days and times of day whose product, in order, is the set that positions are counted in. They are
picked by arithmetic: the set of a hostile year has 31 million members.
"""

import datetime as dt
from collections.abc import Iterator
from math import gcd

from shared.recurrence.calendar import LAST_DAY, CalendarDays, week_of
from shared.recurrence.days import ALL_MONTHS, WEEK, Days, moved, week_year
from shared.recurrence.rule import Rule
from shared.recurrence.times import Times, places

# Periods of each frequency in 400 years, after which the calendar repeats itself to the weekday.
_CYCLE = {"YEARLY": 400, "MONTHLY": 4_800, "WEEKLY": 20_871}


class Picked:
    """The occurrences of a WEEKLY, MONTHLY or YEARLY rule with BYSETPOS."""

    __slots__ = ("_days", "_least", "_origin", "_reach", "_rule", "_times", "_years")

    def __init__(self, rule: Rule, start: int, times: Times) -> None:
        self._rule, self._times, self._days = rule, times, Days(rule)
        self._years = CalendarDays(rule, start)
        self._origin = self._period(start)
        # One period of grace at each end, for days that SKIP moves over the edge.
        self._reach = _CYCLE[rule.freq] // gcd(_CYCLE[rule.freq], rule.interval) + 2
        self._least = min(map(abs, rule.by_set_pos))
        if rule.freq == "WEEKLY" and self._least > len(rule.by_day) * times.size:
            self._reach = 0

    def at_or_after(self, day: int, time: int) -> tuple[int, int] | None:
        """Return day and second of the day of the first occurrence that is not before these, None when none is."""
        if day > LAST_DAY:
            return None
        for base, bits in self._periods(day):
            size = bits.bit_count() * self._times.size
            for place in places(self._rule.by_set_pos, size) if size >= self._least else ():
                at, rest = divmod(place, self._times.size)
                found = base + _set_bit(bits, at), self._times.at(rest)
                if found >= (day, time):
                    return found
        return None

    def _periods(self, day: int) -> Iterator[tuple[int, int]]:
        rule = self._rule
        first = max(0, (self._period(day) - self._origin) // rule.interval - 1)
        last = self._period(min(rule.last.toordinal() + 1, LAST_DAY))
        for step in range(first, first + self._reach):
            period = self._origin + step * rule.interval
            if period > last:
                return
            if rule.freq == "YEARLY":
                yield self._years.of_year(period)
            elif rule.freq == "MONTHLY":
                yield self._of_month(period)
            else:
                yield self._of_week(period)

    def _of_month(self, period: int) -> tuple[int, int]:
        year, month = divmod(period, 12)
        if self._rule.by_month and month + 1 not in self._rule.by_month:
            return 0, 0
        return self._days.of_month(year, month + 1)

    def _of_week(self, period: int) -> tuple[int, int]:
        first, week = period * 7 + 1 + self._rule.wkst, 0
        ends = max(first, 1), min(first + 6, LAST_DAY)
        for year in {dt.date.fromordinal(end).year for end in ends}:
            base, bits = self._days.of_year(year, self._rule.by_month or ALL_MONTHS)
            week |= moved(bits, base - first)
        return first, week & WEEK

    def _period(self, day: int) -> int:
        """Return the number of the period that holds a day."""
        rule, date = self._rule, dt.date.fromordinal(day)
        if rule.freq == "YEARLY":
            return week_year(day, date.year, rule.wkst) if rule.by_week_no else date.year
        if rule.freq == "MONTHLY":
            return date.year * 12 + date.month - 1
        return (week_of(day, rule.wkst) - 1 - rule.wkst) // 7


def _set_bit(bits: int, at: int) -> int:
    """Return the place of the set bit number `at`, counted from 0."""
    for _ in range(at):
        bits &= bits - 1
    return (bits & -bits).bit_length() - 1
