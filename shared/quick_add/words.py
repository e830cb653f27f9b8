"""The vocabulary of quick-add: words, their numbers, and the scan that keeps what was recognised.

All patterns run over lower-case text of unchanged length. In it, text that must stay text is blanked with NUL and what
was recognised with SOH, so that no later pattern sees either and context can be asked for.
"""

import datetime as dt
import re
from dataclasses import dataclass, field

TEXT, TAKEN = "\x00", "\x01"
# So many days, times and recurrences are looked at in one text; nobody means more.
MOST = 128

WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)(?![\w'’])\.?"
)
WEEKDAYS = WEEKDAY.replace(r")(?!", r")s?(?!", 1)
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![^\W\d])\.?"
)
_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
CARDINALS = {word: value for value, word in enumerate((*_UNITS, *_TEENS), 1)}
CARDINALS |= {word: value * 10 for value, word in enumerate(_TENS, 2)}
NUMBERS = {"a": 1, "an": 1, **CARDINALS}
_NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh")
_NTH_TEENS = ("twelfth", *(f"{word}th" for word in _TEENS))
ORDINALS = {word: value for value, word in enumerate((*_NTH, *_NTH_TEENS), 1)}
ORDINALS |= {"twentieth": 20, "thirtieth": 30, "last": -1}
_ONES = "|".join(_UNITS[:9])
# "twenty-three", "seven": no article, no digits.
CARDINAL = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{_ONES})(?!\w))?|{'|'.join(sorted((*_UNITS, *_TEENS), key=len)[::-1])})"
)
NUMBER = rf"(?:\d{{1,3}}|(?:a\s)?couple(?:\sof)?|(?:{CARDINAL}|an?)(?!\w))"
# "third", "twenty-first": no digits.
ORDINAL_WORD = rf"(?:(?:twenty|thirty)[\s-](?:{'|'.join(_NTH[:9])})|{'|'.join(sorted(ORDINALS, key=len)[::-1])})"
ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{ORDINAL_WORD})(?!\w)"
AND = r"(?:\s?,\s?(?:and\s)?|\sand\s|\s?&\s?|\s?/\s?)"
TO = r"(?:\s?[-–]\s?|\s(?:to|thru|through)\s)"
HOUR_OF = {"morning": 9, "afternoon": 15, "evening": 19, "night": 21}

_STEPS = {"other": 2}
_DAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH_KEYS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|`[^`]*`|\\\S+')
_CLOSED = re.compile(rf"[\s,;.!?)]*(?:$|{TAKEN})")
_HEADED = re.compile(r"\s?[:,–-]\s")
_FUNCTION_WORD = re.compile(
    r"[\s,]+(?:with|in|for|on|and|or|to|by|at|from|until|till|near|before|after|every|each|via|because|since|so|if|when"
    r"|while|i|we|you|he|she|they|is|are|was|will|would|should|could|can|works?)(?![\w'’]*[^\W\d_’'])|[,:;]\s(?!\d)|\s[–-]\s"
)


def weekday_number(word: str) -> int:
    """Return 0 for Monday to 6 for Sunday."""
    return _DAY_KEYS.index(word[:3])


def month_number(word: str) -> int:
    """Return 1 to 12."""
    return _MONTH_KEYS.index(word[:3]) + 1


def number(word: str | None) -> int:
    """Return the number of digits, a word or an ordinal; 1 for none; "other" and "a couple of" are 2."""
    if not word:
        return 1
    if word[0].isdecimal():
        return int(re.sub(r"\D", "", word))
    if "couple" in word:
        return 2
    parts = re.split(r"[\s-]+", word)
    return sum(NUMBERS.get(part) or _STEPS.get(part) or ORDINALS[part] for part in parts)


def weekday_list(text: str) -> tuple[int, ...]:
    """Return the weekdays of "mon, wed and fri" or "mon-fri", sorted."""
    found: set[int] = set()
    for item in re.split(AND, text):
        first, *last = [weekday_number(word) for word in re.findall(r"[a-z]{3,}", re.sub(TO, " ", item))]
        found |= {(first + step) % 7 for step in range((last[0] - first) % 7 + 1 if last else 1)}
    return tuple(sorted(found))


def days_after(day: dt.date, days: int) -> dt.date | None:
    """Return the date so many days later, None past the year 9999."""
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return None


@dataclass(slots=True)
class Scan:
    """The text with its recognised stretches; `spans` are (start, end, kind) in the original text."""

    original: str
    work: str
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    zone: dt.tzinfo | None = None

    @classmethod
    def of(cls, text: str, zone: dt.tzinfo | None = None) -> "Scan":
        """Blank what is quoted or escaped and lower the rest, one character for one."""
        lower = text.lower()
        if len(lower) != len(text):
            lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
        lower = lower.replace(TEXT, " ").replace(TAKEN, " ")
        return cls(text, _QUOTED.sub(lambda match: TEXT * len(match[0]), lower), zone=zone)

    def take(self, start: int, end: int, kind: str) -> None:
        """Keep the stretch as recognised, without blanks at its ends."""
        while start < end and self.work[start].isspace():
            start += 1
        while end > start and self.work[end - 1].isspace():
            end -= 1
        self.spans.append((start, end, kind))
        self.work = self.work[:start] + TAKEN * (end - start) + self.work[end:]

    def word_before(self, start: int) -> str:
        """Return the last word before an offset, of at most 12 characters."""
        before = self.work[max(0, start - 14) : start].split()
        return before[-1] if before else ""

    def headed(self, start: int, end: int) -> bool:
        """Whether it stands at the beginning with a mark after it: "friday: call Bob"."""
        return _HEADED.match(self.work, end) is not None and not self.work[:start].strip()

    def closed(self, end: int) -> bool:
        """Whether only punctuation, the end, or something recognised follows."""
        return _CLOSED.match(self.work, end) is not None

    def follows(self, start: int) -> bool:
        """Whether something recognised stands right before."""
        return self.work[max(0, start - 8) : start].rstrip(" ,;(")[-1:] == TAKEN

    def follows_rule(self, start: int) -> bool:
        """Whether a recurrence stands right before."""
        ends = (end for _, end, kind in self.spans if kind == "recurrence")
        return any(end <= start and not self.work[end:start].strip() for end in ends)

    def opens(self, start: int) -> bool:
        """Whether nothing, or something recognised, stands before."""
        return not self.work[:start].strip() or self.follows(start)

    def phrase_ends(self, end: int) -> bool:
        """Whether what follows cannot belong to a number or an abbreviation before it."""
        return self.closed(end) or _FUNCTION_WORD.match(self.work, end) is not None

    def is_name(self, start: int, end: int) -> bool:
        """Whether a capitalised word stands in a row of capitalised words, as in a title: Sunday Times, High Noon."""
        if not self.original[start:end][:1].isupper() or self.original.isupper():
            return False
        if self.heads_name(end):
            return True
        before = re.search(r"(\w+)\s+$", self.original[max(0, start - 40) : start])
        return bool(before and before[1][0].isupper() and self.work[start - 2] != TAKEN)

    def heads_name(self, end: int) -> bool:
        """Whether a capitalised word follows: the September 11 Museum."""
        after = re.match(r"\s+([^\W\d_])", self.original[end : end + 8])
        return bool(after and after[1].isupper() and self.work[end + after.start(1)] != TAKEN)
