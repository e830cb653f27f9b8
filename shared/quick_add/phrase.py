"""A recurrence as far as it has been read, and its further parts: which days, which months, at what times."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from shared.quick_add.calendar import When
from shared.quick_add.days import (
    Nth,
    counted_rule,
    days_of_month,
    ends_last,
    months,
    nth,
    plain,
    weekdays,
    yearly_dates,
)
from shared.quick_add.numbers import MONTHS, from_end, ordinal
from shared.quick_add.tokens import Line, Read, listed
from shared.quick_add.units import edge_rule, of_unit, place_of
from shared.recurrence.rule import Rule


@dataclass(frozen=True, slots=True)
class Skipped:
    """Days that a date takes out of the rule, from first to last, at one time of day or the whole day."""

    first: dt.date
    last: dt.date
    time: dt.time | None = None


@dataclass(slots=True)
class Phrase:
    """A rule with its times and bounds.

    `lasting` is (count, unit, whether the day it ends on is in it); `refused` says that no one rule can keep a part.
    """

    rule: Rule
    times: tuple[dt.time, ...] = ()
    part: dt.time | None = None
    after_completion: bool = False
    start: When | None = None
    until: dt.date | None = None
    lasting: tuple[int, str, bool] | None = None
    excluded: list[Rule] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    refused: bool = False
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def is_bounded(self) -> bool:
        """Whether it ends."""
        return bool(self.until or self.lasting or self.rule.count)


# Reads at an index what belongs to the phrase, puts it in, and returns the index after it.
Reader = Callable[[Line, int, Phrase], int | None]


def day_part(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "on mon and fri", "on the last day", "on march 3", where the rule does not say which days."""
    rule = phrase.rule
    if rule.by_day or rule.by_month_day or rule.by_year_day or (rule.by_week_no and line.word(i) != "on"):
        return None
    lead = line.passed(i, "on", "at", "in")
    reader = {"WEEKLY": _of_week, "MONTHLY": _of_month, "YEARLY": _of_year}.get(rule.freq, _limit)
    found = reader(line, line.passed(lead, "the"), rule) if lead > i or rule.freq in {"WEEKLY", "MONTHLY"} else None
    if found is None or not line.is_whole(found[1]):
        return None
    phrase.rule = found[0]
    return found[1]


def _of_week(line: Line, i: int, rule: Rule) -> Read[Rule]:
    if days := weekdays(line, i):
        return replace(rule, by_day=plain(days[0])), days[1]
    items = nth(line, i)
    made = of_unit(line, items[0], "week", rule.interval) if items else None
    return (made, items[1]) if items and made else None


def _of_month(line: Line, i: int, rule: Rule) -> Read[Rule]:
    if place := place_of(line, i):
        return replace(rule, by_month_day=(place[0],)), place[1]
    if items := nth(line, i):
        made = counted_rule(items[0], rule)
        return _or_else(line, _of_the(line, items[1], "month"), made) if made else None
    led = line.word(i - 1) in {"on", "the"} or line.word(i) == "day"
    if led and (days := days_of_month(line, i)):
        return replace(rule, by_month_day=days[0]), days[1]
    days = weekdays(line, i)
    return (replace(rule, by_day=plain(days[0])), days[1]) if days else None


def _or_else(line: Line, i: int, rule: Rule) -> tuple[Rule, int]:
    """Read what a month without the 31st has instead: SKIP of RFC 7529."""
    if rule.by_month_day and line.words[i : i + 4] == ("or", "the", "last", "day"):
        return replace(rule, skip="BACKWARD"), i + 4
    if rule.by_month_day and line.words[i : i + 5] == ("or", "the", "first", "day", "after"):
        return replace(rule, skip="FORWARD"), i + 5
    return rule, i


def _of_the(line: Line, i: int, unit: str) -> int:
    j = line.passed(line.passed(i, "of", "in"), "the", "each")
    return j + 1 if j > i and line.word(j) == unit else i


