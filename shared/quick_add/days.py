"""Which days a recurrence names: "mon-wed and fri", "2nd and last friday", "the 4th day", "last workday", "august"."""

from dataclasses import dataclass, replace

from shared.quick_add.numbers import from_end, month, ordinal, weekday
from shared.quick_add.together import on_dates
from shared.quick_add.tokens import Line, Read, joined, listed, remembered
from shared.recurrence.rule import DAYS_IN_MONTH, Rule

WORKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
_TO = {"-", "–", "to", "thru", "through"}
GROUPS = {"weekday": WORKDAYS, "workday": WORKDAYS, "weekend": WEEKEND}
GROUPS |= {f"{name}s": days for name, days in GROUPS.items()}
_PICKED = {"weekday": WORKDAYS, "weekdays": WORKDAYS, "workday": WORKDAYS, "workdays": WORKDAYS}
_MOST = 31
# Short weekdays that are words of their own.
_WORDS = {"sat", "sun", "weekend", "weekends"}
WORKING = {"business", "working", "work", "week"}


@dataclass(frozen=True, slots=True)
class Nth:
    """Numbers and weekdays, as in "2nd and last friday"; without weekdays days of the month; `picked` is BYSETPOS."""

    numbers: tuple[int, ...]
    days: tuple[int, ...] = ()
    picked: bool = False


def group(line: Line, i: int) -> Read[tuple[int, ...]]:
    """Read "weekday", "weekends", "working days", "business day"."""
    if line.word(i) in GROUPS:
        # "weekend day", as plain English of a rule says it.
        return GROUPS[line.word(i)], line.passed(i + 1, "day", "days")
    if line.word(i) in WORKING and line.word(i + 1) in {"day", "days"}:
        return WORKDAYS, i + 2
    return None


def weekdays(line: Line, i: int, joint: str = "and") -> Read[tuple[int, ...]]:
    """Read a list of weekdays, ranges and groups, sorted; with the joint "or" only a list that has one."""
    found: set[int] = set()
    while one := _stretch(line, i):
        found |= set(one[0])
        i = one[1]
        following = i + 1 if joint == "or" and line.word(i) == "or" else joined(line, i)
        if following is None and (
            line.word(i) not in _WORDS or not line.word(i + 1).isalpha() or line.word(i + 1) == "at"
        ):
            # "mon wed fri"
            following = i
        if following is None or _stretch(line, following) is None:
            break
        i = following
    return (tuple(sorted(found)), i) if found else None


def _stretch(line: Line, i: int) -> Read[tuple[int, ...]]:
    if together := group(line, i):
        return together
    first = weekday(line, i)
    if first is None:
        return None
    last = weekday(line, first[1] + 1) if line.word(first[1]) in _TO else None
    if last is None:
        more = joined(line, first[1])
        goes_on = more is not None and bool(weekday(line, more) or group(line, more))
        return ((first[0],), first[1]) if goes_on or line.is_whole(first[1]) else None
    return tuple((first[0] + step) % 7 for step in range((last[0] - first[0]) % 7 + 1)), last[1]


@remembered
def months(line: Line, i: int) -> Read[tuple[int, ...]]:
    """Read "aug", "march and may", "june to august", sorted."""
    # Numbers from 0 let a range pass the end of the year.
    found = listed(line, i, _from_zero, around=12)
    return (tuple(sorted(number + 1 for number in found[0])), found[1]) if found else None


def _from_zero(line: Line, i: int) -> Read[int]:
    found = month(line, i)
    return (found[0] - 1, found[1]) if found else None


@remembered
def nth(line: Line, i: int) -> Read[tuple[Nth, ...]]:
    """Read "the 1st and 15th", "first and third friday and second tuesday", "last workday", "35th day"."""
    items: list[Nth] = []
    following: int | None = line.passed(i, "the")
    while following is not None and len(items) < _MOST and (numbers := listed(line, following, ordinal)):
        days, i = _counted(line, numbers[1])
        items.append(replace(days, numbers=numbers[0]))
        following = joined(line, i)
    return (tuple(items), i) if items else None


