"""Days told by their place in a month or a year: "the 5th", "friday the 13th", "2nd fri in feb", "40th day of 2020"."""

import calendar
import datetime as dt
import re

from shared.quick_add.calendar import WEEKS, When, day_of, first_of, when, year_of
from shared.quick_add.words import days_after, month_number, number, weekday_number


def ordinal_day(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the next such day of a month: "on the 5th", or that of the month that is named: "5th of next month"."""
    day, which = number(match["day"]), match["which"]
    if which:
        first = first_of(now.date(), WEEKS[which])
        return when(day_of(first.year, first.month, day)) if first else None
    # "last" is -1.
    for months in range(13 if day > 0 else 0):
        first = first_of(now.date(), months)
        found = day_of(first.year, first.month, day) if first else None
        if found and found >= now.date():
            return When(found)
    return None


def weekday_and_day(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the next "friday the 13th"."""
    return _on_weekday(number(match["day"]), weekday_number(match["weekday"]), now)


def _on_weekday(day: int, wanted: int, now: dt.datetime) -> When | None:
    """Return the next such day of a month that is such a weekday: "friday the 13th"."""
    for months in range(60):
        first = first_of(now.date(), months)
        found = day_of(first.year, first.month, day) if first else None
        if found and found >= now.date() and found.weekday() == wanted:
            return When(found)
    return None


def nth(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the "2nd fri in feb", "2nd to last friday of june", "last day of next month"."""
    count = number(match["nth"])
    count = -count if match["from_last"] and count > 0 else count
    what, scope = match["what"], match["scope"].split()[-1]
    if scope == "month":
        which = match["scope"].split()[0]
        starts = [first_of(now.date(), WEEKS[which])] if which in WEEKS else [first_of(now.date(), n) for n in (0, 1)]
    else:
        years = [year_of(match["year"], now)] if match["year"] else [now.year, now.year + 1]
        starts = [day_of(year, month_number(scope), 1) for year in years]
    found = [day for start in starts if start and (day := _nth_of(start, what, count))]
    return when(next((day for day in found if day >= now.date()), found[-1] if len(starts) == 1 and found else None))


def _nth_of(first: dt.date, what: str, count: int) -> dt.date | None:
    days = [first.replace(day=day + 1) for day in range(calendar.monthrange(first.year, first.month)[1])]
    if what in {"workday", "weekday"}:
        days = [day for day in days if day.weekday() < 5]
    elif what != "day":
        days = [day for day in days if day.weekday() == weekday_number(what)]
    place = count - 1 if count > 0 else count
    return days[place] if -len(days) <= place < len(days) else None


def day_of_year(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the "35th day of 2010", without a year the next one; below 32 a day alone is that of a month."""
    count = number(match["nth"])
    if match["year"] is None and count <= 31:
        return None
    for year in [year_of(match["year"], now)] if match["year"] else [now.year, now.year + 1]:
        found = days_after(dt.date(year, 1, 1), count - 1)
        if found and found.year == year and (match["year"] or found >= now.date()):
            return When(found)
    return None
