"""Finds the occurrences of a rule (RFC 5545 section 3.3.10). Local date-times are naive; whole seconds.

A rule and its DTSTART are prepared once: what the rule leaves open is filled in, and the way to search is chosen by
its parts. Each search takes a day and a second of that day and returns the first occurrence that is not before them.
"""

import datetime as dt
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from shared.recurrence.calendar import CalendarDays, EveryDays
from shared.recurrence.grammar import parse
from shared.recurrence.picked import Picked
from shared.recurrence.rule import FIRST, FREQUENCIES, Rule
from shared.recurrence.sub_daily import SubDaily
from shared.recurrence.times import PickedTimes, Times

_DAY = 86_400


class Search(Protocol):
    """One way to find occurrences."""

    def at_or_after(self, day: int, time: int) -> tuple[int, int] | None:
        """Return day and second of the day of the first occurrence that is not before these, None when none is."""


class DaysAndTimes:
    """Every allowed time of every allowed day: DAILY, and larger frequencies without BYSETPOS."""

    __slots__ = ("_days", "_times")

    def __init__(self, days: CalendarDays | EveryDays, times: Times | PickedTimes) -> None:
        self._days, self._times = days, times

    def at_or_after(self, day: int, time: int) -> tuple[int, int] | None:
        """Return day and second of the day of the first occurrence that is not before these, None when none is."""
        found = self._days.at_or_after(day)
        if found == day:
            at = self._times.at_or_after(time)
            if at is not None:
                return day, at
            found = self._days.at_or_after(day + 1)
        return None if found is None else (found, self._times.first)


class Nothing:
    """A rule whose BYSETPOS picks no time of any day."""

    def at_or_after(self, _day: int, _time: int) -> None:
        """Return None: there are no occurrences."""


class Prepared:
    """A rule with its DTSTART, ready to be searched."""

    __slots__ = ("_first", "_last", "_search")

    def __init__(self, rule: Rule, start: dt.datetime) -> None:
        # Whole seconds only: RFC 5545 knows no fractions.
        self._first = start.toordinal(), start.hour * 3_600 + start.minute * 60 + start.second
        last = rule.last
        self._last = last.toordinal(), last.hour * 3_600 + last.minute * 60 + last.second
        self._search = _search(anchored(rule, start), start)

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return the first occurrence later than `moment` and not before DTSTART; UNTIL counts, COUNT does not."""
        day, time = moment.toordinal(), moment.hour * 3_600 + moment.minute * 60 + moment.second + 1
        if time == _DAY:
            day, time = day + 1, 0
        return self._at_or_after(day, time)

    def first(self) -> dt.datetime | None:
        """Return the first occurrence of all."""
        return self._at_or_after(*self._first)

    def _at_or_after(self, day: int, time: int) -> dt.datetime | None:
        found = self._search.at_or_after(*max((day, time), self._first))
        if found is None or found > self._last:
            return None
        return FIRST + dt.timedelta(found[0] - 1, found[1])


@lru_cache(maxsize=256)
def prepared(text: str, start: dt.datetime) -> Prepared:
    """Return a rule ready to be searched; raises `RuleError` for malformed text."""
    return Prepared(parse(text), start)


def anchored(rule: Rule, start: dt.datetime) -> Rule:
    """Return the rule with what it leaves open taken from `start`: time of day, weekday, day, month."""
    rank = rule.rank
    if rank > FREQUENCIES.index("SECONDLY") and not rule.by_second:
        rule = replace(rule, by_second=(start.second,))
    if rank > FREQUENCIES.index("MINUTELY") and not rule.by_minute:
        rule = replace(rule, by_minute=(start.minute,))
    if rank > FREQUENCIES.index("HOURLY") and not rule.by_hour:
        rule = replace(rule, by_hour=(start.hour,))
    if rule.freq == "WEEKLY" and not rule.by_day:
        return replace(rule, by_day=((0, start.weekday()),))
    if rule.by_week_no:
        dated = rule.by_day or rule.by_month_day or rule.by_year_day
        return rule if dated else replace(rule, by_day=((0, start.weekday()),))
    if rule.freq not in {"MONTHLY", "YEARLY"} or rule.by_year_day or (rule.by_day and not rule.by_month_day):
        return rule
    # A day of the month is a day of DTSTART's month when no part of a YEARLY rule says which.
    month = rule.by_month or ((start.month,) if rule.freq == "YEARLY" else ())
    return replace(rule, by_month_day=rule.by_month_day or (start.day,), by_month=month)


def _search(rule: Rule, start: dt.datetime) -> Search:
    day = start.toordinal()
    if rule.rank < FREQUENCIES.index("DAILY"):
        return SubDaily(rule, start)
    times = Times(rule.by_hour, rule.by_minute, rule.by_second)
    if rule.by_set_pos and rule.freq != "DAILY":
        return Picked(rule, day, times)
    wanted = PickedTimes(times, rule.by_set_pos) if rule.by_set_pos else times
    if not wanted:
        return Nothing()
    simple = not rule.by_month and (rule.freq == "WEEKLY" or (rule.freq == "DAILY" and not rule.has_day_part))
    return DaysAndTimes(EveryDays(rule, day) if simple else CalendarDays(rule, day), wanted)
