"""What follows the "every" of a recurrence: "other week", "3 days", "mon and fri", "15th", "last day of the month"."""

import datetime as dt
from dataclasses import dataclass, replace

from shared.quick_add.days import counted_rule, group, months, nth, plain, weekdays, yearly_dates
from shared.quick_add.numbers import ordinal
from shared.quick_add.tokens import Line, Read
from shared.quick_add.units import PARTS, UNITS, edge, step
from shared.recurrence.rule import Rule

# "every hour and a half", "every day or two"
_VAGUE = {("and", "a"), ("and", "night"), ("or", "two"), ("or", "so")}


@dataclass(frozen=True, slots=True)
class Head:
    """The rule a phrase begins with; `sure` where it is one wherever it stands."""

    rule: Rule
    time: dt.time | None = None
    sure: bool = True


def every(line: Line, i: int) -> Read[Head]:
    """Read what stands after "every"."""
    if at_end := edge(line, i, after_every=True):
        return Head(at_end[0]), at_end[1]
    counted = step(line, i)
    if counted and counted[0] == 0:
        return None
    # "last" counts days, but is no step.
    counted = counted if counted and counted[0] > 0 else None
    for reader in (_steps, _parts, _groups, _weekly, _on_dates, _in_months, _numbered):
        found = reader(line, i, counted)
        if found and line.is_whole(found[1]):
            return None if line.words[found[1] : found[1] + 2] in _VAGUE else found
    return None


def _steps(line: Line, i: int, step: Read[int]) -> Read[Head]:
    """Read "3 days", "other week", "4th day", "second"; "4th day of the month" counts days instead."""
    if step and line.word(step[1]) in UNITS:
        counts = ordinal(line, i) is not None
        if not (counts and line.word(step[1] + 1) in {"of", "in"}):
            freq, factor = UNITS[line.word(step[1])]
            return Head(Rule(freq, step[0] * factor)), step[1] + 1
    if (word := line.word(i)) in UNITS and not (word == "second" and _goes_on(line, i + 1)):
        freq, factor = UNITS[word]
        # "make every second count", "every minute is precious".
        return Head(Rule(freq, factor), sure=freq not in {"SECONDLY", "MINUTELY"}), i + 1
    return None


def _goes_on(line: Line, i: int) -> bool:
    """Whether "second" counts what follows it."""
    word = line.word(i)
    return word in UNITS or word in PARTS or word in {"to", "last", "-"} or bool(group(line, i) or weekdays(line, i))


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


def _on_dates(line: Line, i: int, _step: Read[int]) -> Read[Head]:
    """Read "july 4th", "aug 20 and 30", "24 december", "jan 1 and jul 1"."""
    found = yearly_dates(line, line.passed(i, "the"))
    return (Head(found[0]), found[1]) if found else None


def _in_months(line: Line, i: int, step: Read[int]) -> Read[Head]:
    """Read "march", "other march", "january on the first monday"."""
    count, i = step or (1, i)
    found = months(line, i)
    if found is None:
        return None
    rule, j = Rule("YEARLY", count, by_month=found[0]), found[1]
    counted = nth(line, line.passed(j, "on"))
    made = counted_rule(counted[0], rule) if counted else None
    if counted and made:
        return Head(made), counted[1]
    is_number = line.word(j).isdigit()
    return (Head(replace(rule, by_month_day=(1,))), j) if not is_number else None


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
