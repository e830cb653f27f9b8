"""Languages of quick-add: for each one a table of words and phrases, and what they are in English. Data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass

Words = Mapping[str, str | Mapping[str, str]]
# A pattern over lower-case text, in which {name} is a class of words and a blank is any blank; and its English.
Phrases = tuple[tuple[str, str], ...]

KNOWN = ("de", "es", "fr", "it", "nl", "pt")


@dataclass(frozen=True, slots=True)
class Language:
    """One language; translation.py says which classes of words its common phrases use.

    `words`: a class is a pattern, or English words with the pattern of each. `leads`: English "on", "until", "from" and
    the words before a date that mean it. `not_after`: words after which a date belongs to a name ("via 4 novembre").
    `strangers`: words that English would take for a date or a time. Weak phrases count at the end of a line, or next to
    something else that was understood; `habits` are rules that the common ones come before.
    """

    words: Words
    leads: Mapping[str, str]
    rules: Phrases = ()
    habits: Phrases = ()
    times: Phrases = ()
    dates: Phrases = ()
    weak: Phrases = ()
    not_after: str = ""
    not_before: str = r"(?!)"
    strangers: str = ""
    nouns_are_capitalised: bool = False
