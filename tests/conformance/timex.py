"""TIMEX3 values of recurrences, as far as the case files have them, held against a rule and a time of day.

`P2W` is a step, `XXXX-WXX-1` a Monday, `T09` an hour, `TMO` a part of the day; a value may join them: `XXXX-WXX-7T09`,
`T06P1D`. What a value does not say (the step of "every other friday") is not compared.
"""

import datetime as dt
import re
from typing import Final

from shared.recurrence.grammar import parse
from shared.recurrence.rule import Rule

_VALUE: Final = re.compile(
    r"(?:XXXX-WXX-(?P<day>[1-7]|WE))?(?:T(?P<part>MO|AF|EV|NI|DT)|T(?P<hour>\d\d)(?::(?P<minute>\d\d))?)?"
    r"(?:P(?P<clock>T)?(?P<step>[\d.]+)(?P<unit>WE|WD|[DWMYHS]))?"
)
# The hours [first, last] that each part of the day may begin at.
_PARTS: Final = {"MO": (5, 11), "AF": (12, 17), "EV": (16, 21), "NI": (18, 23), "DT": (8, 18)}
_WORKDAYS: Final = {0, 1, 2, 3, 4}
_WEEKEND: Final = {5, 6}
_STEPS: Final = {"D": ("DAYS", 1), "W": ("DAYS", 7), "M": ("MONTHS", 1), "Y": ("MONTHS", 12)}
_FREQS: Final = {"DAILY": "D", "WEEKLY": "W", "MONTHLY": "M", "YEARLY": "Y"}


def means(value: str, rule_text: str, time: dt.time | None) -> bool:
    """Whether the rule with the time of day is what the TIMEX value says."""
    match = _VALUE.fullmatch(value)
    if match is None:
        return False
    rule = parse(rule_text)
    return _has_days(match, rule) and _has_step(match, rule) and _has_time(match, time)


def _has_days(match: re.Match[str], rule: Rule) -> bool:
    days = {day for _, day in rule.by_day}
    if match["day"] == "WE" or match["unit"] == "WE":
        return _WEEKEND == days
    if match["unit"] == "WD":
        return _WORKDAYS == days
    return {int(match["day"]) - 1} == days if match["day"] else not days


def _has_step(match: re.Match[str], rule: Rule) -> bool:
    if match["step"] is None:
        return rule.freq == ("WEEKLY" if match["day"] else "DAILY")
    step = float(match["step"])
    if match["clock"]:
        return (rule.freq[0], rule.interval) == (match["unit"], step)
    if match["unit"] in {"WE", "WD"}:
        return (rule.freq, rule.interval) == ("WEEKLY", step)
    kind, size = _STEPS[match["unit"]]
    own_kind, own_size = _STEPS.get(_FREQS.get(rule.freq, ""), ("", 0))
    return (kind, size * step) == (own_kind, own_size * rule.interval)


def _has_time(match: re.Match[str], time: dt.time | None) -> bool:
    if match["part"]:
        first, last = _PARTS[match["part"]]
        return time is not None and first <= time.hour <= last
    if match["hour"]:
        return time == dt.time(int(match["hour"]), int(match["minute"] or 0))
    return time is None
