"""Recurrence in quick-add: finds the one phrase of a line that recurs, and reads it to its end.

"every …", "4th of each month" and "on mondays" count wherever they stand. "daily", "weekends" and the like are also
parts of names and nouns ("Daily Mail", "create monthly report"): they count at the end of the line, before something else
that was read or a word that cannot be described ("weekly would be best"), and as the first word before a plain one.
"""

import datetime as dt
from dataclasses import dataclass, replace

from shared.quick_add import bounds, phrase
from shared.quick_add.exceptions import LEADS, exceptions
from shared.quick_add.heads import ADVERBS, PARTS, UNITS, Head, adverb, every, of_every, plural
from shared.quick_add.phrase import Phrase, Reader
from shared.quick_add.tokens import MONTHS, Line, listed, ordinal
from shared.quick_add.words import Scan

# No phrase is without one of these.
_TRIGGERS = ("every", "each", "ev ", "ev!", "ly", "days", "ends", "once", "ings", "nights", "noons")
_EVERY = {"every", "each", "ev"}
_COMMON = {*UNITS, *PARTS, *ADVERBS, "weekday", "weekdays", "weekend", "weekends", "other"}
# Before these words "daily" and "weekends" describe something.
_NOUN_LEADS = {
    "the", "a", "an", "my", "your", "our", "his", "her", "their", "its", "this", "that", "these", "those", "next", "last",
    "new", "of", "twice", "times", "thrice", "x", "few", "many", "some", "several", "two", "three", "four", "five", "and",
    "both", "past", "no", "semi",
}  # fmt: skip
_PREPOSITIONS = {
    "with", "of", "in", "at", "for", "from", "to", "by", "on", "before", "after", "without", "about", "near", "during",
    "through", "via", "using", "around", "until", "till",
}  # fmt: skip
_PLAIN = _PREPOSITIONS | {
    "would", "will", "should", "can", "could", "must", "might", "is", "are", "was", "were", "works", "when", "while",
    "if", "because", "so", "unless", "the", "a", "an", "my", "our", "your", "his", "her", "their", "me", "him", "them",
    "us", "it", "please", "as", "but", "that", "this",
}  # fmt: skip
_READERS: tuple[tuple[Reader, str], ...] = (
    (exceptions, "recurrence"),
    (bounds.hours, "recurrence"),
    (bounds.count, "recurrence"),
    (bounds.lasting, "recurrence"),
    (bounds.start, "due"),
    (bounds.until, "recurrence"),
    (phrase.times, "due"),
    (phrase.part_of_day, "recurrence"),
    (phrase.week_numbers, "recurrence"),
    (phrase.day_part, "recurrence"),
    (phrase.in_months, "recurrence"),
)
# What may also stand apart from the rule, and the words that lead it.
_APART: tuple[tuple[Reader, frozenset[str], str], ...] = (
    (bounds.start, frozenset(bounds.STARTS), "due"),
    (bounds.until, frozenset(bounds.ENDS | {"up"}), "recurrence"),
    (bounds.lasting, frozenset({"for"}), "recurrence"),
    (bounds.count, frozenset({"for"}), "recurrence"),
    (exceptions, frozenset(LEADS), "recurrence"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a head stands, as token indices [first, end)."""

    head: Head
    first: int
    end: int
    after_completion: bool = False


def find(scan: Scan, now: dt.datetime, locale: str) -> Phrase | None:
    """Return the one recurrence of the text, a sure one before a weak one; None when there is none."""
    if not any(trigger in scan.work for trigger in _TRIGGERS):
        return None
    line = Line.of(scan, now, locale)
    weak: Phrase | None = None
    i = 0
    last_every = max((at for at, word in enumerate(line.words) if word in _EVERY), default=-1)
    while i < len(line.words):
        place = _head(line, i, last_every)
        if place is None:
            i = max(i + 1, _past_numbers(line, i))
            continue
        if place.head.sure and not _is_name(line, place):
            return _read(line, place)
        if weak is None and not place.head.sure:
            found = _read(line, place)
            weak = found if _is_meant(line, place, found) else None
            # What belongs to it is no rule of its own: "daily except on weekends".
            i = max(place.end, line.after(max(end for _, end, _ in found.spans))) if weak else place.end
            continue
        i = place.end
    return weak


def _past_numbers(line: Line, i: int) -> int:
    numbers = listed(line, i, ordinal)
    return numbers[1] if numbers else i


def _head(line: Line, i: int, last_every: int) -> Place | None:
    word = line.word(i)
    if not line.begins(i):
        return None
    if word in _EVERY:
        bang = line.word(i + 1) == "!" and line.is_glued(i + 1)
        found = every(line, line.passed(i + 1 + bang, "single"))
        if found and (word != "ev" or found[0].sure):
            return Place(found[0], _led(line, i, "on", "once"), found[1], bang)
        return None
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
    for i in range(place.first):
        end = bounds.start(line, i, found)
        if end is not None and (line.passed(end, ",") == place.first or line.word(end - 1) not in MONTHS):
            found.spans.append((line.offset(i), line.ends[end - 1], "due"))
            break
        found.start = None
    i = place.end
    return weak


def _past_numbers(line: Line, i: int) -> int:
    numbers = listed(line, i, ordinal)
    return numbers[1] if numbers else i


def _head(line: Line, i: int, last_every: int) -> Place | None:
    word = line.word(i)
    if not line.begins(i):
        return None
    if word in _EVERY:
        bang = line.word(i + 1) == "!" and line.is_glued(i + 1)
        found = every(line, line.passed(i + 1 + bang, "single"))
        if found and (word != "ev" or found[0].sure):
            return Place(found[0], _led(line, i, "on", "once"), found[1], bang)
        return None
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
    for i in range(place.first):
        close = line.passed(i, ",")
        if line.word(i) in bounds.STARTS and (end := bounds.start(line, i, found)) is not None:
            found.spans.append((line.offset(i), line.ends[end - 1], "due"))
            break
        del close
    i = place.end
    while (end := _next(line, i, found)) is not None:
        i = end
    for reader, leads, kind in _APART:
        for j in range(len(line.words)):
            if line.word(j) in leads and not place.first <= j < i and (end := reader(line, j, found)) is not None:
                found.spans.append((line.offset(j), line.ends[end - 1], kind))
                break
    return found


def _next(line: Line, i: int, found: Phrase) -> int | None:
    first = line.passed(i, ",")
    for reader, kind in _READERS:
        end = reader(line, first, found)
        if end is not None and end > first and line.is_whole(end):
            found.spans.append((line.offset(first), line.ends[end - 1], kind))
            return end
    return None


def _is_name(line: Line, place: Place) -> bool:
    """Whether a common noun is capitalised and the next word too: "Every Second Counts"."""
    original = line.scan.original
    common = any(
        line.word(i) in _COMMON and original[line.offset(i)].isupper() for i in range(place.first + 1, place.end)
    )
    return common and _capital(line, place.end) and not original.isupper()


def _capital(line: Line, i: int) -> bool:
    return line.word(i).isalpha() and line.scan.original[line.offset(i)].isupper() and not line.is_glued(i)


def _is_meant(line: Line, place: Place, found: Phrase) -> bool:
    """Whether a weak head stands where it says how often; see the top of this module."""
    before, after = line.word(place.first - 1), line.word(place.end)
    if before in _NOUN_LEADS or before.isdigit():
        return False
    if len(found.spans) > 1 or line.scan.closed(line.ends[place.end - 1]):
        return True
    if place.first == 0 or line.scan.follows(line.offset(place.first)):
        named = line.scan.original[line.offset(place.first)].isupper() and _capital(line, place.end)
        return not (named or after in _PREPOSITIONS)
    return after in _PLAIN
