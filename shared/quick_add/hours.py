"""At what time of day a recurrence is: "at 9 and 17", "in the morning", "every 2 hours from 9 to 17"."""

import datetime as dt
import re
from dataclasses import replace

from shared.quick_add import times as clock_times
from shared.quick_add.numbers import TIMES, from_end
from shared.quick_add.phrase import Phrase
from shared.quick_add.tokens import Line, Read, joined, listed
from shared.quick_add.units import PARTS
from shared.recurrence.rule import Rule

_MOST = 48
_CLOCK = r"\d{1,2}(?:(?P<exact>[:.][0-5]\d(?!\d))?\s?(?P<half>[ap]\.?m\b\.?|[ap]\b)?(?P<clock>\s?o['’]?clock)?)"
_TIME = re.compile(rf"(?:(?P<at>at|@)\s?)?(?:{_CLOCK}|(?P<word>noon|midnight|midday))(?![\w:%/]|\.\d)")
_SUB_DAILY = {"HOURLY", "MINUTELY", "SECONDLY"}


def time_at(line: Line, i: int, *, bare: bool = True) -> Read[tuple[dt.time, bool]]:
    """Read "at 9", "3:15pm", "noon" and whether "at" led; `bare` also "9" where the words before make it a time."""
    match = _TIME.match(line.scan.work, line.offset(i)) if i < len(line.words) else None
    if match is None:
        return None
    said = match["at"] or match["exact"] or match["half"] or match["clock"] or match["word"]
    if not said and (not bare or line.word(line.after(match.end())) in TIMES):
        return None
    exact = clock_times.is_exact(line.locale)
    time = _of_word(match["word"]) if match["word"] else clock_times.clock_of(match[0], exact=exact)
    return ((time, bool(match["at"])), line.after(match.end())) if time else None


def _of_word(word: str) -> dt.time:
    return dt.time(0 if word == "midnight" else 12)


def times(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "at 9 and 17", "9am", "at 9:00, 9:30, 17:00 and 17:30"."""
    first = time_at(line, i, bare=False) if not phrase.times else None
    if first is None:
        return None
    found, end = [first[0][0]], first[1]
    while len(found) < _MOST and (following := joined(line, end)) and (more := time_at(line, following)):
        found.append(more[0][0])
        end = more[1]
    phrase.times = tuple(found)
    return end


def in_hours(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "at minute 0 and 30 in the hours 9, 10 and 11", as plain English of a rule says it."""
    minutes = listed(line, i + 2, from_end, most=59) if line.words[i : i + 2] == ("at", "minute") else None
    j = minutes[1] if minutes else i
    led = line.words[j : j + 2] == ("in", "the") and line.word(j + 2) in {"hour", "hours"}
    hours = listed(line, j + 3, from_end, most=23) if led else None
    if (
        hours is None
        or phrase.rule.by_hour
        or not _within_day(hours[0], 24)
        or not _within_day(minutes[0] if minutes else (0,), 60)
    ):
        return None
    by_minute = tuple(sorted(minutes[0])) if minutes else ()
    phrase.rule = replace(phrase.rule, by_hour=tuple(sorted(hours[0])), by_minute=by_minute)
    return hours[1]


def _within_day(numbers: tuple[int, ...], most: int) -> bool:
    return all(0 <= number < most for number in numbers)


def part_of_day(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "in the morning", "evenings", "at night"."""
    j = line.passed(line.passed(i, "in", "at"), "the")
    if phrase.part or phrase.rule.freq in _SUB_DAILY or line.word(j) not in PARTS or not line.is_whole(j + 1):
        return None
    phrase.part = dt.time(PARTS[line.word(j)])
    return j + 1


def hours(line: Line, i: int, phrase: Phrase) -> int | None:
    """Read "from 9 to 17", "between 9am and 5pm" after "every 2 hours" or "every 15 minutes"."""
    if phrase.rule.freq not in {"HOURLY", "MINUTELY"} or phrase.rule.by_hour:
        return None
    led = line.word(i) in {"from", "between"}
    first = time_at(line, i + led, bare=led)
    if first is None or line.word(first[1]) not in {"to", "until", "till", "-", "–", "and", "through"}:
        return None
    last = time_at(line, first[1] + 1)
    if last is None or not line.is_whole(last[1]):
        return None
    made = _within(phrase.rule, first[0][0], _after_noon(line, last[1], first[0][0], last[0][0]))
    phrase.rule, phrase.refused = made or phrase.rule, made is None
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