def _of_year(line: Line, i: int, rule: Rule) -> Read[Rule]:
    if dates := yearly_dates(line, i):
        return replace(dates[0], interval=rule.interval, count=rule.count), dates[1]
    if place := place_of(line, i):
        made = edge_rule("year", place[0])
        return (replace(made, interval=rule.interval), place[1]) if made else None
    if line.word(i) == "day" and (numbers := listed(line, i + 1, from_end, most=366)):
        made = (
            counted_rule((Nth(numbers[0]),), rule) if 0 not in numbers[0] and max(map(abs, numbers[0])) <= 366 else None
        )
        return (made, _of_the(line, numbers[1], "year")) if made else None
    if items := nth(line, i):
        of = months(line, line.passed(items[1], "of", "in"))
        made = counted_rule(items[0], replace(rule, by_month=of[0]) if of else rule)
        return (made, of[1] if of else _of_the(line, items[1], "year")) if made else None
    days = weekdays(line, i)
    return (replace(rule, by_day=plain(days[0])), days[1]) if days else None


def _limit(line: Line, i: int, rule: Rule) -> Read[Rule]:
    """Read "on weekdays" after "every 2 hours", "on the 1st"; weekdays make a rule of every day weekly."""
    days = weekdays(line, i)
    if days is None:
        items = nth(line, i)
        made = counted_rule(items[0], rule) if items and not any(item.days for item in items[0]) else None
        return (made, items[1]) if items and made else None
    weekly = rule.freq == "DAILY" and rule.interval == 1
    return replace(rule, freq="WEEKLY" if weekly else rule.freq, by_day=plain(days[0])), days[1]


def also_on(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "the 13th" after "every friday": days that are both."""
    rule = phrase.rule
    j = line.passed(i, "on")
    plain_days = bool(rule.by_day) and not any(number for number, _ in rule.by_day) and rule.interval == 1
    is_free = not (rule.by_month_day or rule.by_set_pos or rule.by_week_no)
    if not (plain_days and is_free and line.word(j) == "the" and rule.freq in {"WEEKLY", "MONTHLY"}):
        return None
    items = nth(line, j)
    # "the 13th of december" is a date.
    if items is None or any(item.days for item in items[0]) or line.word(items[1]) in {"of", *MONTHS}:
        return None
    phrase.rule = counted_rule(items[0], replace(rule, freq="MONTHLY", by_day=())) or rule
    phrase.rule = replace(phrase.rule, by_day=rule.by_day)
    return items[1]


def week_numbers(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "in week 12 and 14", "in the last week" (ISO 8601): it makes a weekly rule yearly."""
    rule = phrase.rule
    fits = rule.freq == "YEARLY" or (rule.freq == "WEEKLY" and rule.interval == 1)
    if not fits or line.word(i) not in {"in", "of"} or rule.by_month or any(nth for nth, _ in rule.by_day):
        return None
    j = line.passed(i + 1, "the")
    weeks = listed(line, j, _week, most=53) if line.word(j) in {"week", "weeks"} or ordinal(line, j) else None
    if weeks is None or 0 in weeks[0] or max(map(abs, weeks[0])) > 53 or rule.by_month_day or rule.by_year_day:
        return None
    phrase.rule = replace(rule, freq="YEARLY", by_week_no=ends_last(weeks[0]))
    return weeks[1]


def _week(line: Line, i: int) -> Read[int]:
    i = line.passed(i, "the")
    nth = ordinal(line, i)
    if nth and nth[0] < 0 and line.word(nth[1]) == "week" and line.word(nth[1] + 1) != "of":
        return nth[0], nth[1] + 1
    return from_end(line, line.passed(i, "week", "weeks"))


def in_months(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "in june and july" as a limit; "in june 2027" is not one."""
    rule = phrase.rule
    found = months(line, line.passed(i + 1, "the")) if line.word(i) in {"in", "of", "during"} else None
    if found is None or rule.by_month or rule.by_week_no or rule.by_year_day or line.word(found[1]).isdigit():
        return None
    phrase.rule = replace(rule, by_month=found[0])
    return found[1]
