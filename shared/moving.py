"""A rule after one of its occurrences was moved: what names the old day or time names the new one. Pure, on RRULE text.

Weekly on Tuesday, moved to Thursday with all that follow, is weekly on Thursday. Only what the old date met is changed:
Monday and Tuesday, with Tuesday moved to Thursday, is Monday and Thursday.
"""

import calendar
import datetime as dt
import re

from shared.due import Due

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")


def moved(rule: str, old: dt.datetime, new: Due) -> str:
    """Return the rule with the parts that `old` (local) met changed to those of `new`, whether it fits `new` or not."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    if new.time is None:
        parts = {name: value for name, value in parts.items() if name not in _CLOCK}
    before, after = _names(old), _names(new.local)
    for name in before.keys() & parts.keys():
        parts[name] = ",".join(_renamed(parts[name].split(","), before[name], after[name]))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _names(at: dt.datetime) -> dict[str, tuple[str, ...]]:
    """Return the ways in which a rule can name a date-time, for each part, always in the same order."""
    days = calendar.monthrange(at.year, at.month)[1]
    weekday = _WEEKDAYS[at.weekday()]
    return {
        "BYDAY": (weekday, f"{(at.day + 6) // 7}{weekday}", f"-{(days - at.day) // 7 + 1}{weekday}"),
        "BYMONTHDAY": (str(at.day), str(at.day - days - 1)),
        "BYMONTH": (str(at.month),),
        "BYHOUR": (str(at.hour),),
        "BYMINUTE": (str(at.minute),),
        "BYSECOND": (str(at.second),),
    }


def _renamed(values: list[str], before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    swap = dict(zip(before, after, strict=True))
    # Where the end of a short month stood in for the day (SKIP), the date does not name the part, but one value does.
    if len(values) == 1 and not swap.keys() & set(values) and re.fullmatch(r"\d+", values[0]):
        return [after[0]]
    return [swap.get(value, value) for value in values]