def _counted(line: Line, i: int) -> tuple[Nth, int]:
    word = line.word(i)
    if word in {"day", "days"} and line.is_whole(i + 1):
        return Nth(()), i + 1
    if word in {"instance", "instances", "occurrence", "occurrences"} and line.word(i + 1) == "of":
        of = weekdays(line, line.passed(i + 2, "each", "every", "the"), "or")
        return (Nth((), of[0], picked=True), of[1]) if of else (Nth(()), i)
    if word in _PICKED or word in WORKING or (word == "weekend" and line.word(i + 1) == "day"):
        together = group(line, i)
        return (Nth((), together[0], picked=True), together[1]) if together else (Nth(()), i)
    found = weekdays(line, i, "or") if word not in GROUPS else None
    if found is None:
        return Nth(()), i
    return Nth((), found[0], picked="or" in line.words[i : found[1]]), found[1]


def counted_rule(items: tuple[Nth, ...], rule: Rule) -> Rule | None:
    """Return a monthly or yearly rule with such days; None where one RRULE cannot say them together."""
    numbers = tuple(dict.fromkeys(number for item in items for number in item.numbers))
    if all(item.days and not item.picked for item in items):
        by_day = {(number, day) for item in items for day in item.days for number in item.numbers}
        most = 5 if rule.freq == "MONTHLY" or rule.by_month else 53
        return replace(rule, by_day=in_order(by_day)) if max(map(abs, numbers)) <= most else None
    if len(items) == 1 and items[0].picked:
        # A month has 4 weeks and up to 3 days more.
        most = 4 * len(items[0].days) + min(3, len(items[0].days))
        if max(map(abs, numbers)) > most:
            return None
        return replace(rule, by_day=plain(items[0].days), by_set_pos=ends_last(numbers))
    if any(item.days for item in items):
        return None
    if rule.freq == "YEARLY" and not rule.by_month:
        return replace(rule, by_year_day=ends_last(numbers))
    return replace(rule, by_month_day=ends_last(numbers)) if max(map(abs, numbers)) <= 31 else None


def plain(days: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return weekdays as BYDAY without numbers."""
    return tuple((0, day) for day in sorted(days))


def in_order(by_day: set[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return BYDAY in canonical order: by weekday, numbers from the end last."""
    return tuple(sorted(by_day, key=lambda day: (day[1], day[0] < 0, day[0])))


def ends_last(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return numbers in canonical order, those from the end last."""
    return tuple(sorted(numbers, key=lambda number: (number < 0, number)))


def days_of_month(line: Line, i: int) -> Read[tuple[int, ...]]:
    """Read "20", "4th", "day 20 and 30", no times of day and no years."""
    i = line.passed(i, "day", "days")
    found = listed(line, i, _day_of_month)
    return (tuple(sorted(found[0])), found[1]) if found and line.is_whole(found[1]) else None


def _day_of_month(line: Line, i: int) -> Read[int]:
    found = ordinal(line, i) or from_end(line, i)
    if found is None or not line.word(i)[0].isdigit() or not 1 <= found[0] <= 31 or not line.is_whole(found[1]):
        return None
    following = line.word(found[1])
    hour = following in {"am", "pm", "a", "p"} or following.startswith(("o'", "o’", "oclock"))
    return None if hour or (following == ":" and line.is_glued(found[1])) else found


@remembered
def yearly_dates(line: Line, i: int) -> Read[Rule]:
    """Read "december 21st and 31st", "jan 1 and jul 4"; of dates that no one rule holds together the first."""
    dates: list[tuple[int, int]] = []
    end = i
    following: int | None = i
    while following is not None and len(dates) <= 12 * _MOST and (one := _date(line, following)):
        dates += [(month, day) for month in one[0][0] for day in one[0][1]]
        end = one[1]
        following = joined(line, end)
    if made := on_dates(dates) if dates else None:
        return made, end
    first = _date(line, i)
    return (Rule("YEARLY", by_month=first[0][0], by_month_day=first[0][1]), first[1]) if first else None


def _date(line: Line, i: int) -> Read[tuple[tuple[int, ...], tuple[int, ...]]]:
    if of := months(line, i):
        days = days_of_month(line, line.passed(line.passed(of[1], "on"), "the"))
        end = days[1] if days else i
    else:
        days = days_of_month(line, i) or _last_days(line, i)
        of = months(line, line.passed(days[1], "of")) if days else None
        end = of[1] if of else i
    # There is no 30th of February.
    exists = of and days and max(days[0]) <= min(DAYS_IN_MONTH[number - 1] for number in of[0])
    return ((of[0], days[0]), end) if of and days and exists else None


def _last_days(line: Line, i: int) -> Read[tuple[int, ...]]:
    """Read "last day", "2nd to last day"."""
    items = nth(line, i)
    if items is None or len(items[0]) > 1 or items[0][0].days or max(items[0][0].numbers) > 0:
        return None
    return items[0][0].numbers, items[1]
