"""What a recurrence begins with: "every other week", "2nd friday of each month", "daily", "mondays".

Each reader returns a rule, the time that "morning" stands for, and the index after it.
"""

import datetime as dt
from dataclasses import dataclass, replace

from shared.quick_add.days import Nth, counted_rule, group, months, nth, plain, weekdays
from shared.quick_add.tokens import Line, Read, listed, number, ordinal
from shared.quick_add.words import HOUR_OF
from shared.recurrence.rule import Rule

UNITS = {
    "second": ("SECONDLY", 1), "sec": ("SECONDLY", 1), "minute": ("MINUTELY", 1), "min": ("MINUTELY", 1),
    "hour": ("HOURLY", 1), "hr": ("HOURLY", 1), "day": ("DAILY", 1), "week": ("WEEKLY", 1), "wk": ("WEEKLY", 1),
    "fortnight": ("WEEKLY", 2), "month": ("MONTHLY", 1), "quarter": ("MONTHLY", 3), "year": ("YEARLY", 1),
    "yr": ("YEARLY", 1),
}  # fmt: skip
UNITS |= {f"{name}s": unit for name, unit in UNITS.items()}
ADVERBS = {
    "hourly": ("HOURLY", 1), "daily": ("DAILY", 1), "everyday": ("DAILY", 1), "nightly": ("DAILY", 1),
    "weekly": ("WEEKLY", 1), "biweekly": ("WEEKLY", 2), "bi-weekly": ("WEEKLY", 2), "fortnightly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1), "bimonthly": ("MONTHLY", 2), "bi-monthly": ("MONTHLY", 2), "quarterly": ("MONTHLY", 3),
    "biannually": ("MONTHLY", 6), "yearly": ("YEARLY", 1), "annually": ("YEARLY", 1),
}  # fmt: skip
PARTS = HOUR_OF | {f"{part}s": hour for part, hour in HOUR_OF.items()}
_EDGES = {"end": -1, "start": 1, "beginning": 1, "begin": 1}
_FIRST_MONTHS, _LAST_MONTHS = (1, 4, 7, 10), (3, 6, 9, 12)


@dataclass(frozen=True, slots=True)
class Head:
    """The rule a phrase begins with; `sure` where it is one wherever it stands."""

    rule: Rule
    time: dt.time | None = None
    sure: bool = True


def every(line: Line, i: int) -> Read[Head]:
    """Read what stands after "every"."""
    if found := _edge(line, line.passed(i, "the"), {"the", "each", "every"}):
        return found
    step = _step(line, i)
    if step and step[0] == 0:
        return None
    # "last" counts days, but is no step.
    step = step if step and step[0] > 0 else None
    for reader in (_steps, _parts, _groups, _weekly, _in_months, _numbered, _dates):
        found = reader(line, i, step)
        if found and line.is_whole(found[1]):
            return found
    return None


def _step(line: Line, i: int) -> Read[int]:
    if line.word(i) in {"other", "alternate"}:
        return 2, i + 1
    found = number(line, i) or ordinal(line, i)
    return found if found and line.word(i) not in {"a", "an"} else None


def _steps(line: Line, i: int, step: Read[int]) -> Read[Head]:
    """Read "3 days", "other week", "4th day", "second"; "4th day of the month" counts days instead."""
    if step and line.word(step[1]) in UNITS:
        counts = ordinal(line, i) is not None
        if not (counts and line.word(step[1] + 1) in {"of", "in"}):
            freq, factor = UNITS[line.word(step[1])]
            return Head(Rule(freq, step[0] * factor)), step[1] + 1
    if (word := line.word(i)) in UNITS and (word != "second" or not _goes_on(line, i + 1)):
        freq, factor = UNITS[word]
        # "make every second count", "every minute is precious".
        return Head(Rule(freq, factor), sure=freq not in {"SECONDLY", "MINUTELY"}), i + 1
    return None


def _goes_on(line: Line, i: int) -> bool:
    """Whether "second" counts what follows it."""
    return line.word(i) in UNITS or line.word(i) in PARTS or group(line, i) is not None or weekdays(line, i) is not None


def _parts(line: Line, i: int, step: Read[int]) -> Read[Head]:
    count, i = step or (1, i)
    return (Head(Rule("DAILY", count), dt.time(PARTS[line.word(i)])), i + 1) if line.word(i) in PARTS else None


def _groups(line: Line, i: int, step: Read[int]) -> Read[Head]:
    counts = ordinal(line, i) is not None
    count, i = step or (1, i)
    days = group(line, i)
    # "every 3rd workday" is the third of the month.
    if days is None or (counts and not line.word(i).startswith("weekend")):
        return None
    if count == 1 and (more := weekdays(line, i)):
        days = more
    return Head(Rule("WEEKLY", count, by_day=plain(days[0]))), days[1]


def _weekly(line: Line, i: int, step: Read[int]) -> Read[Head]:
    if ordinal(line, i):
        return None
    count, i = step or (1, i)
    days = weekdays(line, i)
    return (Head(Rule("WEEKLY", count, by_day=plain(days[0]))), days[1]) if days else None


def _in_months(line: Line, i: int, step: Read[int]) -> Read[Head]:
    """Read "july 4th", "aug 20 and 30", "aug on day 20", "march", "january on the first monday"."""
    found = months(line, i) if step is None else None
    if found is None:
        return None
    rule, j = Rule("YEARLY", by_month=found[0]), found[1]
    on = line.passed(line.passed(j, "on", "in"), "the")
    if line.word(j) != "in" and (days := days_of_month(line, on)):
        return Head(replace(rule, by_month_day=days[0])), days[1]
    counted = nth(line, on)
    made = counted_rule(counted[0], rule) if counted else None
    if counted and made:
        return Head(made), counted[1]
    is_number = line.word(j).isdigit()
    return (Head(replace(rule, by_month_day=(1,))), j) if not is_number else None


