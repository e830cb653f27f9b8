"""The value of a recurrence rule and its one text: RFC 5545 section 3.3.10, with SKIP of RFC 7529 section 4.1."""

import datetime as dt
from dataclasses import dataclass

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The ends of the local time line, naive like all local times here.
FIRST = dt.datetime.combine(dt.date.min, dt.time.min)
LAST = dt.datetime.combine(dt.date.max, dt.time.max)
DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# The BY parts in the order of the text, and the field of each.
BY_PARTS = {
    "BYSECOND": "by_second",
    "BYMINUTE": "by_minute",
    "BYHOUR": "by_hour",
    "BYDAY": "by_day",
    "BYMONTHDAY": "by_month_day",
    "BYYEARDAY": "by_year_day",
    "BYWEEKNO": "by_week_no",
    "BYMONTH": "by_month",
    "BYSETPOS": "by_set_pos",
}


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
        return LAST if self.until is None else moment(self.until)


def moment(until: str) -> dt.datetime:
    """Return the last moment of an UNTIL: a date includes its whole day. Second 60 counts as 59 (section 3.3.12)."""
    if len(until) == len("20261231"):
        return dt.datetime.combine(dt.date.fromisoformat(until), dt.time.max)
    until = until.removesuffix("Z")
    return dt.datetime.fromisoformat(f"{until[:-2]}59" if until.endswith("60") else until)


def part_of(rule: Rule, name: str) -> str:
    """Return one BY part as text such as `BYDAY=MO,2TU`, empty when the rule has none."""
    if name == "BYDAY":
        values = [f"{number or ''}{WEEKDAYS[day]}" for number, day in rule.by_day]
    else:
        values = [str(number) for number in getattr(rule, BY_PARTS[name])]
    return f"{name}={','.join(values)}" if values else ""


def text_of(rule: Rule) -> str:
    """Return the one text of a rule: fixed order of parts, defaults left out, numbers sorted."""
    parts = [f"FREQ={rule.freq}"]
    parts += [f"INTERVAL={rule.interval}"] if rule.interval != 1 else []
    parts += [f"COUNT={rule.count}"] if rule.count is not None else []
    parts += [f"UNTIL={rule.until}"] if rule.until is not None else []
    parts += [f"WKST={WEEKDAYS[rule.wkst]}"] if rule.wkst else []
    parts += [part for part in (part_of(rule, name) for name in BY_PARTS) if part]
    return ";".join(parts + ([f"SKIP={rule.skip}"] if rule.skip != "OMIT" else []))
