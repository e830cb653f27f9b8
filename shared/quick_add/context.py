"""Whether words of a recurrence are meant as one where they stand.

"Daily Mail", "create monthly report" and "the weekly meeting" name things. So "daily", "weekends", "every minute" and
the like count at the end of the line, before what belongs to a recurrence (a time, a bound, an exception), before words
that they cannot describe ("weekly would be best", "run daily with Tom"), and "daily" or "mondays" as the first word
before a plain one ("weekly shop"). Never after an article or a number: "the weekends", "within 3 working days".
"""

from dataclasses import dataclass

from shared.quick_add.adverbs import ADVERBS
from shared.quick_add.heads import Head
from shared.quick_add.phrase import Phrase
from shared.quick_add.tokens import Line
from shared.quick_add.units import PARTS, UNITS

EVERY = {"every", "each", "ev"}
_COMMON = {*UNITS, *PARTS, *ADVERBS, "weekday", "weekdays", "weekend", "weekends", "other"}
# Before these words "daily" and "weekends" describe something.
_NOUN_LEADS = {
    "the", "a", "an", "my", "your", "our", "his", "her", "their", "its", "this", "that", "these", "those",
    "next", "last", "new", "of", "twice", "times", "thrice", "x", "few", "many", "some", "several", "two", "three",
    "four", "five", "and", "both", "past", "no", "semi",
}  # fmt: skip
_PREPOSITIONS = {
    "with", "of", "in", "at", "for", "from", "to", "by", "on", "before", "after", "without", "about", "near", "during",
    "through", "via", "using", "around", "until", "till",
}  # fmt: skip
_PLAIN = (_PREPOSITIONS - {"of"}) | {
    "would", "will", "should", "can", "could", "must", "might", "is", "are", "was", "were", "works", "when", "while",
    "if", "because", "so", "unless", "the", "a", "an", "my", "our", "your", "his", "her", "their", "me", "him", "them",
    "us", "it", "please", "as", "but", "that", "this",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a head stands, as token indices [first, end)."""

    head: Head
    first: int
    end: int
    after_completion: bool = False


def is_name(line: Line, place: Place) -> bool:
    """Whether a common noun is capitalised and the next word too: "Every Second Counts"."""
    original = line.scan.original
    common = any(
        line.word(i) in _COMMON and original[line.offset(i)].isupper() for i in range(place.first + 1, place.end)
    )
    return common and _capital(line, place.end) and not original.isupper()


def _capital(line: Line, i: int) -> bool:
    return line.word(i).isalpha() and line.scan.original[line.offset(i)].isupper() and not line.is_glued(i)


def is_described(line: Line, place: Place) -> bool:
    """Whether an article, a number or the like stands before: "the weekends"."""
    before = line.word(place.first - 1)
    return before in _NOUN_LEADS or before.isdigit()


def is_meant(line: Line, place: Place, found: Phrase) -> bool:
    """Whether a weak head stands where it says how often; see the top of this module."""
    after = line.word(place.end)
    if len(found.spans) > 1 or line.scan.closed(line.ends[place.end - 1]):
        return True
    is_adverb = line.word(place.first) not in EVERY
    if is_adverb and (place.first == 0 or line.scan.follows(line.offset(place.first))):
        others = range(place.first + 1, place.end + 1)
        named = line.scan.original[line.offset(place.first)].isupper() and any(_capital(line, i) for i in others)
        return not (named or after in _PREPOSITIONS)
    return after in _PLAIN