def days_of_month(line: Line, i: int) -> Read[tuple[int, ...]]:
    """Read "20", "4th", "day 20 and 30", no times of day and no years."""
    i = line.passed(i, "day", "days")
    found = listed(line, i, _day_of_month)
    return (tuple(sorted(found[0])), found[1]) if found and line.is_whole(found[1]) else None


def _day_of_month(line: Line, i: int) -> Read[int]:
    found = ordinal(line, i) or number(line, i)
    if found is None or not line.word(i)[0].isdigit() or not 1 <= found[0] <= 31 or not line.is_whole(found[1]):
        return None
    following = line.word(found[1])
    hour = following in {"am", "pm", "a", "p"} or following.startswith(("o'", "o’", "oclock"))
    return None if hour or (following == ":" and line.is_glued(found[1])) else found


def _numbered(line: Line, i: int, _step: Read[int]) -> Read[Head]:
    """Read "15th", "3rd friday", "last day of the month", "fourth thursday in november", "20th and 30th of aug"."""
    items = nth(line, i)
    if items is None:
        return None
    of = _scope(line, items[1])
    if of:
        made = counted_rule(items[0], of[0])
        return (Head(made), of[1]) if made else None
    # "every first …" and "every last …" may go on as anything; "every 15th" is a day.
    told = bool(items[0][-1].days) or line.word(items[1] - 1) in {"day", "days"}
    if not (told or line.word(line.passed(i, "the"))[0].isdigit()):
        return None
    made = counted_rule(items[0], Rule("MONTHLY"))
    return (Head(made, sure=told), items[1]) if made else None


def _scope(line: Line, i: int) -> Read[Rule]:
    """Read "of the month", "in november", "of the year", and a bare month after days: "24 december"."""
    j = line.passed(i, "of", "in")
    j = line.passed(j, "the", "each", "every", "a")
    if j > i and line.word(j) in {"month", "year"}:
        return Rule("MONTHLY" if line.word(j) == "month" else "YEARLY"), j + 1
    found = months(line, j)
    return (Rule("YEARLY", by_month=found[0]), found[1]) if found else None


def _dates(line: Line, i: int, _step: Read[int]) -> Read[Head]:
    """Read "24 december", "20 and 30 of aug"."""
    days = days_of_month(line, line.passed(i, "the"))
    of = months(line, line.passed(days[1], "of", "in")) if days else None
    return (Head(Rule("YEARLY", by_month=of[0], by_month_day=days[0])), of[1]) if days and of else None


def _edge(line: Line, i: int, joints: set[str]) -> Read[Head]:
    """Read "end of each month", "start of every other year", "beginning of the week"."""
    place = _EDGES.get(line.word(i))
    j = i + 2
    if place is None or line.word(i + 1) not in {"of", "in"} or line.word(j) not in joints:
        return None
    step = _step(line, j + 1)
    count, j = step or (1, j + 1)
    rule = edge_rule(line.word(j), place)
    return (Head(replace(rule, interval=count * rule.interval)), j + 1) if rule and line.is_whole(j + 1) else None


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
    return (_EDGES[line.word(i)], i + 1) if line.word(i) in _EDGES and line.is_whole(i + 1) else None


def of_every(line: Line, i: int) -> Read[Head]:
    """Read "the 4th of every 3 months", "2nd and last fri of each month", "end of every year"."""
    if found := _edge(line, line.passed(i, "the"), {"each", "every"}):
        return found
    items = nth(line, i)
    if (
        items is None
        or line.word(items[1]) not in {"of", "in", "on"}
        or line.word(items[1] + 1) not in {"each", "every"}
    ):
        return None
    step = _step(line, items[1] + 2)
    count, j = step or (1, items[1] + 2)
    if found_months := months(line, j):
        made = counted_rule(items[0], Rule("YEARLY", count, by_month=found_months[0]))
        return (Head(made), found_months[1]) if made else None
    unit, j = line.word(j), j + 1
    if count < 1 or not line.is_whole(j):
        return None
    made = of_unit(line, items[0], unit, count)
    return (Head(made), j) if made else None


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


def adverb(line: Line, i: int) -> Read[Head]:
    """Read "daily", "once a week", "on a monthly basis"; not "twice weekly"."""
    basis = line.word(i) == "on" and line.word(i + 1) == "a" and line.word(i + 3) == "basis"
    word = line.word(i + 2) if basis else line.word(i)
    if word in ADVERBS:
        end = i + 4 if basis else i + 1
        time = dt.time(PARTS["night"]) if word == "nightly" else None
        return (Head(Rule(*ADVERBS[word]), time, sure=basis), end) if line.is_whole(end) else None
    if word == "once" and line.word(i + 1) in {"a", "an", "per"} and line.word(i + 2) in UNITS and line.is_whole(i + 3):
        return Head(Rule(*UNITS[line.word(i + 2)]), sure=False), i + 3
    return None


def plural(line: Line, i: int) -> Read[Head]:
    """Read "tuesdays and fridays", "weekends", "sunday mornings"."""
    days = weekdays(line, i)
    if days is None or not line.is_whole(days[1]):
        return None
    rule = Rule("WEEKLY", by_day=plain(days[0]))
    part = line.word(days[1])
    if part in PARTS and part.endswith("s") and line.is_whole(days[1] + 1):
        return Head(rule, dt.time(PARTS[part]), sure=False), days[1] + 1
    several = any(len(word) > 5 and word.endswith("days") for word in line.words[i : days[1]])
    return (Head(rule, sure=False), days[1]) if several or line.word(days[1] - 1) == "weekends" else None
