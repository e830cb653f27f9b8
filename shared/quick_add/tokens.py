"""The words of a line with their places, and what single words stand for in a recurrence.

Readers of the grammar take a line and the index of a token and return a value with the index after it, or None.
"""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from shared.quick_add.words import NUMBERS, TAKEN, Scan

Value = TypeVar("Value")
Read = tuple[Value, int] | None

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)(?![^\W_])|bi-\w+|\d+|[^\W\d_]+(?:['’][^\W\d_]+)*|\x00+|\x01+|\S")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORT = {
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "weds": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "mon": 0,
    "fri": 4,
    "sat": 5,
    "sun": 6,
}
WEEKDAYS = {name: day for day, name in enumerate(_DAYS)} | _SHORT | {"wensday": 2, "wendsday": 2}
MONTHS = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, len(name))}
MONTHS |= {"sept": 9, "febuary": 2}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "fifteenth": 15, "twentieth": 20, "last": -1, "final": -1, "penultimate": -2,
}  # fmt: skip
_AND = {",", "and", "&", "/", "+"}
_TO = {"-", "–", "to", "thru", "through"}
_CLOSING = f",;!?){TAKEN}"
_BETWEEN = ".:-–/&(…"
_OPENING = f"(,;:!/&…{TAKEN}"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Line:
    """The tokens of a scan, lower case, with their ends; `now` and `locale` say what its dates mean."""

    scan: Scan
    now: dt.datetime
    locale: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, scan: Scan, now: dt.datetime, locale: str) -> "Line":
        """Cut the line into words, numbers with or without st/nd/rd/th, and single signs."""
        found = [(match[0], *match.span()) for match in _TOKEN.finditer(scan.work)]
        words, starts, ends = zip(*found, strict=True) if found else ((), (), ())
        return cls(scan, now, locale, words, starts, ends)

    def word(self, i: int) -> str:
        """Return the token, an empty text outside the line."""
        return self.words[i] if 0 <= i < len(self.words) else ""

    def offset(self, i: int) -> int:
        """Return where the token begins in the text."""
        return self.starts[i] if i < len(self.starts) else len(self.scan.work)

    def after(self, offset: int) -> int:
        """Return the index of the first token from an offset on."""
        return bisect_left(self.starts, offset)

    def passed(self, i: int, *wanted: str) -> int:
        """Return the index after one of the words, or the same index."""
        return i + (self.word(i) in wanted)

    def is_whole(self, i: int) -> bool:
        """Whether the word before token i ends there: "daily." and "daily," do, "daily-menu" and "daily.txt" do not."""
        if not self.is_glued(i):
            return True
        sign = self.words[i]
        return sign[0] in _CLOSING or (sign in _BETWEEN and not self.is_glued(i + 1))

    def begins(self, i: int) -> bool:
        """Whether token i begins a word of its own, so that "semi-daily" is none."""
        return not self.is_glued(i) or self.words[i - 1][0] in _OPENING

    def is_glued(self, i: int) -> bool:
        """Whether token i follows the one before without a blank."""
        return 0 < i < len(self.words) and self.starts[i] == self.ends[i - 1]


def number(line: Line, i: int) -> Read[int]:
    """Read "3", "three", "a"."""
    word = line.word(i)
    if word.isascii() and word.isdigit() and len(word) <= 3 and not _is_fraction(line, i):
        return int(word), i + 1
    return (NUMBERS[word], i + 1) if word in NUMBERS else None


def _is_fraction(line: Line, i: int) -> bool:
    return line.word(i + 1) in {".", ",", ":", "/"} and line.is_glued(i + 1) and line.is_glued(i + 2)


def ordinal(line: Line, i: int) -> Read[int]:
    """Read "4th", "third", "last", and from the end "2nd to last", "second to the last", "third last"."""
    word = line.word(i)
    numeric = word.isascii() and word[:1].isdigit() and not word[-1].isdigit() and len(word) <= 5
    found = int(word[:-2]) if numeric else ORDINALS.get(word)
    if not found or found > 366:
        return None
    i += 1
    sign = "-" if line.word(i) == "-" else "to"
    j = line.passed(line.passed(i, sign), "to")
    j = line.passed(line.passed(j, "-"), "the")
    if found > 0 and line.word(j) == "last" and (j == i or line.word(j - 1) in {"to", "the", "-"}):
        return -found, j + 1
    return found, i


def weekday(line: Line, i: int) -> Read[int]:
    """Read "mon", "Tuesdays", "wed.", "wednsday"."""
    found = day_of(line.word(i))
    if found is None:
        return None
    return found, line.passed(i + 1, ".") if line.is_glued(i + 1) and line.ends[i] - line.starts[i] <= 5 else i + 1


def month(line: Line, i: int) -> Read[int]:
    """Read "jan", "sept.", "february"."""
    found = MONTHS.get(line.word(i))
    if found is None:
        return None
    return found, line.passed(i + 1, ".") if line.is_glued(i + 1) and len(line.word(i)) <= 4 else i + 1


@lru_cache(maxsize=512)
def day_of(word: str) -> int | None:
    """Return the weekday of a name, its plural, or a long name with one slip of the finger."""
    for name in (word, word.removesuffix("s")):
        if name in WEEKDAYS:
            return WEEKDAYS[name]
    name = word.removesuffix("s")
    if len(name) < 6 or not name.endswith(("day", "dya")):
        return None
    return next((WEEKDAYS[near] for near in _slips(name) if near in _DAYS), None)


def _slips(word: str) -> Iterable[str]:
    """Yield what differs in one letter: one more, one less, another, or two swapped."""
    for i in range(len(word) + 1):
        yield word[:i] + word[i + 1 :]
        yield word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :]
        for letter in _ALPHABET:
            yield word[:i] + letter + word[i:]
            yield word[:i] + letter + word[i + 1 :]


def listed(
    line: Line, i: int, item: Callable[[Line, int], Read[int]], around: int = 0, most: int = 31
) -> Read[tuple[int, ...]]:
    """Read "1, 2 and 5" or "mon-wed and fri"; `around` is how many there are where a range may pass the end."""
    found: list[int] = []
    while (one := item(line, i)) and len(found) <= most:
        first, i = one
        found.append(first)
        if line.word(i) in _TO and (last := item(line, line.passed(i + 1, "the"))):
            ahead = (last[0] - first) % around if around else last[0] - first
            if not 0 <= ahead <= most:
                break
            found += [(first + step) % around if around else first + step for step in range(1, ahead + 1)]
            i = last[1]
        following = joined(line, i)
        if following is None or item(line, following) is None:
            break
        i = following
    return (tuple(dict.fromkeys(found)), i) if found else None


def joined(line: Line, i: int) -> int | None:
    """Return the index after ", and the" or "&", None where nothing is joined."""
    if line.word(i) not in _AND:
        return None
    i = line.passed(i + 1, "and", "&")
    return line.passed(line.passed(i, "on"), "the")
