"""Where a recurrence begins and ends: "from 4 jan until june", "for 3 weeks", "5 times"."""

import datetime as dt
from calendar import monthrange
from dataclasses import replace

from shared.quick_add import dates
from shared.quick_add.calendar import When
from shared.quick_add.numbers import TIMES, month, number
from shared.quick_add.phrase import Phrase
from shared.quick_add.tokens import Line, Read
from shared.quick_add.units import UNITS, place_of

STARTS = frozenset({"from", "starting", "starts", "start", "beginning", "begins"})
ENDS = frozenset({"until", "till", "til", "through", "thru", "ending", "ends"})
_WORDS = {"twice": 2, "thrice": 3}
_LONG = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def date(line: Line, i: int, base: dt.datetime, *, starts: bool) -> Read[When]:
    """Read a date as seen from `base`, or a month or year alone, which stands for its first day."""
    found = dates.at(line.scan, line.offset(i), base, line.locale) if i < len(line.words) else None
    if found:
        return found[0], line.after(found[1])
    if (place := place_of(line, i)) and line.word(place[1]) == "of":
        return _edge_of_month(line, place[1] + 1, place[0], base)
    of = month(line, i)
    if of and line.is_whole(of[1]):
        named = year(line, of[1])
        return _first_of(of[0], named[0] if named else None, base, starts=starts), named[1] if named else of[1]
    named = year(line, i)
    return (When(dt.date(named[0], 1, 1)), named[1]) if named else None


def _edge_of_month(line: Line, i: int, place: int, base: dt.datetime) -> Read[When]:
    """Read the "june" of "until the end of june"."""
    of = month(line, i)
    if of is None or not line.is_whole(of[1]):
        return None
    named = year(line, of[1])
    in_year = named[0] if named else base.year + (of[0] < base.month)
    last = monthrange(min(in_year, dt.MAXYEAR), of[0])[1]
    found = When(dt.date(min(in_year, dt.MAXYEAR), of[0], 1 if place > 0 else last))
    return found, named[1] if named else of[1]


def year(line: Line, i: int) -> Read[int]:
    """Read "2027"."""
    word = line.word(i)
    is_year = word.isascii() and len(word) == 4 and word[:2] in {"19", "20", "21"} and word.isdigit()
    return (int(word), i + 1) if is_year and line.is_whole(i + 1) else None


def _first_of(month: int, year: int | None, base: dt.datetime, *, starts: bool) -> When:
    if year is None and starts and month == base.month:
        return When(base.date())
    year = year or base.year + (month <= base.month)
    return When(dt.date(min(year, dt.MAXYEAR), month, 1))


def start(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "from 4 jan", "starting in april"."""
    if phrase.start or line.word(i) not in STARTS:
        return None
    j = line.passed(i + 1, "from", "on", "in", "at", "with")
    found = date(line, j, line.now, starts=True)
    if found is None:
        return None
    phrase.start = found[0]
    return found[1]


def until(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "until june", "ending on 1 march", "to march 25th" right after a start."""
    if phrase.is_bounded:
        return None
    follows = phrase.start is not None and i > 0 and phrase.spans and phrase.spans[-1][1] == line.ends[i - 1]
    if line.word(i) == "up" and line.word(i + 1) in {"to", "until", "till"}:
        i += 1
    elif line.word(i) not in ENDS and not (follows and line.word(i) in {"to", "-", "–"}):
        return None
    base = dt.datetime.combine(phrase.start.date, dt.time()) if phrase.start else line.now
    found = date(line, line.passed(i + 1, "on", "in", "at"), base, starts=False)
    if found is None:
        return None
    phrase.until = found[0].date
    return found[1]


def lasting(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "for 3 weeks", whole days from the start, and "for the next 3 weeks", up to this day in 3 weeks."""
    if phrase.is_bounded or line.word(i) not in {"for", "over", "during"}:
        return None
    j = i + 3 if line.words[i + 1 : i + 3] == ("up", "to") else i + 1
    j = line.passed(j, "the")
    is_next = line.word(j) in {"next", "coming"}
    counted = number(line, j + is_next)
    count, j = counted or (1, j + is_next)
    unit = line.word(j).removesuffix("s")
    if not (counted or is_next) or count < 1 or unit not in UNITS or not line.is_whole(j + 1):
        return None
    short = UNITS[unit][0] not in _LONG
    if unit in {"second", "sec", "quarter"} or (short and phrase.rule.freq in _LONG):
        return None
    phrase.lasting = (count, {"wk": "week", "yr": "year"}.get(unit, unit), is_next or short)
    return j + 1


def count(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "for 5 times", "3x", "twice", "up to 7 times"; "3 times a day" is another thing."""
    if phrase.is_bounded:
        return None
    j = line.passed(i, "for", "only")
    j = line.passed(line.passed(j, "up", "at"), "to", "most")
    counted = (_WORDS[line.word(j)], j + 1) if line.word(j) in _WORDS else _counted(line, j)
    if counted is None or counted[0] < 1 or line.word(counted[1]) in {"a", "an", "per", "each", "every"}:
        return None
    phrase.rule = replace(phrase.rule, count=counted[0])
    return counted[1]


def _counted(line: Line, i: int) -> Read[int]:
    found = number(line, i)
    if found is None or line.word(found[1]) not in TIMES or not line.is_whole(found[1] + 1):
        return None
    # "3 x" alone may be a product.
    loose = line.word(found[1]) == "x" and not line.is_glued(found[1]) and line.word(i - 1) != "for"
    return None if loose else (found[0], found[1] + 1)


def in_year(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "in december 2026" as both bounds."""
    of = month(line, i + 1) if line.word(i) in {"in", "of", "during"} else None
    named = year(line, of[1]) if of else None
    if of is None or named is None or phrase.start or phrase.is_bounded:
        return None
    first = dt.date(named[0], of[0], 1)
    phrase.start = When(max(first, line.now.date()))
    phrase.until = first.replace(day=monthrange(first.year, first.month)[1])
    return named[1]
