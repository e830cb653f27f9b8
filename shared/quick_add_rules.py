"""Recurrence in quick-add: "every other friday", "every month on the last day", "4th of each month", "daily".

Every form gives a rule (`shared/recurrence_rule.py`); words choose SKIP=BACKWARD where a month may lack the day.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.quick_add_words import (
    AND,
    HOUR_OF,
    MONTH,
    NUMBER,
    ORDINAL,
    TO,
    WEEKDAYS,
    Scan,
    month_number,
    number,
    weekday_list,
)
from shared.recurrence_rule import DAYS_IN_MONTH, Rule

_LIST = rf"{WEEKDAYS}(?:(?:{AND}|{TO}){WEEKDAYS})*"
_ORDS = rf"{ORDINAL}(?:{AND}(?:the\s)?{ORDINAL})*"
_EVERY = r"(?<!\w)(?:on\s)?(?:every|each)(?P<after>!?)\s(?:single\s)?"
_STEP = rf"(?:(?P<n>other|{NUMBER}|second|third|fourth|fifth|\d{{1,3}}(?:st|nd|rd|th))\s)?"
_UNITS = {"minute": "MINUTELY", "min": "MINUTELY", "hour": "HOURLY", "day": "DAILY", "week": "WEEKLY",
          "fortnight": "WEEKLY", "month": "MONTHLY", "quarter": "MONTHLY", "year": "YEARLY"}
# No form matches without one of these.
_TRIGGERS = ("every", "each", "ly", "days", "ends", "once a")
_FACTOR = {"quarter": 3, "fortnight": 2}
_ADVERBS = {
    "hourly": Rule("HOURLY"), "daily": Rule("DAILY"), "everyday": Rule("DAILY"), "weekly": Rule("WEEKLY"),
    "biweekly": Rule("WEEKLY", 2), "fortnightly": Rule("WEEKLY", 2), "monthly": Rule("MONTHLY"),
    "bimonthly": Rule("MONTHLY", 2), "quarterly": Rule("MONTHLY", 3), "yearly": Rule("YEARLY"),
    "annually": Rule("YEARLY"), "once a day": Rule("DAILY"), "once a week": Rule("WEEKLY"),
    "once a month": Rule("MONTHLY"), "once a year": Rule("YEARLY"),
}
_ADVERB = rf"(?<![\w-])(?<!twice\s)(?P<word>{'|'.join(_ADVERBS)})"
_WORKDAYS = tuple((0, day) for day in range(5))
_WEEKEND = ((0, 5), (0, 6))
_GROUPS = {"weekday": _WORKDAYS, "workday": _WORKDAYS, "weekend": _WEEKEND}
_GROUP = r"(?P<group>weekday|workday|weekend)s?(?!\w)"
_WHAT = rf"(?P<what>day(?!\w)|workday(?!\w)|weekday(?!\w)|{_LIST})"
_EDGE = r"(?P<edge>end|start|beginning)"
_PLURAL = rf"(?=(?:{WEEKDAYS}(?:{AND}|{TO}))*\w{{3,6}}days(?!\w))(?P<days>{_LIST})"
_DATE = (rf"(?:(?P<month>{MONTH})\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?|(?:the\s)?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?"
         rf"\s(?:of\s)?(?P<month2>{MONTH}))(?![\w:%/]|\s?[ap]m)")


@dataclass(frozen=True, slots=True)
class Found:
    """A rule in the words, the hour that "morning" stands for, and whether it counts from completion."""

    rule: Rule
    time: dt.time | None = None
    after_completion: bool = False


def find(scan: Scan) -> Found | None:
    """Take the first recurrence of the text; None when there is none."""
    if not any(trigger in scan.work for trigger in _TRIGGERS):
        return None
    for pattern, build, sure in _FORMS:
        for match in pattern.finditer(scan.work):
            start, end = match.span()
            rule = build(match)
            if rule is None or rule.interval < 1:
                continue
            whole, last = _continued(scan.work, end, rule)
            if sure or last > end or scan.opens(start) or scan.closed(end) or _BOUND.match(scan.work, end):
                groups = match.groupdict()
                part = _PART.match(scan.work, last)
                word = groups.get("part") or (part and part["part"])
                scan.take(start, part.end() if part else last, "recurrence")
                return Found(_late(whole), dt.time(HOUR_OF[word]) if word else None, bool(groups.get("after")))
    return None


def _continued(work: str, end: int, rule: Rule) -> tuple[Rule, int]:
    """Read the "on mon and fri", "on the last day" or "on march 3" after "every 2 weeks", "monthly", "yearly"."""
    if rule.has_day_part:
        return rule, end
    for freq, pattern, build in _CONTINUATIONS:
        match = pattern.match(work, end) if freq == rule.freq else None
        made = build(match) if match else None
        if match and made:
            return replace(made, freq=rule.freq, interval=rule.interval), match.end()
    return rule, end


def _late(rule: Rule) -> Rule:
    """Move a day that some month lacks to the last one it has; people who say "the 31st" mean the end of the month."""
    if rule.by_day or rule.by_set_pos or not rule.by_month_day:
        return rule
    short = min((DAYS_IN_MONTH[month - 1] for month in rule.by_month if month != 2), default=28)
    short = 28 if 2 in rule.by_month or not rule.by_month else short
    return replace(rule, skip="BACKWARD") if any(day > short for day in rule.by_month_day) else rule


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number(word) for word in re.findall(ORDINAL, text)))


def _steps(match: re.Match[str]) -> Rule:
    unit = match.groupdict().get("unit", "day")
    return Rule(_UNITS[unit], number(match["n"]) * _FACTOR.get(unit, 1))


def _group(match: re.Match[str]) -> Rule:
    return Rule("WEEKLY", number(match["n"]), by_day=_GROUPS[match["group"]])


def _weekly(match: re.Match[str]) -> Rule:
    return Rule("WEEKLY", number(match["n"]), by_day=tuple((0, day) for day in weekday_list(match["days"])))


def _edge(match: re.Match[str]) -> Rule:
    return Rule("MONTHLY", by_month_day=(-1 if match["edge"] == "end" else 1,))


def _ordinal(match: re.Match[str]) -> Rule | None:
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


def _yearly(match: re.Match[str]) -> Rule | None:
    day = int(match["day"] or match["day2"])
    month = month_number(match["month"] or match["month2"])
    return Rule("YEARLY", by_month=(month,), by_month_day=(day,)) if 1 <= day <= 31 else None


def _in_month(match: re.Match[str]) -> Rule:
    return Rule("YEARLY", by_month=(month_number(match["month"]),), by_month_day=(1,))


def _month_day(match: re.Match[str]) -> Rule | None:
    day = int(match["day"])
    return Rule("MONTHLY", by_month_day=(day,)) if 1 <= day <= 31 else None


Build = Callable[[re.Match[str]], Rule | None]
_BOUND = re.compile(r"\s(?:(?:at|@)\s?(?:\d|noon|mid)|\d{1,2}(?::\d\d|\s?[ap]m)|until\s|starting\s|for\s\d+\stimes)")
_PART = re.compile(r"\s(?:in\sthe\s)?(?P<part>morning|afternoon|evening|night)s?(?![\w'’])")
# The form, what it means, and whether it counts wherever it stands.
_FORMS: tuple[tuple[re.Pattern[str], Build, bool], ...] = (
    (re.compile(rf"(?:(?<!\w)on\s)?(?<![\w.,])(?:the\s)?(?P<ords>{_ORDS})(?:\s{_WHAT})?\sof\s(?:every|each)\s{_STEP}"
                r"(?P<scope>month|year)s?(?!\w)"), _ordinal, True),
    (re.compile(rf"(?<!\w)(?:at\s)?(?:the\s)?{_EDGE}\sof\s(?:every|each)\smonth(?!\w)"), _edge, True),
    (re.compile(rf"{_EVERY}{_EDGE}\sof\s(?:the\s)?month(?!\w)"), _edge, True),
    (re.compile(rf"{_EVERY}(?P<every>)(?:the\s)?(?P<ords>{_ORDS})\s(?P<what>day|workday|weekday|{_LIST})"
                rf"\s(?:of|in)\s(?:the\s)?(?P<scope>month|year|{MONTH})(?!\w)"), _ordinal, True),
    (re.compile(rf"{_EVERY}{_STEP}(?P<unit>{'|'.join(_UNITS)})s?(?![\w'’-])"), _steps, True),
    (re.compile(rf"{_EVERY}{_STEP}(?P<part>morning|afternoon|evening|night)s?(?![\w'’])"), _steps, True),
    (re.compile(rf"{_EVERY}{_STEP}{_GROUP}"), _group, True),
    (re.compile(rf"{_EVERY}(?:(?P<n>other|\d{{1,2}})\s)?(?P<days>{_LIST})"), _weekly, True),
    (re.compile(rf"{_EVERY}{_DATE}"), _yearly, True),
    (re.compile(rf"{_EVERY}(?P<every>)(?:the\s)?(?P<ords>{_ORDS})(?:\s{_WHAT})?"
                rf"(?:\s(?:of|in)\s(?:the\s)?(?P<scope>month|{MONTH})(?!\w))?"), _ordinal, True),
    (re.compile(rf"{_EVERY}(?P<month>{MONTH})(?!\s\d)"), _in_month, True),
    (re.compile(rf"{_ADVERB}(?=\son\s)"), lambda match: _ADVERBS[match["word"]], False),
    (re.compile(r"(?<!\w)on\s(?P<n>)?(?P<group>weekday|workday|weekend)s(?![\w'’])"), _group, True),
    (re.compile(rf"(?<!\w)on\s(?P<n>)?{_PLURAL}"), _weekly, True),
    (re.compile(rf"{_ADVERB}(?![\w'’-])"), lambda match: _ADVERBS[match["word"]], False),
    (re.compile(r"(?<![\w-])(?P<n>)?(?P<group>weekday|workday|weekend)s(?![\w'’])"), _group, False),
    (re.compile(rf"(?<![\w-])(?P<n>)?{_PLURAL}"), _weekly, False),
)
_ON = r"\s(?:on\s|at\s|in\s)?(?:the\s)?"
_CONTINUATIONS: tuple[tuple[str, re.Pattern[str], Build], ...] = (
    ("WEEKLY", re.compile(rf"{_ON}(?P<n>)?(?P<days>{_LIST})"), _weekly),
    ("WEEKLY", re.compile(rf"{_ON}(?P<n>)?{_GROUP}"), _group),
    ("MONTHLY", re.compile(rf"{_ON}(?P<ords>{_ORDS})(?:\s{_WHAT})?(?:\sof\s(?:the\s)?month(?!\w))?"), _ordinal),
    ("MONTHLY", re.compile(r"\son\s(?:the\s|day\s)?(?P<day>\d{1,2})(?![\w:%/])"), _month_day),
    ("MONTHLY", re.compile(r"\s(?:at|on)\s(?:the\s)?(?P<edge>end|start|beginning)(?!\w)"), _edge),
    ("YEARLY", re.compile(rf"{_ON}(?P<ords>{_ORDS})(?:\s{_WHAT})?\s(?:of|in)\s(?P<scope>{MONTH})(?!\w)"), _ordinal),
    ("YEARLY", re.compile(rf"{_ON}{_DATE}"), _yearly),
)
