"""The words of a line with their places.

Readers of the grammar take a line and the index of a token and return a value with the index after it, or None.
"""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from shared.quick_add.words import TAKEN, Scan

Value = TypeVar("Value")
Read = tuple[Value, int] | None

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)(?![^\W_])|bi-\w+|\d+|[^\W\d_]+(?:['’][^\W\d_]+)*|\x00+|\x01+|\S")
AND = {",", "and", "&", "/", "+"}
_TO = {"-", "–", "to", "thru", "through"}
_CLOSING = f",;!?){TAKEN}"
_BETWEEN = ".:-–/&(…"
_OPENING = f"(,;:!/&…{TAKEN}"


@dataclass(frozen=True, slots=True)
class Line:
    """The tokens of a scan, lower case, with their ends; `now` and `locale` say what its dates mean."""

    scan: Scan
    now: dt.datetime
    locale: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    found: dict[frozenset[str], list[int]] = field(default_factory=dict)
    read: dict[tuple[object, int], Any] = field(default_factory=dict)

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

    def places(self, wanted: frozenset[str]) -> list[int]:
        """Return the indices of all such words."""
        if wanted not in self.found:
            self.found[wanted] = [i for i, word in enumerate(self.words) if word in wanted]
        return self.found[wanted]

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


def remembered(reader: Callable[[Line, int], Read[Value]]) -> Callable[[Line, int], Read[Value]]:
    """Let a reader look at each place of a line once: several others ask it, and many lists overlap."""

    @wraps(reader)
    def read(line: Line, i: int) -> Read[Value]:
        key = reader, i
        if key not in line.read:
            line.read[key] = reader(line, i)
        found: Read[Value] = line.read[key]
        return found

    return read


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
    """Return the index after ", and the", "and every" or "&", None where nothing is joined."""
    if line.word(i) not in AND:
        return None
    i = line.passed(line.passed(i + 1, "and", "&"), "on")
    return line.passed(i, "the", "each", "every")
