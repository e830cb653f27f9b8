"""Recurrence in quick-add: "every other friday", "every month on the last day", "4th of each month", "daily".

Every form gives a rule (`shared/recurrence/rule.py`); words choose SKIP=BACKWARD where a month may lack the day.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.quick_add.meanings import (
    UNITS,
    edge,
    group,
    in_month,
    late,
    month_day,
    ordinal,
    steps,
    weekly,
    yearly_date,
)
from shared.quick_add.words import (
    AND,
    HOUR_OF,
    MONTH,
    NUMBER,
    ORDINAL,
    TO,
    WEEKDAYS,
    Scan,
)
from shared.recurrence.rule import Rule

_LIST = rf"{WEEKDAYS}(?:(?:{AND}|{TO}){WEEKDAYS})*"
_ORDS = rf"{ORDINAL}(?:{AND}(?:the\s)?{ORDINAL})*"
_EVERY = r"(?<!\w)(?:on\s)?(?:every|each)(?P<after>!?)\s(?:single\s)?"
_STEP = rf"(?:(?P<n>other|{NUMBER}|second|third|fourth|fifth|\d{{1,3}}(?:st|nd|rd|th))\s)?"
# No form matches without one of these.
_TRIGGERS = ("every", "each", "ly", "days", "ends", "once a")
_ADVERBS = {
    "hourly": Rule("HOURLY"),
    "daily": Rule("DAILY"),
    "everyday": Rule("DAILY"),
    "weekly": Rule("WEEKLY"),
    "biweekly": Rule("WEEKLY", 2),
    "fortnightly": Rule("WEEKLY", 2),
    "monthly": Rule("MONTHLY"),
    "bimonthly": Rule("MONTHLY", 2),
    "quarterly": Rule("MONTHLY", 3),
    "yearly": Rule("YEARLY"),
    "annually": Rule("YEARLY"),
    "once a day": Rule("DAILY"),
    "once a week": Rule("WEEKLY"),
    "once a month": Rule("MONTHLY"),
    "once a year": Rule("YEARLY"),
}
_ADVERB = rf"(?<![\w-])(?<!twice\s)(?P<word>{'|'.join(_ADVERBS)})"
_GROUP = r"(?P<group>weekday|workday|weekend)s?(?!\w)"
_WHAT = rf"(?P<what>day(?!\w)|workday(?!\w)|weekday(?!\w)|{_LIST})"
_EDGE = r"(?P<edge>end|start|beginning)"
_PLURAL = rf"(?=(?:{WEEKDAYS}(?:{AND}|{TO}))*\w{{3,6}}days(?!\w))(?P<days>{_LIST})"
_DATE = (
    rf"(?:(?P<month>{MONTH})\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?|(?:the\s)?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"\s(?:of\s)?(?P<month2>{MONTH}))(?![\w:%/]|\s?[ap]m)"
)


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
                return Found(late(whole), dt.time(HOUR_OF[word]) if word else None, bool(groups.get("after")))
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


Build = Callable[[re.Match[str]], Rule | None]
_BOUND = re.compile(r"\s(?:(?:at|@)\s?(?:\d|noon|mid)|\d{1,2}(?::\d\d|\s?[ap]m)|until\s|starting\s|for\s\d+\stimes)")
_PART = re.compile(r"\s(?:in\sthe\s)?(?P<part>morning|afternoon|evening|night)s?(?![\w'’])")
# The form, what it means, and whether it counts wherever it stands.
_FORMS: tuple[tuple[re.Pattern[str], Build, bool], ...] = (
    (
        re.compile(
            rf"(?:(?<!\w)on\s)?(?<![\w.,])(?:the\s)?(?P<ords>{_ORDS})(?:\s{_WHAT})?\sof\s(?:every|each)\s{_STEP}"
            r"(?P<scope>month|year)s?(?!\w)"
        ),
        ordinal,
        True,
    ),
    (re.compile(rf"(?<!\w)(?:at\s)?(?:the\s)?{_EDGE}\sof\s(?:every|each)\smonth(?!\w)"), edge, True),
    (re.compile(rf"{_EVERY}{_EDGE}\sof\s(?:the\s)?month(?!\w)"), edge, True),
    (
        re.compile(
            rf"{_EVERY}(?P<every>)(?:the\s)?(?P<ords>{_ORDS})\s(?P<what>day|workday|weekday|{_LIST})"
            rf"\s(?:of|in)\s(?:the\s)?(?P<scope>month|year|{MONTH})(?!\w)"
        ),
        ordinal,
        True,
    ),
    (re.compile(rf"{_EVERY}{_STEP}(?P<unit>{'|'.join(UNITS)})s?(?![\w'’-])"), steps, True),
    (re.compile(rf"{_EVERY}{_STEP}(?P<part>morning|afternoon|evening|night)s?(?![\w'’])"), steps, True),
    (re.compile(rf"{_EVERY}{_STEP}{_GROUP}"), group, True),
    (re.compile(rf"{_EVERY}(?:(?P<n>other|\d{{1,2}})\s)?(?P<days>{_LIST})"), weekly, True),
    (re.compile(rf"{_EVERY}{_DATE}"), yearly_date, True),
    (
        re.compile(
            rf"{_EVERY}(?P<every>)(?:the\s)?(?P<ords>{_ORDS})(?:\s{_WHAT})?"
            rf"(?:\s(?:of|in)\s(?:the\s)?(?P<scope>month|{MONTH})(?!\w))?"
        ),
        ordinal,
        True,
    ),
    (re.compile(rf"{_EVERY}(?P<month>{MONTH})(?!\s\d)"), in_month, True),
    (re.compile(rf"{_ADVERB}(?=\son\s)"), lambda match: _ADVERBS[match["word"]], False),
    (re.compile(r"(?<!\w)on\s(?P<n>)?(?P<group>weekday|workday|weekend)s(?![\w'’])"), group, True),
    (re.compile(rf"(?<!\w)on\s(?P<n>)?{_PLURAL}"), weekly, True),
    (re.compile(rf"{_ADVERB}(?![\w'’-])"), lambda match: _ADVERBS[match["word"]], False),
    (re.compile(r"(?<![\w-])(?P<n>)?(?P<group>weekday|workday|weekend)s(?![\w'’])"), group, False),
    (re.compile(rf"(?<![\w-])(?P<n>)?{_PLURAL}"), weekly, False),
)
_ON = r"\s(?:on\s|at\s|in\s)?(?:the\s)?"
_CONTINUATIONS: tuple[tuple[str, re.Pattern[str], Build], ...] = (
    ("WEEKLY", re.compile(rf"{_ON}(?P<n>)?(?P<days>{_LIST})"), weekly),
    ("WEEKLY", re.compile(rf"{_ON}(?P<n>)?{_GROUP}"), group),
    ("MONTHLY", re.compile(rf"{_ON}(?P<ords>{_ORDS})(?:\s{_WHAT})?(?:\sof\s(?:the\s)?month(?!\w))?"), ordinal),
    ("MONTHLY", re.compile(r"\son\s(?:the\s|day\s)?(?P<day>\d{1,2})(?![\w:%/])"), month_day),
    ("MONTHLY", re.compile(r"\s(?:at|on)\s(?:the\s)?(?P<edge>end|start|beginning)(?!\w)"), edge),
    ("YEARLY", re.compile(rf"{_ON}(?P<ords>{_ORDS})(?:\s{_WHAT})?\s(?:of|in)\s(?P<scope>{MONTH})(?!\w)"), ordinal),
    ("YEARLY", re.compile(rf"{_ON}{_DATE}"), yearly_date),
)
