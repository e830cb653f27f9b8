"""Recurrence in quick-add: finds the one phrase of a line that recurs, and reads it to its end.

"every …", "4th of each month" and "on mondays" count wherever they stand. "daily", "weekends" and the like are also
parts of names and nouns, so they need a context (`shared/quick_add/context.py`).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from shared.quick_add import bounds, hours, phrase
from shared.quick_add.adverbs import ADVERBS, adverb, of_every, plural
from shared.quick_add.context import EVERY, Place, is_described, is_meant, is_name
from shared.quick_add.days import GROUPS, WORKING, nth, weekdays, yearly_dates
from shared.quick_add.exceptions import LEADS, exceptions
from shared.quick_add.heads import every
from shared.quick_add.hours import time_at
from shared.quick_add.numbers import MONTHS, ORDINALS, day_of
from shared.quick_add.phrase import Phrase, Reader
from shared.quick_add.tokens import AND, Line, joined
from shared.quick_add.units import EDGES
from shared.quick_add.words import MOST, Scan

# No phrase is without one of these.
_TRIGGERS = ("every", "each", "ev ", "ev!", "ly", "days", "ends", "once", "ings", "nights", "noons")
# What a phrase begins with, beside numbers and weekdays.
_FIRST_WORDS = EVERY | {"the", "on", "once", *ADVERBS, *EDGES, *GROUPS, *WORKING, *ORDINALS}
_READERS: tuple[tuple[Reader, str], ...] = (
    (exceptions, "recurrence"),
    (hours.hours, "recurrence"),
    (hours.in_hours, "recurrence"),
    (bounds.count, "recurrence"),
    (bounds.lasting, "recurrence"),
    (bounds.start, "due"),
    (bounds.until, "recurrence"),
    (hours.times, "due"),
    (hours.part_of_day, "recurrence"),
    (phrase.week_numbers, "recurrence"),
    (phrase.day_part, "recurrence"),
    (phrase.also_on, "recurrence"),
    (phrase.in_months, "recurrence"),
    (bounds.in_year, "recurrence"),
)
# What may also stand apart from the rule, and the words that lead it.
_APART: tuple[tuple[Reader, frozenset[str]], ...] = (
    (bounds.until, frozenset(bounds.ENDS | {"up"})),
    (bounds.lasting, frozenset({"for"})),
    (bounds.count, frozenset({"for"})),
    (exceptions, frozenset(LEADS)),
)


def find(scan: Scan, now: dt.datetime, locale: str) -> Phrase | None:
    """Return the one recurrence of the text, a sure one before a weak one; None when there is none."""
    if not any(trigger in scan.work for trigger in _TRIGGERS):
        return None
    line = Line.of(scan, now, locale)
    weak: Phrase | None = None
    for place in _places(line):
        if weak and line.offset(place.first) < max(end for _, end, _ in weak.spans):
            # What belongs to it is no rule of its own: "daily except on weekends".
            continue
        if place.head.sure and not is_name(line, place):
            return _read(line, place)
        if weak is None and not place.head.sure and not is_described(line, place):
            found = _read(line, place)
            if found.refused:
                return found
            weak = found if is_meant(line, place, found) else None
    return weak


def _places(line: Line) -> Iterator[Place]:
    last_every = max((at for at, word in enumerate(line.words) if word in EVERY), default=-1)
    behind, tried = 0, 0
    for i, word in enumerate(line.words):
        if i < behind or not _may_begin(word) or not line.begins(i):
            continue
        place = _head(line, i, last_every)
        if place:
            yield place
            behind = place.end
        else:
            # A list that begins no recurrence holds none.
            listed = nth(line, i) or weekdays(line, i)
            behind = listed[1] if listed else i + 1
        tried += 1
        if tried == MOST:
            return


def _may_begin(word: str) -> bool:
    return word in _FIRST_WORDS or word[0].isdecimal() or day_of(word) is not None


def _head(line: Line, i: int, last_every: int) -> Place | None:
    word = line.word(i)
    if word in EVERY:
        bang = line.word(i + 1) == "!" and line.is_glued(i + 1)
        found = every(line, line.passed(i + 1 + bang, "single"))
        first = i - 2 if line.words[max(0, i - 2) : i] == ("each", "and") else i
        is_one = found and (word != "ev" or found[0].sure)
        return Place(found[0], _led(line, first, "on", "once"), found[1], bang) if found and is_one else None
    if i < last_every and (found := of_every(line, i)):
        return Place(found[0], _led(line, _led(line, i, "the"), "on", "at"), found[1])
    if found := adverb(line, i):
        return Place(found[0], i, found[1])
    if found := plural(line, i):
        first = _led(line, i, "on")
        return Place(replace(found[0], sure=first < i), first, found[1])
    return None


def _led(line: Line, i: int, *words: str) -> int:
    return i - 1 if i > 0 and line.word(i - 1) in words and line.begins(i - 1) else i


def _read(line: Line, place: Place) -> Phrase:
    """Read everything around a head that belongs to it; a start before it counts before the rest is read."""
    found = Phrase(place.head.rule, part=place.head.time, after_completion=place.after_completion)
    found.spans.append((line.offset(place.first), line.ends[place.end - 1], "recurrence"))
    _start_apart(line, range(place.first), place, found)
    last = place.end
    while (following := _next(line, last, found)) is not None:
        last = following
    found.refused = found.refused or _goes_on(line, last)
    _start_apart(line, range(last, len(line.words)), place, found)
    for reader, leads in _APART:
        for j in line.places(leads):
            if not place.first <= j < last and (end := reader(line, j, found)):
                found.spans.append((line.offset(j), line.ends[end - 1], "recurrence"))
                break
    return found


def _goes_on(line: Line, i: int) -> bool:
    """Whether more days or times are joined, which no one rule holds: "and the 15th", "and every friday at 17"."""
    j = joined(line, i)
    if j is None or (line.word(i) == "," and line.word(i + 1) not in AND):
        return False
    if line.word(j - 1) in EVERY and every(line, j):
        return True
    dated, timed, counted, days = yearly_dates(line, j), time_at(line, j, bare=False), nth(line, j), weekdays(line, j)
    # "and first of all", "and sun cream" go on as anything.
    numbered = counted and (counted[0][-1].days or line.word(j)[0].isdecimal())
    named = days and (len(line.word(j)) > 3 or not line.word(days[1]).isalpha())
    ends = [found[1] for found in (dated, timed, counted if numbered else None, days if named else None) if found]
    return any(line.is_whole(end) for end in ends)


def _start_apart(line: Line, indices: range, place: Place, found: Phrase) -> None:
    """Read a start elsewhere; a month alone is one only right before the head: "starting in april, daily"."""
    for i in line.places(bounds.STARTS):
        end = bounds.start(line, i, found) if i in indices else None
        if end is None:
            continue
        if line.passed(end, ",") == place.first or line.word(end - 1) not in MONTHS:
            found.spans.append((line.offset(i), line.ends[end - 1], "due"))
            return
        found.start = None


def _next(line: Line, i: int, found: Phrase) -> int | None:
    first = line.passed(i, ",")
    for reader, kind in _READERS:
        end = reader(line, first, found)
        if end is not None and end > first and line.is_whole(end):
            found.spans.append((line.offset(first), line.ends[end - 1], kind))
            return end
    return None
