"""What the words of a day mean when they are typed. A day without a year is the next one."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from shared.quick_add.words import CARDINALS, days_after, month_number, number, weekday_number

WEEKS = {"this": 0, "next": 1, "coming": 1, "following": 1, "last": -1, "previous": -1, "past": -1}


@dataclass(frozen=True, slots=True)
class When:
    """A date, with the time that the words themselves carry ("in 3 hours"); `late` makes "at 9" 21:00."""

    date: dt.date
    time: dt.time | None = None
    late: bool = False


def day_of(year: int, month: int, day: int) -> dt.date | None:
    """Return the date, None for one that does not exist."""
    try:
        return dt.date(year, month, day)
    except ValueError:
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
    """2026-12-31, 2026/dec/31, 2026-12-31T09:30; one with an offset is told in the zone of `now`, if it has one."""
    word = match["month"]
    month = int(word) if word.isdecimal() else month_number(word)
    found = coming(month, int(match["day"]), match["year"], now)
    clock, offset = match.groupdict().get("clock"), match.groupdict().get("offset")
    if not (found and clock):
        return found
    moment = dt.datetime.combine(found.date, dt.time.fromisoformat(clock))
    if offset and now.tzinfo:
        try:
            moment = dt.datetime.fromisoformat(f"{moment.isoformat()}{offset.upper()}").astimezone(now.tzinfo)
        except (OverflowError, ValueError):
            return None
    return When(moment.date(), moment.time())


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
    """Return the coming weekday, today only where nothing says "coming"; "next" is that of the next week."""
    today, wanted = now.date(), weekday_number(match["weekday"])
    which = match.groupdict().get("week")
    if which:
        return when(days_after(today, 7 * WEEKS[which] - today.weekday() + wanted))
    which = match.groupdict().get("which")
    if which in {"next", "following", "last", "previous"}:
        return when(days_after(today, 7 * WEEKS[which] - today.weekday() + wanted))
    if which == "coming":
        return when(days_after(today, (wanted - today.weekday() - 1) % 7 + 1))
    days = (wanted - today.weekday()) % 7
    return when(days_after(today, (days - 7) if which == "past" else days))


def first_of(day: dt.date, months: int) -> dt.date | None:
    """Return the first of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day_of(year, month + 1, 1)


def ahead(count: int, unit: str, now: dt.datetime) -> When | None:
    """Return now moved on by so many minutes … years; a day that a month lacks becomes its last."""
    try:
        if unit in {"minute", "min", "hour", "hr", "h"}:
            found = now + dt.timedelta(minutes=count * (60 if unit[0] == "h" else 1), seconds=30)
            return When(found.date(), found.time().replace(second=0, microsecond=0))
        if unit == "workday":
            return when(_workdays(now.date(), count))
        days = {"day": 1, "d": 1, "week": 7, "wk": 7, "w": 7, "fortnight": 14}.get(unit)
        if days:
            return When(now.date() + dt.timedelta(days=count * days))
        months = {"month": 1, "quarter": 3}.get(unit, 12)
        year, month = divmod(now.year * 12 + now.month - 1 + count * months, 12)
        return When(dt.date(year, month + 1, min(now.day, calendar.monthrange(year, month + 1)[1])))
    except (OverflowError, ValueError):
        return None


def _workdays(day: dt.date, count: int) -> dt.date:
    step = dt.timedelta(days=1 if count > 0 else -1)
    while count:
        day += step
        if day.weekday() < 5:
            count -= 1 if count > 0 else -1
    return day


def same(_match: re.Match[str], day: When, _now: dt.datetime) -> When | None:
    """Return the date that a weekday stands before."""
    return day


def after_today(_match: re.Match[str], day: When, now: dt.datetime) -> When | None:
    """Return the date after "next", which is not today."""
    return day if day.date > now.date() else None
