"""What the forms of recurrence in quick-add mean: from a match of a pattern to a rule."""

import re
from dataclasses import replace

from shared.quick_add.words import ORDINAL, month_number, number, weekday_list
from shared.recurrence.rule import DAYS_IN_MONTH, Rule

UNITS = {
    "minute": "MINUTELY",
    "min": "MINUTELY",
    "hour": "HOURLY",
    "day": "DAILY",
    "week": "WEEKLY",
    "fortnight": "WEEKLY",
    "month": "MONTHLY",
    "quarter": "MONTHLY",
    "year": "YEARLY",
}
_FACTOR = {"quarter": 3, "fortnight": 2}
_WORKDAYS = tuple((0, day) for day in range(5))
_WEEKEND = ((0, 5), (0, 6))
_GROUPS = {"weekday": _WORKDAYS, "workday": _WORKDAYS, "weekend": _WEEKEND}


def late(rule: Rule) -> Rule:
    """Move a day that some month lacks to the last one it has; people who say "the 31st" mean the end of the month."""
    if rule.by_day or rule.by_set_pos or not rule.by_month_day:
        return rule
    short = min((DAYS_IN_MONTH[month - 1] for month in rule.by_month if month != 2), default=28)
    short = 28 if 2 in rule.by_month or not rule.by_month else short
    return replace(rule, skip="BACKWARD") if any(day > short for day in rule.by_month_day) else rule


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number(word) for word in re.findall(ORDINAL, text)))


def steps(match: re.Match[str]) -> Rule:
    """Read "every 3 days", "every other week", "every quarter"."""
    unit = match.groupdict().get("unit", "day")
    return Rule(UNITS[unit], number(match["n"]) * _FACTOR.get(unit, 1))


def group(match: re.Match[str]) -> Rule:
    """Read "every weekday", "weekends"."""
    return Rule("WEEKLY", number(match["n"]), by_day=_GROUPS[match["group"]])


def weekly(match: re.Match[str]) -> Rule:
    """Read "every 2 mondays", "tuesdays and fridays"."""
    return Rule("WEEKLY", number(match["n"]), by_day=tuple((0, day) for day in weekday_list(match["days"])))


def edge(match: re.Match[str]) -> Rule:
    """Read "end of every month"."""
    return Rule("MONTHLY", by_month_day=(-1 if match["edge"] == "end" else 1,))


def ordinal(match: re.Match[str]) -> Rule | None:
    """Read "15th", "last day", "2nd and 4th friday", "first workday", each of a month, a named month or a year."""
    numbers, what = _numbers(match["ords"]), match["what"]
    groups = match.groupdict()
    scope, step = groups.get("scope") or "month", number(groups.get("n"))
    # "every first …" and "every last …" may go on as anything; "every 15th" is a day.
    if 0 in numbers or not (what or groups.get("scope") or match["ords"][0].isdigit()):
        return None
    rule = Rule("YEARLY" if scope != "month" else "MONTHLY", step)
    if scope not in {"month", "year"}:
        rule = replace(rule, by_month=(month_number(scope),))
    return _with_days(rule, numbers, what, yearly=scope == "year")


def _with_days(rule: Rule, numbers: tuple[int, ...], what: str | None, *, yearly: bool = False) -> Rule | None:
    if what in {"workday", "weekday"}:
        return replace(rule, by_day=_WORKDAYS, by_set_pos=numbers)
    if what and what != "day":
        by_day = tuple((nth, day) for day in weekday_list(what) for nth in numbers)
        return replace(rule, by_day=by_day) if max(numbers) <= 5 else None
    if yearly:
        return replace(rule, by_year_day=numbers)
    return replace(rule, by_month_day=numbers) if max(numbers) <= 31 else None


def yearly_date(match: re.Match[str]) -> Rule | None:
    """Read "every march 3"."""
    day = int(match["day"] or match["day2"])
    month = month_number(match["month"] or match["month2"])
    return Rule("YEARLY", by_month=(month,), by_month_day=(day,)) if 1 <= day <= 31 else None


def in_month(match: re.Match[str]) -> Rule:
    """Read "every march"."""
    return Rule("YEARLY", by_month=(month_number(match["month"]),), by_month_day=(1,))


def month_day(match: re.Match[str]) -> Rule | None:
    """Read "on 15" after "monthly"."""
    day = int(match["day"])
    return Rule("MONTHLY", by_month_day=(day,)) if 1 <= day <= 31 else None
