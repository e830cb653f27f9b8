"""HOURLY, MINUTELY and SECONDLY rules: INTERVAL counts hours, minutes or seconds of local time from DTSTART.

Seen from midnight, the units that INTERVAL allows shift from day to day by a fixed amount, so that each unit of the day
comes up on every K-th day. A short walk finds what is near; where the parts leave so little that it does not, the days
on which any wanted unit comes up are marked modulo K and laid over the calendar, which is exact.
"""

import datetime as dt
from math import gcd

from shared.recurrence.calendar import AlignedDays, CalendarDays
from shared.recurrence.rule import Rule
from shared.recurrence.times import PickedTimes, Times

_DAY = 86_400
_UNITS = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3_600}
# How many days or units the short walk looks at.
_NEAR = 300


class SubDaily:
    """The occurrences of a rule whose frequency is shorter than a day."""

    __slots__ = ("_calendar", "_inner", "_interval", "_is_free", "_marked", "_origin", "_per_day", "_unit", "_wanted")

    def __init__(self, rule: Rule, start: dt.datetime) -> None:
        self._unit, self._interval = _UNITS[rule.freq], rule.interval
        self._per_day = _DAY // self._unit
        time = start.hour * 3_600 + start.minute * 60 + start.second
        self._origin = start.toordinal() * self._per_day + time // self._unit
        self._calendar = CalendarDays(rule, start.toordinal())
        self._wanted, inner = _wanted(rule), _inner(rule)
        self._inner = PickedTimes(inner, rule.by_set_pos) if rule.by_set_pos else inner
        self._is_free = self._wanted.size == self._per_day and not (rule.has_day_part or rule.by_month)
        self._marked: AlignedDays | None = None

    def at_or_after(self, day: int, time: int) -> tuple[int, int] | None:
        """Return day and second of the day of the first occurrence that is not before these, None when none is."""
        if not self._inner:
            return None
        unit, rest = divmod(time, self._unit)
        found = self._next(day, unit)
        if found == (day, unit):
            within = self._inner.at_or_after(rest)
            if within is not None:
                return day, unit * self._unit + within
            found = self._next(day, unit + 1)
        return None if found is None else (found[0], found[1] * self._unit + self._inner.first)

    def _next(self, day: int, unit: int) -> tuple[int, int] | None:
        """Return day and unit of the day of the first allowed unit that is not before these."""
        index = day * self._per_day + unit
        for _ in range(_NEAR):
            index += (self._origin - index) % self._interval
            day, unit = divmod(index, self._per_day)
            if self._is_free:
                return day, unit
            allowed = self._calendar.at_or_after(day)
            if allowed is None:
                return None
            wanted = self._wanted.at_or_after(unit * self._unit) if allowed == day else None
            if wanted == unit * self._unit:
                return day, unit
            if wanted is not None:
                index = day * self._per_day + wanted // self._unit
            else:
                index = (allowed if allowed > day else day + 1) * self._per_day
        return self._far(*divmod(index, self._per_day))

    def _far(self, day: int, unit: int) -> tuple[int, int] | None:
        found = self._on_day(day, unit) if self._calendar.at_or_after(day) == day else None
        if found is None:
            if self._marked is None:
                self._marked = _marked(self._origin, self._interval, self._wanted, self._unit)
            later = self._calendar.first(day + 1, self._marked)
            if later is None:
                return None
            day, found = later, self._on_day(later, 0)
        return None if found is None else (day, found)

    def _on_day(self, day: int, unit: int) -> int | None:
        """Return the first allowed unit of one day that is not before `unit`."""
        phase = self._origin - day * self._per_day
        while unit < self._per_day:
            unit += (phase - unit) % self._interval
            wanted = self._wanted.at_or_after(unit * self._unit)
            if wanted is None or wanted == unit * self._unit:
                return unit if wanted is not None else None
            unit = wanted // self._unit
        return None


def _marked(origin: int, interval: int, wanted: Times, unit: int) -> AlignedDays:
    """Return the days on which a wanted unit of the day is one that INTERVAL allows."""
    per_day = _DAY // unit
    common = gcd(interval, per_day)
    period = interval // common
    # The unit t comes up on day n when n * per_day + t is origin modulo the interval; both sides have the divisor.
    inverse = pow(per_day // common, -1, period)
    distances = (origin - time // unit for time in wanted.all())
    remainders = {distance // common * inverse % period for distance in distances if distance % common == 0}
    return AlignedDays(remainders, period)


def _wanted(rule: Rule) -> Times:
    """Return the starts of the units of the day that the BY parts of larger and the same size allow."""
    hours = rule.by_hour or range(24)
    minutes = (0,) if rule.freq == "HOURLY" else rule.by_minute or range(60)
    return Times(hours, minutes, (rule.by_second or range(60)) if rule.freq == "SECONDLY" else (0,))


def _inner(rule: Rule) -> Times:
    """Return the times within one unit, which the BY parts of smaller size expand to."""
    minutes = rule.by_minute if rule.freq == "HOURLY" else (0,)
    return Times((0,), minutes, rule.by_second if rule.freq != "SECONDLY" else (0,))
