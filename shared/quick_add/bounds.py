"""Where a recurrence begins and ends: "from 4 jan until june", "for 3 weeks", "5 times", and hours "from 9 to 17"."""

import datetime as dt
from dataclasses import replace

from shared.quick_add import dates
from shared.quick_add.calendar import When
from shared.quick_add.heads import UNITS
from shared.quick_add.phrase import Phrase, time_at
from shared.quick_add.tokens import Line, Read, month, number
from shared.recurrence.rule import Rule

STARTS = {"from", "starting", "starts", "start", "beginning", "begins"}
ENDS = {"until", "till", "til", "through", "thru", "ending", "ends"}
_TIMES = {"times", "time", "occurrences", "occurrence", "x", "repetitions", "instances"}
_LONG = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def date(line: Line, i: int, base: dt.datetime, *, starts: bool) -> Read[When]:
    """Read a date as seen from `base`, or a month or year alone, which stands for its first day."""
    found = dates.at(line.scan, line.offset(i), base, line.locale) if i < len(line.words) else None
    if found:
        return found[0], line.after(found[1])
    of = month(line, i)
    if of and line.is_whole(of[1]):
        named = year(line, of[1])
        return _first_of(of[0], named[0] if named else None, base, starts=starts), named[1] if named else of[1]
    named = year(line, i)
    return (When(dt.date(named[0], 1, 1)), named[1]) if named else None


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
    word, j = line.word(j), j + 1
    if word not in {"twice", "thrice"}:
        counted = number(line, j - 1)
        if counted is None or line.word(counted[1]) not in _TIMES or counted[0] < 1:
            return None
        if line.word(counted[1]) == "x" and not line.is_glued(counted[1]) and line.word(i) != "for":
            return None
        j = counted[1] + 1
    if line.word(j) in {"a", "an", "per", "each", "every"} or not line.is_whole(j):
        return None
    phrase.rule = replace(phrase.rule, count={"twice": 2, "thrice": 3}.get(word) or number(line, j - 2)[0])
    return j


def hours(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "from 9 to 17", "between 9am and 5pm" after "every 2 hours" or "every 15 minutes"."""
    if phrase.rule.freq not in {"HOURLY", "MINUTELY"} or phrase.rule.by_hour:
        return None
    led = line.word(i) in {"from", "between"}
    first = time_at(line, i + led, bare=led)
    if first is None or line.word(first[1]) not in {"to", "until", "till", "-", "–", "and", "through"}:
        return None
    last = time_at(line, first[1] + 1)
    made = _within(phrase.rule, first[0][0], _after_noon(line, last[1], first[0][0], last[0][0])) if last else None
    if last is None or made is None or not line.is_whole(last[1]):
        return None
    phrase.rule = made
    return last[1]


def _after_noon(line: Line, i: int, first: dt.time, last: dt.time) -> dt.time:
    """Let "from 9 to 5" end at 17:00."""
    plain = line.word(i - 1).isdigit()
    return last.replace(hour=last.hour + 12) if plain and last <= first and last.hour < 12 else last


def _within(rule: Rule, first: dt.time, last: dt.time) -> Rule | None:
    """Return the rule by the hours of the day: "every 30 minutes from 9 to 17" ends at 16:30."""
    minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
    minutes += 1_440 if minutes <= 0 else 0
    freq = "WEEKLY" if rule.by_day else "DAILY"
    if rule.freq == "HOURLY":
        found = {(first.hour + step) % 24 for step in range(0, minutes // 60 + 1, rule.interval)}
        return replace(rule, freq=freq, interval=1, by_hour=tuple(sorted(found)), by_minute=(first.minute,))
    if 60 % rule.interval or first.minute or last.minute:
        return None
    found = {(first.hour + step) % 24 for step in range(minutes // 60)}
    steps = tuple(range(0, 60, rule.interval))
    return replace(rule, freq=freq, interval=1, by_hour=tuple(sorted(found)), by_minute=steps)
