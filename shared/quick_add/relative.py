"""Days counted from now: "tomorrow", "in 3 days", "next week", "end of the month", "two weeks from tuesday"."""

import calendar
import datetime as dt
import re

from shared.quick_add.calendar import When, ahead, day_of, first_of, when
from shared.quick_add.words import HOUR_OF, NUMBER, days_after, month_number, number

_NAME = r"min(?:ute)?|h(?:ou)?r|day|d|(?:business|working|work)\s?day|week|wk|w|fortnight|month|quarter|year|yr"
_HALF = r"(?:\sand\sa\shalf)?"
_ONE = rf"(?:(?:{NUMBER}{_HALF}\s?|half\san?\s|\d\.5\s?)(?:(?:{_NAME})s?|h){_HALF}(?!\w))"
_PART = re.compile(
    rf"(?:(?P<half>half)\san?|(?P<n>{NUMBER})(?P<point>\.5)?)(?P<more>{_HALF})\s?"
    rf"(?P<unit>{_NAME}|h)s?(?P<most>{_HALF})(?!\w)"
)
# "2 days", "an hour and a half", "1 year 2 months".
AMOUNT = rf"(?P<amount>{_ONE}(?:(?:\s?,\s?|\s)(?:and\s)?{_ONE}){{0,3}})"
# What half of a unit is.
_HALVES = {"h": (30, "minute"), "d": (12, "hour"), "y": (6, "month"), "m": (15, "day")}
END_OF_DAY = dt.time(23, 59)
_SHORT = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year", "eod": "day", "cob": "day"}


def word(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return what today, tonight, this evening, tomorrow, yesterday are."""
    said = match["word"]
    if said in {"tonight", "tonite"}:
        return When(now.date(), dt.time(20) if now.hour < 20 else None, late=True)
    if said.startswith("this "):
        hour = HOUR_OF[said[5:]]
        return When(now.date(), dt.time(hour) if now.hour < hour else None, late=said.endswith(("evening", "night")))
    return when(days_after(now.date(), 0 if said == "today" else -1 if said == "yesterday" else 1))


def moment(_match: re.Match[str], now: dt.datetime) -> When | None:
    """Return now, to the minute."""
    return When(now.date(), now.time().replace(second=0, microsecond=0))


def counted(match: re.Match[str], now: dt.datetime) -> When | None:
    """In 3 days, 2 weeks from now, 3 days ago."""
    side = match.groupdict().get("side")
    return moved(match["amount"], now, back=side is not None and side in {"ago", "before"})


def moved(amount: str, now: dt.datetime, *, back: bool = False) -> When | None:
    """Return now moved by an amount of time; the parts are added one after another."""
    found: When | None = When(now.date())
    for match in _PART.finditer(amount):
        for count, unit in _steps(match):
            if found is None:
                return None
            start = dt.datetime.combine(found.date, found.time or now.time())
            step = ahead(-count if back else count, unit, start)
            found = When(step.date, step.time or found.time) if step else None
    return found


def _steps(match: re.Match[str]) -> list[tuple[int, str]]:
    """Return the whole units of one part, and the half."""
    unit = match["unit"]
    unit = "workday" if "day" in unit[1:] and unit != "day" else unit
    steps = [] if match["half"] else [(number(match["n"]), unit)]
    if match["half"] or match["point"] or match["more"] or match["most"]:
        steps += [_HALVES[unit[0]]] if unit[0] in _HALVES and not unit.startswith("min") else []
    return steps


def unit(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return what "next week" (its Monday), "next month" (its first), "this weekend" (its Saturday) stand for."""
    today, which, what = now.date(), match["which"], match["what"]
    if what == "weekend":
        return when(days_after(today, (5 - today.weekday()) % 7 + (7 if which == "next" else 0)))
    if what == "week":
        return when(days_after(today, 7 - today.weekday()))
    return when(first_of(today, _months_to(today, what)))


def _months_to(today: dt.date, what: str) -> int:
    return {"month": 1, "quarter": 3 - (today.month - 1) % 3, "year": 13 - today.month}[what]


def end_of(match: re.Match[str], now: dt.datetime) -> When | None:
    """Return the end of a day (23:59), a week (its Friday), a month, a quarter, a year, or of a named month."""
    groups = match.groupdict()
    what = groups.get("what") or _SHORT[match["short"]]
    today = now.date()
    following = groups.get("which") in {"next", "following"}
    if what in {"day", "business", "business day", "work", "workday"}:
        return When(today, END_OF_DAY)
    if what in {"week", "weekend"}:
        return when(days_after(today, ((4 if what == "week" else 6) - today.weekday()) % 7 + 7 * following))
    if what not in {"month", "quarter", "year"}:
        month = month_number(what)
        year = today.year + (month < today.month)
        return when(day_of(year, month, calendar.monthrange(year, month)[1]))
    size = {"month": 1, "quarter": 3, "year": 12}[what]
    after = first_of(today, _months_to(today, what) + size * following)
    return when(days_after(after, -1)) if after else None


def from_day(match: re.Match[str], day: When, now: dt.datetime) -> When | None:
    """Two weeks from that day, the day after it, 5 days before it."""
    base = dt.datetime.combine(day.date, day.time or now.time())
    return moved(match.groupdict().get("amount") or "1 day", base, back=match["side"] == "before")


def end_of_day(_match: re.Match[str], day: When, _now: dt.datetime) -> When | None:
    """Return 23:59 of that day."""
    return When(day.date, END_OF_DAY)
