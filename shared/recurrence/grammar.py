"""Reads RRULE text: the grammar of RFC 5545 section 3.3.10, and the combinations that its table forbids."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from shared.recurrence.rule import BY_PARTS, FREQUENCIES, WEEKDAYS, Rule, RuleError, moment

_MAX_LENGTH = 2_000
# Each BY part of numbers: the largest value, whether 0 is one, whether -n counts from the end.
_NUMBERS = {
    "BYSECOND": (60, True, False),
    "BYMINUTE": (59, True, False),
    "BYHOUR": (23, True, False),
    "BYMONTHDAY": (31, False, True),
    "BYYEARDAY": (366, False, True),
    "BYWEEKNO": (53, False, True),
    "BYMONTH": (12, False, False),
    "BYSETPOS": (366, False, True),
}
_OTHERS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "SKIP", "RSCALE"}
_LONGEST_FIELD = 9


@lru_cache(maxsize=1024)
def parse(text: str) -> Rule:
    """Return the rule of RRULE text of up to 2,000 characters; raises `RuleError` naming the part.

    Checks each part and the combinations that section 3.3.10 forbids, not whether the rule ever fires. A second 60 is
    a 59 here: that is what section 3.3.12 asks of systems without leap seconds.
    """
    parts = _split(text)
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise RuleError(f"RSCALE={parts['RSCALE']} is not supported, only GREGORIAN")
    rule = Rule(
        freq=_one_of("FREQ", parts.get("FREQ", ""), FREQUENCIES),
        interval=_positive("INTERVAL", parts.get("INTERVAL", "1")),
        count=_positive("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        wkst=WEEKDAYS.index(_one_of("WKST", parts.get("WKST", "MO"), WEEKDAYS)),
        by_day=_days(parts["BYDAY"]) if "BYDAY" in parts else (),
        skip=_one_of("SKIP", parts.get("SKIP", "OMIT"), ("OMIT", "BACKWARD", "FORWARD")),
        **{BY_PARTS[name]: _numbers(name, parts[name]) for name in _NUMBERS if name in parts},
    )
    _check_combination(rule)
    return rule if rule.skip == "OMIT" or _may_name_a_missing_day(rule) else replace(rule, skip="OMIT")


def _split(text: str) -> dict[str, str]:
    if len(text) > _MAX_LENGTH:
        raise RuleError(f"the rule is longer than {_MAX_LENGTH:,} characters")
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _NUMBERS and name not in _OTHERS:
            raise RuleError(f"{part!r} is no part of a rule such as FREQ=DAILY")
        if name in parts:
            raise RuleError(f"{name} stands twice")
        parts[name] = value
    return parts


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise RuleError(f"{name}={value} is wrong: it must be one of {', '.join(allowed)}")
    return value


def _positive(name: str, value: str) -> int:
    digits = value.lstrip("0")
    if not re.fullmatch(r"[0-9]+", value) or not digits or len(digits) > _LONGEST_FIELD:
        raise RuleError(f"{name}={value} is wrong: it must be a whole number from 1 to 999999999")
    return int(digits)


def _until(value: str) -> str:
    try:
        if re.fullmatch(r"[0-9]{8}(T[0-9]{6}Z?)?", value):
            last = moment(value)
            zone = "Z" if value.endswith("Z") else ""
            return f"{last:%Y%m%dT%H%M%S}".rjust(15, "0") + zone if "T" in value else value
    except ValueError:
        pass
    raise RuleError(f"UNTIL={value} is neither a date (20261231) nor a date-time (20261231T235959)")


def _numbers(name: str, value: str) -> tuple[int, ...]:
    found = {_number(name, item) for item in value.split(",")}
    if name == "BYSECOND":
        found = {min(second, 59) for second in found}
    return tuple(sorted(found, key=_from_end))


def _number(name: str, item: str) -> int:
    most, zero, negative = _NUMBERS[name]
    if not re.fullmatch(r"[+-]?[0-9]{1,3}", item):
        raise RuleError(f"{name}={item} is not a number")
    number = int(item)
    if abs(number) > most or (number == 0 and not zero) or (item[0] in "+-" and not negative):
        ends = f", or -1 to -{most} from the end" if negative else ""
        raise RuleError(f"{name}={item} is out of range: it must be {0 if zero else 1} to {most}{ends}")
    return number


def _from_end(number: int) -> tuple[bool, int]:
    return number < 0, number


def _days(value: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for item in value.split(","):
        match = re.fullmatch(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", item)
        number = int(match[1] or 0) if match else 99
        if match is None or abs(number) > 53 or (match[1] and not number):
            raise RuleError(f"BYDAY={item} is wrong: a weekday is MO to SU, with a number from -53 to 53")
        found.add((number, WEEKDAYS.index(match[2])))
    return tuple(sorted(found, key=lambda day: (day[1], *_from_end(day[0]))))


def _check_combination(rule: Rule) -> None:
    if rule.count is not None and rule.until is not None:
        raise RuleError("COUNT and UNTIL exclude each other (RFC 5545 section 3.3.10)")
    for part, wrong in _refused(rule).items():
        if wrong:
            raise RuleError(f"{part} does not fit FREQ={rule.freq} (RFC 5545 section 3.3.10)")
    numbered = any(number for number, _ in rule.by_day)
    if rule.skip != "OMIT" and rule.by_year_day and (rule.by_month_day or rule.by_month or numbered):
        raise RuleError(
            f"SKIP={rule.skip} moves a day of BYYEARDAY that the year lacks; RFC 7529 does not say what BYMONTH, "
            "BYMONTHDAY or a numbered BYDAY then make of it"
        )


def _refused(rule: Rule) -> Mapping[str, bool]:
    numbered = any(number for number, _ in rule.by_day)
    others = any(getattr(rule, field) for name, field in BY_PARTS.items() if name != "BYSETPOS")
    return {
        "BYDAY with a number": numbered and rule.freq not in {"MONTHLY", "YEARLY"},
        "BYDAY with a number beside BYWEEKNO": numbered and bool(rule.by_week_no),
        "BYWEEKNO": bool(rule.by_week_no) and rule.freq != "YEARLY",
        "BYYEARDAY": bool(rule.by_year_day) and rule.freq in {"DAILY", "WEEKLY", "MONTHLY"},
        "BYMONTHDAY": bool(rule.by_month_day) and rule.freq == "WEEKLY",
        "BYSETPOS alone": bool(rule.by_set_pos) and not others,
    }


def _may_name_a_missing_day(rule: Rule) -> bool:
    """Return whether SKIP can matter: days that only limit, weekdays and week numbers are never missing."""
    if rule.freq not in {"MONTHLY", "YEARLY"} or rule.by_week_no:
        return False
    return bool(rule.by_month_day or rule.by_year_day) or not rule.by_day
