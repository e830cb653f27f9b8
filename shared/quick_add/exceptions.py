"""What a recurrence leaves out: "except on weekends", "except in may", "except tomorrow at 8am", "except every 4th".

What recurs is kept as a rule of its own, to be taken out of the main one; dates become EXDATE.
"""

import datetime as dt
from calendar import monthrange
from dataclasses import replace

from shared import recurrence
from shared.quick_add import dates
from shared.quick_add.adverbs import adverb, of_every
from shared.quick_add.bounds import date, year
from shared.quick_add.days import Nth, counted_rule, days_of_month, months, nth, plain, weekdays
from shared.quick_add.heads import every
from shared.quick_add.hours import time_at, times
from shared.quick_add.numbers import ordinal
from shared.quick_add.phrase import Phrase, Skipped, day_part, in_months
from shared.quick_add.tokens import Line, Read, joined
from shared.recurrence.rule import Rule, text_of

LEADS = {"except", "excluding", "excepting", "besides", "skipping"}
_MOST = 64  # items after one "except"
_TO = {"to", "until", "till", "through", "thru", "-", "–", "and"}


def exceptions(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "except …" with all that is listed after it; None, and nothing kept, when no item is understood."""
    if line.word(i) in LEADS:
        i = line.passed(i + 1, "for")
    elif line.words[i : i + 2] in {("but", "not"), ("other", "than"), ("apart", "from")}:
        i += 2
    else:
        return None
    following: int | None = i
    end, count = None, 0
    while following is not None and (j := _item(line, line.passed(following, "on", "in", "during"), phrase)):
        end, count = j, count + 1
        following = joined(line, j)
        if count > _MOST:
            phrase.refused = True
            break
    return end


def _item(line: Line, i: int, phrase: Phrase) -> int | None:
    for reader in (_rule, _weekdays, _counted, _months, _range, _date, _hours):
        end = reader(line, i, phrase)
        if end is not None and line.is_whole(end):
            return end
    return None


def _base(line: Line, phrase: Phrase) -> dt.datetime:
    return dt.datetime.combine(phrase.start.date, dt.time()) if phrase.start else line.now


def _rule(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "daily at 12am", "each 2nd monday in march"."""
    led = line.word(i) in {"every", "each"}
    head = every(line, i + 1) if led else adverb(line, i) or of_every(line, i)
    if head is None:
        return None
    inner, end = Phrase(head[0].rule), head[1]
    while (j := day_part(line, end, inner) or times(line, end, inner) or in_months(line, end, inner)) is not None:
        end = j
    _at_hours(inner.rule, inner, phrase)
    return end


def _at_hours(rule: Rule, inner: Phrase, phrase: Phrase) -> None:
    """Leave the rule out at times of the same minute; others are more than one rule."""
    minutes = {time.minute for time in inner.times}
    hours = tuple(sorted({time.hour for time in inner.times}))
    phrase.refused = phrase.refused or len(minutes) > 1
    phrase.excluded.append(replace(rule, by_hour=hours, by_minute=tuple(minutes)) if minutes else rule)


def _weekdays(line: Line, i: int, phrase: Phrase) -> int | None:
    days = weekdays(line, line.passed(i, "the"))
    at = dates.at(line.scan, line.offset(i), line.now, line.locale) if days else None
    # "monday 4 january" is a date.
    if days is None or (at and line.after(at[1]) > days[1]):
        return None
    phrase.excluded.append(Rule("WEEKLY", by_day=plain(days[0])))
    return days[1]


def _counted(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "the 4th", each month; "last friday of the month"; "the 2nd monday in march", the next one."""
    items = nth(line, i)
    if items is None:
        return None
    j = line.passed(line.passed(items[1], "of", "in"), "the", "each", "every")
    if of := months(line, j):
        return _next(line, items[0], of, phrase)
    end = j + 1 if line.word(j) == "month" else items[1]
    made = counted_rule(items[0], Rule("MONTHLY"))
    if made:
        phrase.excluded.append(made)
    return end if made else None


def _next(line: Line, items: tuple[Nth, ...], of: tuple[tuple[int, ...], int], phrase: Phrase) -> int | None:
    made = counted_rule(items, Rule("YEARLY", by_month=of[0])) if any(item.days for item in items) else None
    if made is None:
        return None
    in_year = year(line, of[1])
    base = dt.datetime.combine(dt.date(in_year[0], 1, 1), dt.time()) if in_year else _base(line, phrase)
    first = recurrence.first_from(text_of(made), base)
    if first is None:
        return None
    phrase.skipped.append(Skipped(first.date(), first.date()))
    return in_year[1] if in_year else of[1]


def _range(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "24 december to 2 january", "from june 1 until june 14"."""
    base = _base(line, phrase)
    first = date(line, line.passed(i, "from", "between"), base, starts=False)
    if first is None or line.word(first[1]) not in _TO or (line.word(first[1]) == "and" and line.word(i) != "between"):
        return None
    last = date(line, first[1] + 1, dt.datetime.combine(first[0].date, dt.time()), starts=False)
    if last is None or last[0].date < first[0].date:
        return None
    phrase.skipped.append(Skipped(first[0].date, last[0].date))
    return last[1]


def _date(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "tomorrow at 8am", "june 23rd and 24th"."""
    found = dates.at(line.scan, line.offset(i), _base(line, phrase), line.locale) if i < len(line.words) else None
    if found is None:
        return None
    day, end = found[0].date, line.after(found[1])
    time = time_at(line, end, bare=False)
    phrase.skipped.append(Skipped(day, day, time[0][0] if time else None))
    end = time[1] if time else end
    while (following := joined(line, end)) and (another := _same_month(line, following, day)):
        phrase.skipped.append(Skipped(another[0], another[0]))
        end = another[1]
    return end


def _same_month(line: Line, i: int, day: dt.date) -> Read[dt.date]:
    found = ordinal(line, i)
    if found is None or months(line, line.passed(found[1], "of")) or not 1 <= found[0] <= 28 + 3:
        return None
    try:
        return day.replace(day=found[0]), found[1]
    except ValueError:
        return None


def _months(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "march and may", each year, "march 2027" and "2027"."""
    if whole := year(line, i):
        phrase.skipped.append(Skipped(dt.date(whole[0], 1, 1), dt.date(whole[0], 12, 31)))
        return whole[1]
    found = months(line, i)
    if found is None:
        return None
    if in_year := year(line, found[1]):
        for month in found[0]:
            first = dt.date(in_year[0], month, 1)
            phrase.skipped.append(Skipped(first, first.replace(day=monthrange(first.year, month)[1])))
        return in_year[1]
    if days_of_month(line, line.passed(found[1], "the")):
        return None
    phrase.excluded.append(Rule("DAILY", by_month=found[0]))
    return found[1]


def _hours(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "at 12am", "at 9 and 17"."""
    inner = Phrase(Rule("DAILY"))
    end = times(line, i, inner)
    if end is not None:
        _at_hours(inner.rule, inner, phrase)
    return end
