"""What recurs without "every" at its head: "4th of each month", "daily", "once a week", "mondays"."""

import datetime as dt

from shared.quick_add.days import counted_rule, months, nth, plain, weekdays
from shared.quick_add.heads import Head
from shared.quick_add.tokens import Line, Read
from shared.quick_add.units import PARTS, UNITS, edge, of_unit, step
from shared.recurrence.rule import Rule

ADVERBS = {
    "hourly": ("HOURLY", 1), "daily": ("DAILY", 1), "everyday": ("DAILY", 1), "nightly": ("DAILY", 1),
    "weekly": ("WEEKLY", 1), "biweekly": ("WEEKLY", 2), "bi-weekly": ("WEEKLY", 2), "fortnightly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1), "bimonthly": ("MONTHLY", 2), "bi-monthly": ("MONTHLY", 2), "quarterly": ("MONTHLY", 3),
    "biannually": ("MONTHLY", 6), "semiannually": ("MONTHLY", 6), "yearly": ("YEARLY", 1), "annually": ("YEARLY", 1),
}  # fmt: skip


def of_every(line: Line, i: int) -> Read[Head]:
    """Read "the 4th of every 3 months", "2nd and last fri of each month", "end of every year"."""
    if at_end := edge(line, i, after_every=False):
        return Head(at_end[0]), at_end[1]
    items = nth(line, i)
    if items is None:
        return None
    j = line.passed(items[1], "of", "in", "on")
    # "first monday every month", but no "second every …".
    told = j > items[1] or items[0][-1].days or line.word(j - 1)[0].isdigit()
    if not told or line.word(j) not in {"each", "every"}:
        return None
    count, j = step(line, j + 1) or (1, j + 1)
    if found_months := months(line, j):
        made = counted_rule(items[0], Rule("YEARLY", count, by_month=found_months[0]))
        return (Head(made), found_months[1]) if made else None
    unit, j = line.word(j), j + 1
    if count < 1 or not line.is_whole(j):
        return None
    made = of_unit(line, items[0], unit, count)
    return (Head(made), j) if made else None


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
    words = line.words[i : days[1]]
    several = any(word in {"days", "weekends"} or (len(word) > 5 and word.endswith("days")) for word in words)
    return (Head(rule, sure=False), days[1]) if several else None
