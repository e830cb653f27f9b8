"""Words of a recurrence that stand for numbers: "three", "2nd to last", "tues", "sept"."""

from collections.abc import Iterable
from functools import lru_cache

from shared.quick_add.tokens import Line, Read, remembered
from shared.quick_add.words import NUMBERS

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
TIMES = {"times", "time", "occurrences", "occurrence", "x", "repetitions", "instances"}
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def number(line: Line, i: int) -> Read[int]:
    """Read "3", "three", "a"."""
    word = line.word(i)
    if word.isascii() and word.isdigit() and len(word) <= 3 and not _is_fraction(line, i):
        return int(word), i + 1
    return (NUMBERS[word], i + 1) if word in NUMBERS else None


def _is_fraction(line: Line, i: int) -> bool:
    return line.word(i + 1) in {".", ",", ":", "/"} and line.is_glued(i + 1) and line.is_glued(i + 2)


def from_end(line: Line, i: int) -> Read[int]:
    """Read "12" of a list, and "1 from the end" as -1; the 5 of ", 5 times" is none of it."""
    found = number(line, i)
    if found and line.word(found[1]) in TIMES:
        return None
    if found and line.words[found[1] : found[1] + 3] == ("from", "the", "end"):
        return -found[0], found[1] + 3
    return found


@remembered
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
