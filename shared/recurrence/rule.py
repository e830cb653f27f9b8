"""The value of a recurrence rule and its text: RFC 5545 section 3.3.10, with SKIP of RFC 7529 section 4.1."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The ends of the local time line, naive like all local times here.
FIRST = dt.datetime.combine(dt.date.min, dt.time.min)
LAST = dt.datetime.combine(dt.date.max, dt.time.max)
DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_MAX_LENGTH = 2_000
# Each BY part of numbers: the field, the largest value, whether 0 is one, whether -n counts from the end.
_NUMBERS = {
    "BYSECOND": ("by_second", 59, True, False),
    "BYMINUTE": ("by_minute", 59, True, False),
    "BYHOUR": ("by_hour", 23, True, False),
    "BYMONTHDAY": ("by_month_day", 31, False, True),
    "BYYEARDAY": ("by_year_day", 366, False, True),
    "BYWEEKNO": ("by_week_no", 53, False, True),
    "BYMONTH": ("by_month", 12, False, False),
    "BYSETPOS": ("by_set_pos", 366, False, True),
}
_ORDER = ("BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS")
_OTHERS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "SKIP", "RSCALE"}


class RuleError(ValueError):
    """A rule that is malformed, not supported, or can never fire; the message names the offending part."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One parsed rule: numbers sorted and unique, `by_day` as (ordinal or 0, weekday with Monday = 0)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: str | None = None
    wkst: int = 0
    by_second: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_hour: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    skip: str = "OMIT"

    @property
    def rank(self) -> int:
        """Where the frequency stands between SECONDLY (0) and YEARLY (6)."""
        return FREQUENCIES.index(self.freq)

    @property
    def has_day_part(self) -> bool:
        """Whether the rule itself says which days, so that the start does not have to."""
        return bool(self.by_day or self.by_month_day or self.by_year_day or self.by_week_no)

    @property
    def last(self) -> dt.datetime:
        """The last naive local date-time that UNTIL allows; the zone of a `Z` is not applied here."""
        return LAST if self.until is None else _moment(self.until)


@lru_cache(maxsize=1024)
def parse(text: str) -> Rule:
    """Return the rule of RRULE text of up to 2,000 characters; raises `RuleError` naming the part.

    Checks each part and the combinations that section 3.3.10 forbids, not whether the rule ever fires.
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
        **{field: _numbers(name, parts[name]) for name, (field, *_) in _NUMBERS.items() if name in parts},
    )
    _check_combination(rule, parts)
    return rule


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
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
        raise RuleError(f"{name}={value} is wrong: it must be a whole number from 1 to 999999999")
    return int(value)


def _moment(until: str) -> dt.datetime:
    if len(until) == len("20261231"):
        return dt.datetime.combine(dt.date.fromisoformat(until), dt.time.max)
    return dt.datetime.fromisoformat(until.removesuffix("Z"))


def _until(value: str) -> str:
    try:
        if re.fullmatch(r"[0-9]{8}(T[0-9]{6}Z?)?", value):
            _moment(value)
            return value
    except ValueError:
        pass
    raise RuleError(f"UNTIL={value} is neither a date (20261231) nor a date-time (20261231T235959)")


def _numbers(name: str, value: str) -> tuple[int, ...]:
    _, most, zero, negative = _NUMBERS[name]
    found = {_number(name, item, most, zero, negative) for item in value.split(",")}
    return tuple(sorted(found, key=_from_end))


def _number(name: str, item: str, most: int, zero: bool, negative: bool) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,3}", item):
        raise RuleError(f"{name}={item} is not a number")
    number = int(item)
    if abs(number) > most or (number == 0 and not zero) or (item[0] in "+-" and not negative):
        raise RuleError(f"{name}={item} is out of range")
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


def _check_combination(rule: Rule, parts: Mapping[str, str]) -> None:
    if rule.count is not None and rule.until is not None:
        raise RuleError("COUNT and UNTIL exclude each other")
    numbered = any(number for number, _ in rule.by_day)
    monthly = rule.freq in {"MONTHLY", "YEARLY"}
    refused = {
        "BYDAY with a number": numbered and (not monthly or bool(rule.by_week_no)),
        "BYWEEKNO": bool(rule.by_week_no) and rule.freq != "YEARLY",
        "BYYEARDAY": bool(rule.by_year_day) and rule.freq in {"DAILY", "WEEKLY", "MONTHLY"},
        "BYMONTHDAY": bool(rule.by_month_day) and rule.freq == "WEEKLY",
        "BYSETPOS alone": bool(rule.by_set_pos) and not set(parts) & (set(_ORDER) - {"BYSETPOS"}),
        f"SKIP={rule.skip} with other day parts than BYMONTHDAY": rule.skip != "OMIT"
        and (not monthly or bool(rule.by_day or rule.by_year_day or rule.by_week_no)),
    }
    for part, wrong in refused.items():
        if wrong:
            raise RuleError(f"{part} does not fit FREQ={rule.freq} (RFC 5545 section 3.3.10, RFC 7529)")


def text_of(rule: Rule) -> str:
    """Return the one text of a rule: fixed order of parts, defaults left out, numbers sorted."""
    parts = [f"FREQ={rule.freq}"]
    parts += [f"INTERVAL={rule.interval}"] if rule.interval != 1 else []
    parts += [f"COUNT={rule.count}"] if rule.count is not None else []
    parts += [f"UNTIL={rule.until}"] if rule.until is not None else []
    parts += [f"WKST={WEEKDAYS[rule.wkst]}"] if rule.wkst else []
    for name in _ORDER:
        if name == "BYDAY":
            values = [f"{number or ''}{WEEKDAYS[day]}" for number, day in rule.by_day]
        else:
            values = [str(number) for number in getattr(rule, _NUMBERS[name][0])]
        parts += [f"{name}={','.join(values)}"] if values else []
    return ";".join(parts + ([f"SKIP={rule.skip}"] if rule.skip != "OMIT" else []))
