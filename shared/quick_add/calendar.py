"""What the words of a day mean when they are typed. A day without a year is the next one."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from shared.quick_add.words import CARDINALS, days_after, month_number, number, weekday_number

_WEEKS = {"this": 0, "next": 1, "coming": 1, "following": 1, "last": -1, "previous": -1, "past": -1}


@dataclass(frozen=True, slots=True)
class When:
    """A date, with the time that the words themselves carry ("in 3 hours"); `late` makes "at 9" 21:00."""

    date: dt.date
    time: dt.time | None = None
    late: bool = False


def day_of(year: int, month: int, day: int) -> dt.date | None:
    """Return the date, None for one that does not exist."""
    if dt.MINYEAR <= year <= dt.MAXYEAR and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
        return dt.date(year, month, day)
    return None


def when(day: dt.date | None) -> When | None:
    """Wrap a date that may not exist."""
    return When(day) if day else None


def year_of(text: str, now: dt.datetime) -> int:
    """Return the year of "2027", "27", "nineteen eighty six" or "two thousand and five"."""
    if text[0].isdecimal():
        year = int(text)
        # Two digits reach half a century ahead, and from there they mean the past.
        return year if len(text) > 2 else year + (1900 if year + 2000 > now.year + 50 else 2000)
    first, *rest = [word for word in re.split(r"[\s-]+", text) if word not in {"and", "hundred", "thousand", "oh"}]
    return CARDINALS[first] * (1000 if "thousand" in text else 100) + sum(CARDINALS[word] for word in rest)


def coming(month: int, day: int, year: str | None, now: dt.datetime) -> When | None:
    """Return the stated date, or without a year the next one from today on."""
    if year:
        return when(day_of(year_of(year, now), month, day))
    for ahead in range(9):
        found = day_of(now.year + ahead, month, day)
        if found and found >= now.date():
            return When(found)
    return None


def stated_year(match: re.Match[str]) -> str | None:
    """Return the year of a match in any of its spellings."""
    groups = match.groupdict()
    return groups.get("year") or groups.get("short") or groups.get("joined")


def iso(match: re.Match[str], now: dt.datetime) -> When | None:
    """2026-12-31, 2026/dec/31, 2026-12-31T09:30; the offset of a time is not counted, the user's zone is meant."""
    word = match["month"]
    month = int(word) if word.isdecimal() else month_number(word)
    found = coming(month, int(match["day"]), match["year"], now)
    clock = match.groupdict().get("clock")
    return When(found.date, dt.time.fromisoformat(clock)) if found and clock else found


def named(match: re.Match[str], now: dt.datetime) -> When | None:
    """31 dec, december 31st 2027, the thirty-first of december."""
    return coming(month_number(match["month"]), number(match["day"]), stated_year(match), now)


def month_first(match: re.Match[str], now: dt.datetime) -> When | None:
    """12/31 of American English; 31.12 can only be the other way round."""
    first, second = int(match["first"]), int(match["second"])
    month, day = (first, second) if first <= 12 else (second, first)
    return coming(month, day, match["year"], now)


def day_first(match: re.Match[str], now: dt.datetime) -> When | None:
    """31/12 or 31.12.2026."""
    first, second = int(match["first"]), int(match["second"])
    day, month = (first, second) if second <= 12 else (second, first)
    return coming(month, day, match["year"], now)


def weekday(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the coming weekday, today included; "next" is that of the next week, Monday to Sunday."""
    today, wanted = now.date(), weekday_number(match["weekday"])
    which = match.groupdict().get("week")
    if which:
        return when(days_after(today, 7 * _WEEKS[which] - today.weekday() + wanted))
    which = match.groupdict().get("which")
    if which in {"next", "following", "last", "previous"}:
        return when(days_after(today, 7 * _WEEKS[which] - today.weekday() + wanted))
    days = (wanted - today.weekday()) % 7
    return when(days_after(today, (days - 7) if which == "past" else days))


def _on_weekday(day: int, wanted: int, now: dt.datetime) -> When | None:
    """Return the next such day of a month that is such a weekday: "friday the 13th"."""
    for months in range(60):
        first = first_of(now.date(), months)
        found = day_of(first.year, first.month, day) if first else None
        if found and found >= now.date() and found.weekday() == wanted:
            return When(found)
    return None


def ordinal_day(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the next such day of a month: "on the 5th", or that of the month that is named: "5th of next month"."""
    day, which = number(match["day"]), match["which"]
    if which:
        first = first_of(now.date(), _WEEKS[which])
        return when(day_of(first.year, first.month, day)) if first else None
    for months in range(13):
        first = first_of(now.date(), months)
        found = day_of(first.year, first.month, day) if first else None
        if found and found >= now.date():
            return When(found)
    return None


def nth(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the "2nd fri in feb", "2nd to last friday of june", "last day of next month"."""
    count = number(match["nth"])
    count = -count if match["from_last"] and count > 0 else count
    what, scope = match["what"], match["scope"].split()[-1]
    if scope == "month":
        which = match["scope"].split()[0]
        starts = [first_of(now.date(), _WEEKS[which])] if which in _WEEKS else [first_of(now.date(), n) for n in (0, 1)]
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


def first_of(day: dt.date, months: int) -> dt.date | None:
    """Return the first of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day_of(year, month + 1, 1)


def weekday_and_day(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the next "friday the 13th"."""
    return _on_weekday(number(match["day"]), weekday_number(match["weekday"]), now)


def same(_match: re.Match[str], day: When, _now: dt.datetime) -> When | None:
    """Return the date that a weekday stands before."""
    return day


def after_today(_match: re.Match[str], day: When, now: dt.datetime) -> When | None:
    """Return the date after "next", which is not today."""
    return day if day.date > now.date() else None
