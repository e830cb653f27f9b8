"""Finds the next allowed day of a rule without walking from its start (RFC 5545 section 3.3.10).

A search begins in the year of the wanted day, whatever the distance from the start, and looks at years as bits
(`days.py`). The calendar repeats itself after 400 years: what INTERVAL adds to that is settled by common divisors.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable
from math import gcd

from shared.recurrence.days import ALL_MONTHS, Days, week_year
from shared.recurrence.rule import Rule

LAST_DAY = dt.date.max.toordinal()
# The days of 400 years, after which the calendar repeats itself to the weekday.
CYCLE = 146_097
# So many days are looked up one by one sooner than year by year.
_FEW = 2_000
# Bits enough for a year and the days beside it.
BITS = 368


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

    __slots__ = ("_aligned", "_days", "_grace", "_months", "_origin", "_reach", "_rule", "_step", "last_year")

    def __init__(self, rule: Rule, start: int) -> None:
        self._rule, self._days = rule, Days(rule)
        self._origin = _origin(rule, start)
        self._months = rule.by_month or ALL_MONTHS
        if rule.freq == "MONTHLY":
            apart = gcd(rule.interval, 12)
            self._months = tuple(month for month in self._months if (month - 1 - self._origin) % apart == 0)
        self.last_year = min(rule.last.year + 1, 9999) if self._months else 0
        # Weeks of the last year, and days that SKIP moves, can lie at the beginning of this one.
        self._grace = int(bool(rule.by_week_no or rule.skip != "OMIT"))
        cycle = {"YEARLY": 400, "MONTHLY": 4_800}.get(rule.freq, 1)
        self._reach = 400 * (rule.interval // gcd(cycle, rule.interval) if cycle > 1 else 1) + self._grace
        self._step = rule.interval if rule.freq == "YEARLY" else 1
        width = {"DAILY": 1, "WEEKLY": 7}.get(rule.freq)
        self._aligned = None
        if width and rule.interval > 1:
            self._aligned = AlignedDays(range(self._origin, self._origin + width), width * rule.interval)

    def at_or_after(self, day: int) -> int | None:
        """Return the first allowed day that is not before `day`, None when there is none up to UNTIL's year."""
        return self.first(day, self._aligned)

    def first(self, day: int, aligned: "AlignedDays | None") -> int | None:
        """Return the first allowed day that is not before `day` and among the aligned ones."""
        if day > LAST_DAY:
            return None
        first = dt.date.fromordinal(day).year - self._grace
        last = min(first + self._reach, self.last_year)
        if self._rule.freq == "YEARLY":
            # Years before DTSTART's give nothing, not even a day that SKIP would move into it.
            first = max(first, self._origin)
        if self._step > 1:
            first += (self._origin - first) % self._step
        used = []
        for year in range(first, last + 1, self._step):
            base, bits = self.of_year(year)
            if bits and aligned is not None:
                used.append(year)
                bits &= aligned.from_day(base)
            if bits:
                if day > base:
                    bits >>= day - base
                    base = day
                if bits:
                    return base + (bits & -bits).bit_length() - 1
        return self._far(day, used, aligned) if aligned is not None and aligned.repeats_late else None

    def _far(self, day: int, used: list[int], aligned: "AlignedDays") -> int | None:
        """Look beyond 400 years, only at the kinds of years that have any day, and only if one can ever be aligned."""
        if self.first(day, aligned.within_cycle()) is None:
            return None
        few = aligned.few_from(day)
        if few is not None:
            return next((later for later in few if self._has(later)), None)
        for year in (year + later for later in range(400, 9999, 400) for year in used):
            if year > self.last_year:
                return None
            base, bits = self.of_year(year)
            if bits := bits & aligned.from_day(base):
                return base + (bits & -bits).bit_length() - 1
        return None

    def _has(self, day: int) -> bool:
        base, bits = self.of_year(dt.date.fromordinal(day).year)
        return bool(bits >> day - base & 1)

    def of_year(self, year: int) -> tuple[int, int]:
        """Return the day of bit 0, and the bits of the days of a year, or of a year of weeks with BYWEEKNO.

        INTERVAL is applied to months only.
        """
        rule = self._rule
        if rule.by_week_no:
            return self._days.of_weeks(year)
        months = self._months
        if rule.freq == "MONTHLY" and rule.interval > 1:
            phase = (self._origin - 12 * year) % rule.interval
            months = tuple(month for month in months if (month - 1) % rule.interval == phase)
        if rule.skip == "FORWARD" and rule.freq == "MONTHLY" and year <= self._origin // 12:
            months = tuple(month for month in months if 12 * year + month - 1 >= self._origin)
        return self._days.of_year(year, months)


class AlignedDays:
    """The days that INTERVAL allows: those whose number has one of some remainders modulo a period."""

    __slots__ = ("_bits", "_remainders", "period")

    def __init__(self, remainders: Iterable[int], period: int) -> None:
        self.period = period
        self._remainders = {day % period for day in remainders}
        size = min(period, LAST_DAY) + BITS + 8
        marks = bytearray(size // 8 + 1)
        for first in self._remainders:
            for day in range(first, size, period):
                marks[day >> 3] |= 1 << (day & 7)
        self._bits = bytes(marks)

    @property
    def repeats_late(self) -> bool:
        """Whether 400 years do not show every way in which these days and the calendar meet."""
        return CYCLE % self.period != 0

    def from_day(self, base: int) -> int:
        """Return the bits from a day on, for a year at least."""
        place = base % self.period
        return int.from_bytes(self._bits[place >> 3 : (place + BITS + 8) >> 3], "little") >> (place & 7)

    def few_from(self, day: int) -> list[int] | None:
        """Return all the days from one on to the end of the calendar, None where these are many."""
        if len(self._remainders) * (LAST_DAY - day) > _FEW * self.period:
            return None
        firsts = (day + (remainder - day) % self.period for remainder in self._remainders)
        return sorted(later for first in firsts for later in range(first, LAST_DAY + 1, self.period))

    def within_cycle(self) -> "AlignedDays":
        """Return the days that these can ever meet in the calendar of 400 years, by the common divisor."""
        return AlignedDays(self._remainders, gcd(self.period, CYCLE))


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
