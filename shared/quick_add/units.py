"""The units of a recurrence, and days counted in them: "the last workday of every quarter", "the end of the week"."""

from dataclasses import replace

from shared.quick_add.days import Nth, counted_rule, plain
from shared.quick_add.numbers import number, ordinal
from shared.quick_add.tokens import Line, Read
from shared.quick_add.words import HOUR_OF
from shared.recurrence.rule import Rule

UNITS = {
    "second": ("SECONDLY", 1), "sec": ("SECONDLY", 1), "minute": ("MINUTELY", 1), "min": ("MINUTELY", 1),
    "hour": ("HOURLY", 1), "hr": ("HOURLY", 1), "day": ("DAILY", 1), "week": ("WEEKLY", 1), "wk": ("WEEKLY", 1),
    "fortnight": ("WEEKLY", 2), "month": ("MONTHLY", 1), "quarter": ("MONTHLY", 3), "year": ("YEARLY", 1),
    "yr": ("YEARLY", 1), "decade": ("YEARLY", 10),
}  # fmt: skip
UNITS |= {f"{name}s": unit for name, unit in UNITS.items()}
PARTS = HOUR_OF | {f"{part}s": hour for part, hour in HOUR_OF.items()}
EDGES = {"end": -1, "start": 1, "beginning": 1, "begin": 1}
_FIRST_MONTHS, _LAST_MONTHS = (1, 4, 7, 10), (3, 6, 9, 12)


def step(line: Line, i: int) -> Read[int]:
    """Read the "other", "3" or "third" of "every other week"."""
    if line.word(i) in {"other", "alternate"}:
        return 2, i + 1
    found = number(line, i) or ordinal(line, i)
    return found if found and line.word(i) not in {"a", "an"} else None


def of_unit(line: Line, items: tuple[Nth, ...], unit: str, count: int = 1) -> Rule | None:
    """Return the rule of counted days of every month, year, quarter or week."""
    unit = unit.removesuffix("s")
    if unit in {"month", "year"}:
        return counted_rule(items, Rule("MONTHLY" if unit == "month" else "YEARLY", count))
    ends = {number < 0 for item in items for number in item.numbers}
    if unit == "quarter" and len(ends) == 1 and count == 1:
        return counted_rule(items, Rule("YEARLY", by_month=_LAST_MONTHS if ends == {True} else _FIRST_MONTHS))
    if unit != "week" or len(items) > 1:
        return None
    days = items[0].days or week_of(line.locale)
    places = {number - 1 if number > 0 else number + len(days) for number in items[0].numbers}
    if not places <= set(range(len(days))) or (items[0].days and not items[0].picked):
        return None
    return Rule("WEEKLY", count, by_day=plain(tuple(days[place] for place in places)))


def week_of(locale: str) -> tuple[int, ...]:
    """Return the weekdays in the order of the week: it begins on Sunday in the United States, else on Monday."""
    american = locale.replace("_", "-").lower() in {"en", "en-us"}
    return (6, 0, 1, 2, 3, 4, 5) if american else (0, 1, 2, 3, 4, 5, 6)


def edge_rule(unit: str, place: int) -> Rule | None:
    """Return the first or last day of each such unit; the working week ends on Friday."""
    return {
        "week": Rule("WEEKLY", by_day=((0, 0 if place > 0 else 4),)),
        "month": Rule("MONTHLY", by_month_day=(place,)),
        "quarter": Rule("YEARLY", by_month=_FIRST_MONTHS if place > 0 else _LAST_MONTHS, by_month_day=(place,)),
        "year": Rule("YEARLY", by_month=(1 if place > 0 else 12,), by_month_day=(place,)),
    }.get(unit.removesuffix("s"))


def place_of(line: Line, i: int) -> Read[int]:
    """Read "the beginning", "the end" after "every month at"."""
    i = line.passed(i, "the")
    return (EDGES[line.word(i)], i + 1) if line.word(i) in EDGES and line.is_whole(i + 1) else None


def edge(line: Line, i: int, *, after_every: bool) -> Read[Rule]:
    """Read "end of each month", "start of every other year"; after "every" also "end of the month"."""
    i = line.passed(i, "the")
    place = EDGES.get(line.word(i))
    j = line.passed(i + 2, "each", "every", *(("the",) if after_every else ()))
    if place is None or line.word(i + 1) not in {"of", "in"} or (j == i + 2 and not after_every):
        return None
    count, j = step(line, j) or (1, j)
    rule = edge_rule(line.word(j), place) if count > 0 and line.is_whole(j + 1) else None
    return (replace(rule, interval=count * rule.interval), j + 1) if rule else None
