"""The holidays that people write instead of a date, in English.

Few on purpose: those that a user of English-speaking countries means as one day of every year. Where countries differ
(Mother's Day) it is the American day. Days of other calendars and days with a shorter name of their own are left out.
"""

import datetime as dt
import re
from collections.abc import Callable

from shared.quick_add.calendar import When, when

Day = Callable[[int], dt.date]


def easter(year: int) -> dt.date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous algorithm of Meeus, Jones and Butcher)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leap, corrected = divmod(century, 4)
    epact = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * corrected + 2 * (rest // 4) - epact - rest % 4) % 7
    month, day = divmod(epact + sunday - 7 * ((golden + 11 * epact + 22 * sunday) // 451) + 114, 31)
    return dt.date(year, month, day + 1)


def _fixed(month: int, day: int) -> Day:
    return lambda year: dt.date(year, month, day)


def _weekday(month: int, weekday: int, nth: int) -> Day:
    """Return the nth weekday (0 is Monday) of a month, with -1 the last."""

    def day(year: int) -> dt.date:
        if nth < 0:
            last = dt.date(year, month + 1, 1) - dt.timedelta(days=1)
            return last - dt.timedelta(days=(last.weekday() - weekday) % 7)
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))

    return day


def _from(base: Day, days: int) -> Day:
    return lambda year: base(year) + dt.timedelta(days=days)


_THANKSGIVING = _weekday(11, 3, 4)
# A name stands before those that begin like it.
_HOLIDAYS: dict[str, Day] = {
    r"(?:christmas|xmas)\seve": _fixed(12, 24),
    r"(?:christmas|xmas)(?:\sday)?": _fixed(12, 25),
    r"boxing\sday": _fixed(12, 26),
    r"new\syear['’]?s?\seve": _fixed(12, 31),
    r"new\syear['’]?s?(?:\sday)?": _fixed(1, 1),
    r"(?:martin\sluther\sking(?:\sjr\.?)?|mlk)(?:\sday)?": _weekday(1, 0, 3),
    r"presidents?['’]?s?\sday": _weekday(2, 0, 3),
    r"(?:st\.?\s|saint\s)?valentine['’]?s?(?:\sday)?": _fixed(2, 14),
    r"(?:st\.?|saint)\spatrick['’]?s?(?:\sday)?": _fixed(3, 17),
    r"(?:international\s)?women['’]?s['’]?\sday": _fixed(3, 8),
    r"april\sfools?['’]?s?(?:\sday)?": _fixed(4, 1),
    r"earth\sday": _fixed(4, 22),
    r"(?:international\s)?workers?['’]?s?['’]?\sday": _fixed(5, 1),
    r"mother['’]?s['’]?\sday": _weekday(5, 6, 2),
    r"memorial\sday": _weekday(5, 0, -1),
    r"father['’]?s['’]?\sday": _weekday(6, 6, 3),
    r"juneteenth": _fixed(6, 19),
    r"independence\sday": _fixed(7, 4),
    r"labou?r\sday": _weekday(9, 0, 1),
    r"columbus\sday": _weekday(10, 0, 2),
    r"hallowe['’]?en": _fixed(10, 31),
    r"veterans?['’]?s?\sday": _fixed(11, 11),
    r"thanksgiving(?:\sday)?": _THANKSGIVING,
    r"black\sfriday": _from(_THANKSGIVING, 1),
    r"cyber\smonday": _from(_THANKSGIVING, 4),
    r"ash\swednesday": _from(easter, -46),
    r"palm\ssunday": _from(easter, -7),
    r"good\sfriday": _from(easter, -2),
    r"easter\smonday": _from(easter, 1),
    r"easter(?:\s(?:day|sunday))?": easter,
    r"whit\smonday": _from(easter, 50),
}
_NAMES = [(re.compile(name), day) for name, day in _HOLIDAYS.items()]
NAME = "|".join(f"(?:{name})" for name in _HOLIDAYS)
# The words that a name begins with.
FIRST_WORDS = (
    "christmas", "xmas", "boxing", "new", "martin", "mlk", "president", "presidents", "st", "saint", "valentine",
    "valentines", "international", "women", "womens", "april", "earth", "worker", "workers", "mother", "mothers",
    "memorial", "father", "fathers", "juneteenth", "independence", "labor", "labour", "columbus", "halloween",
    "hallowe", "veteran", "veterans", "thanksgiving", "black", "cyber", "ash", "palm", "good", "easter", "whit",
)  # fmt: skip


def holiday(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the day of the named holiday in the stated year, else the next one."""
    stated = match["year"]
    day_in = next(day for pattern, day in _NAMES if pattern.fullmatch(match["name"]))
    years = [int(stated)] if stated else [year for year in (now.year, now.year + 1) if year <= dt.MAXYEAR]
    return when(next((day for day in map(day_in, years) if stated or day >= now.date()), None))
