"""What the words of a date mean on the day they are typed. A date without a year is the next one."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from shared.quick_add.words import days_after, month_number, number, weekday_number


@dataclass(frozen=True, slots=True)
class When:
    """A date, with the time that the words themselves carry ("in 3 hours"); `late` makes "at 9" 21:00."""

    date: dt.date
    time: dt.time | None = None
    late: bool = False


def _date(year: int, month: int, day: int) -> dt.date | None:
    if dt.MINYEAR <= year <= dt.MAXYEAR and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
        return dt.date(year, month, day)
    return None


def _coming(month: int, day: int, year: str | None, now: dt.datetime) -> When | None:
    """Return the stated date, or without a year the next one from today on."""
    if year:
        found = _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        return When(found) if found else None
    for ahead in range(9):
        found = _date(now.year + ahead, month, day)
        if found and found >= now.date():
            return When(found)
    return None


def iso(match: re.Match[str], now: dt.datetime) -> When | None:
    """2026-12-31."""
    return _coming(int(match["month"]), int(match["day"]), match["year"], now)


def named(match: re.Match[str], now: dt.datetime) -> When | None:
    """31 dec, december 31st 2027."""
    return _coming(month_number(match["month"]), int(match["day"]), match["year"], now)


def month_first(match: re.Match[str], now: dt.datetime) -> When | None:
    """12/31 of American English; with dots the day is always first."""
    if match["mark"] == ".":
        return day_first(match, now)
    return _coming(int(match["first"]), int(match["second"]), match["year"], now)


def day_first(match: re.Match[str], now: dt.datetime) -> When | None:
    """31/12 or 31.12.2026."""
    return _coming(int(match["second"]), int(match["first"]), match["year"], now)


def word(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return what today, tonight, tomorrow, the day after tomorrow are."""
    said = match["word"]
    if said == "tonight":
        return When(now.date(), dt.time(20) if now.hour < 20 else None, late=True)
    days = 0 if said == "today" else 2 if said.endswith("after tomorrow") else 1
    found = days_after(now.date(), days)
    return When(found) if found else None


def in_units(match: re.Match[str], now: dt.datetime) -> When | None:
    """In 3 days, 2 weeks from now."""
    return ahead(number(match["n"]), match["unit"], now)


def ahead(count: int, unit: str, now: dt.datetime) -> When | None:
    """Return now moved on by so many minutes … years; a day that a month lacks becomes its last."""
    try:
        if unit in {"minute", "min", "hour", "hr"}:
            moved = now + dt.timedelta(minutes=count * (60 if unit[0] == "h" else 1), seconds=30)
            return When(moved.date(), moved.time().replace(second=0, microsecond=0))
        if unit in {"day", "week", "fortnight"}:
            return When(now.date() + dt.timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit]))
        year, month = divmod(now.year * 12 + now.month - 1 + count * (12 if unit == "year" else 1), 12)
        return When(dt.date(year, month + 1, min(now.day, calendar.monthrange(year, month + 1)[1])))
    except (OverflowError, ValueError):
        return None


def unit(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return what "next week" (its Monday), "next month" (its first), "this weekend", "end of month" stand for."""
    today, which, what = now.date(), match["which"], match["what"]
    if which in {"next", "this"} and what == "weekend":
        return _plus(today, (5 - today.weekday()) % 7 + (7 if which == "next" else 0))
    if which == "next":
        monday = _plus(today, 7 - today.weekday())
        return monday if what == "week" else _first_of(today, months=12 - today.month + 1 if what == "year" else 1)
    if what == "week":
        return _plus(today, (4 - today.weekday()) % 7)
    month = 12 if what == "year" else today.month
    return When(dt.date(today.year, month, calendar.monthrange(today.year, month)[1]))


def weekday(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the coming weekday, today only where nothing says "coming"; "next" is that of the next week."""
    today, wanted = now.date(), weekday_number(match["weekday"])
    if match["which"] == "next":
        return _plus(today, 7 - today.weekday() + wanted)
    if match["which"] == "coming":
        return _plus(today, (wanted - today.weekday() - 1) % 7 + 1)
    return _plus(today, (wanted - today.weekday()) % 7)


def ordinal_day(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the next such day of a month: "on the 5th"."""
    for months in range(13):
        first = _first_of(now.date(), months)
        found = _date(first.date.year, first.date.month, int(match["day"])) if first else None
        if found and found >= now.date():
            return When(found)
    return None


def _plus(day: dt.date, days: int) -> When | None:
    found = days_after(day, days)
    return When(found) if found else None


def _first_of(day: dt.date, months: int) -> When | None:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return When(dt.date(year, month + 1, 1)) if year <= dt.MAXYEAR else None
