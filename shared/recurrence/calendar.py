"""Finds the next allowed day of a rule without walking from its start (RFC 5545 section 3.3.10).

A search begins in the year of the wanted day, whatever the distance from the start, and looks at years as bits
(`days.py`). What has not come up within one turn of the 400-year Gregorian cycle, multiplied by what INTERVAL adds to
it, never will.
"""

import datetime as dt
from bisect import bisect_left
from math import gcd

from shared.recurrence.days import ALL_MONTHS, Days, week_year
from shared.recurrence.rule import Rule

LAST_DAY = dt.date.max.toordinal()
# Periods of each frequency in 400 years, after which the calendar repeats itself to the weekday.
CYCLE = {"YEARLY": 400, "MONTHLY": 4_800, "WEEKLY": 20_871, "DAILY": 146_097}
# Bits enough for a year and the days beside it.
BITS = 368
# Longer steps than this touch a year once or twice: no need to draw all of them.
_LONG_STEP = 512


class EveryDays:
    """Days at fixed distances: DAILY, and WEEKLY on weekdays, with nothing else to check."""

    __slots__ = ("_offsets", "_origin", "_step")

    def __init__(self, rule: Rule, start: int) -> None:
        weekly = rule.freq == "WEEKLY"
        self._origin = week_of(start, rule.wkst) if weekly else start
        self._step = rule.interval * (7 if weekly else 1)
        self._offsets = sorted((day - rule.wkst) % 7 for _, day in rule.by_day) if weekly else [0]

    def at_or_after(self, day: int) -> int | None:
        """Return the first allowed day that is not before `day`; it may lie beyond the calendar."""
        position = (day - self._origin) % self._step
        at = bisect_left(self._offsets, position)
        if at < len(self._offsets):
            return day - position + self._offsets[at]
        return day - position + self._step + self._offsets[0]


class CalendarDays:
    """Days that are looked up in the calendar, for a rule that is complete (`anchored`)."""

    __slots__ = ("_aligned", "_days", "_grace", "_origin", "_reach", "_rule", "_step", "last_year")

    def __init__(self, rule: Rule, start: int) -> None:
        self._rule, self._days = rule, Days(rule)
        self.last_year = min(rule.last.year + 1, 9999)
        # Weeks of the last year, and days that SKIP moves, can lie at the beginning of this one.
        self._grace = int(bool(rule.by_week_no or rule.skip != "OMIT"))
        cycle = CYCLE.get(rule.freq, CYCLE["DAILY"])
        interval = rule.interval if rule.freq in CYCLE else 1
        self._reach = 400 * (interval // gcd(cycle, interval)) + 1 + self._grace
        self._step = interval if rule.freq == "YEARLY" else 1
        self._origin = _origin(rule, start)
        width = {"DAILY": 1, "WEEKLY": 7}.get(rule.freq)
        self._aligned = AlignedDays(self._origin, width, interval) if width and interval > 1 else None

    def at_or_after(self, day: int) -> int | None:
        """Return the first allowed day that is not before `day`, None when there is none up to UNTIL's year."""
        if day > LAST_DAY:
            return None
        first = dt.date.fromordinal(day).year - self._grace
        last = min(first + self._reach, self.last_year)
        if self._step > 1:
            first += (self._origin - first) % self._step
        for year in range(first, last + 1, self._step):
            base, bits = self.of_year(year)
            if bits:
                if day > base:
                    bits >>= day - base
                    base = day
                if bits:
                    return base + (bits & -bits).bit_length() - 1
        return None

    def of_year(self, year: int) -> tuple[int, int]:
        """Return the day of bit 0, and the bits of the allowed days of a year; with BYWEEKNO of a year of weeks."""
        rule = self._rule
        if rule.by_week_no:
            return self._days.of_weeks(year)
        months = rule.by_month or ALL_MONTHS
        if rule.freq == "MONTHLY" and rule.interval > 1:
            phase = (self._origin - 12 * year) % rule.interval
            months = tuple(month for month in months if (month - 1) % rule.interval == phase)
        base, bits = self._days.of_year(year, months)
        return base, bits & self._aligned.from_day(base) if self._aligned and bits else bits


class AlignedDays:
    """The bits of the days that INTERVAL allows: `width` days of every `interval` times `width`."""

    __slots__ = ("_drawn", "_origin", "_step", "_width")

    def __init__(self, origin: int, width: int, interval: int) -> None:
        self._origin, self._width, self._step = origin, (1 << width) - 1, width * interval
        self._drawn = 0
        if self._step <= _LONG_STEP:
            self._drawn = sum(self._width << first for first in range(0, BITS + self._step, self._step))

    def from_day(self, base: int) -> int:
        """Return the bits from a day on, for at least a year."""
        phase = (self._origin - base) % self._step
        if self._drawn:
            return self._drawn >> self._step - phase
        begun = self._width >> self._step - phase if self._step - phase < BITS else 0
        return begun | (self._width << phase if phase < BITS else 0)


def week_of(day: int, wkst: int) -> int:
    """Return the first day of the week of a day."""
    return day - (day - 1 - wkst) % 7


def _origin(rule: Rule, start: int) -> int:
    """Return the number of the period of DTSTART: its year, month, first day of the week, or day."""
    date = dt.date.fromordinal(start)
    if rule.freq == "YEARLY":
        return week_year(start, date.year, rule.wkst) if rule.by_week_no else date.year
    if rule.freq == "MONTHLY":
        return date.year * 12 + date.month - 1
    return week_of(start, rule.wkst) if rule.freq == "WEEKLY" else start
