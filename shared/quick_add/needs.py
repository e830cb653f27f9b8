"""Which classes of words a text must have for a phrase of a language's table: most phrases need not be tried at all."""

import re

# A class of words in a phrase: {name}, or {name2} where it stands twice.
CLASS = re.compile(r"\{([a-z]+)(\d?)\}")
# Words without an English of their own, which phrases lead or close with.
LEADS = {
    "at", "before", "coming", "dayword", "for", "in", "next", "oclock", "ofmonth", "on", "onday", "other", "remind",
    "this", "times", "workday",
}  # fmt: skip
# A group or class that may be left out, and what must not follow.
_DISPENSABLE = re.compile(r"\((?:\?:)?[^()]*\)\?|\(\?<?![^()]*\)|\{[a-z]+\d?\}\?")
# What a phrase may lack although its English has room for it, and what is made of digits.
_OPTIONAL = {"part", "year"}
_DIGITS = {"day", "dayth", "marked", "numeric"}


def needed(pattern: str, english: str) -> frozenset[str]:
    """Return the classes without which no text can match; "digit" stands for all that are made of digits."""
    names = {name for name, _ in CLASS.findall(english)} - _OPTIONAL
    count = 1
    while count:
        pattern, count = _DISPENSABLE.subn("", pattern)
    if "|" not in pattern:
        names |= LEADS & {name for name, _ in CLASS.findall(pattern)}
    return frozenset("digit" if name in _DIGITS else name for name in names)
