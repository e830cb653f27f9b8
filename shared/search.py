"""The language of `q`, and the PostgreSQL query (tsquery) that it means.

`rent` a word, `"pay rent"` words in a row, `-rent` or `-"pay rent"` not these, `ren*` all that begins so. Anything else
is text: what has several words, such as `e-mail`, is looked for as words in a row, what has none is passed over.

What is stored of a task are words with their places, each behind the mark of its owner and of its field: so the lists
in the index are those of one user, and how many titles have a word is known without reading them. Tags stand there by
their ids; a tag that gets another name is found by it at once.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from shared.errors import Fault, InvalidInput
from shared.words import Wanted, appears, wanted, words

LONGEST, MOST = 500, 32  # characters and terms of a query
_TITLE, _NOTES = "t", "n"
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row that must be there, or must not."""

    words: tuple[Wanted, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A query for one user, and the ids of their tags that each of its terms finds."""

    user_id: str
    terms: tuple[Term, ...]
    tags: tuple[tuple[UUID, ...], ...]

    @property
    def narrows(self) -> bool:
        """Whether something must be there: the index cannot find what is not."""
        return any(not term.excluded for term in self.terms)

    @property
    def ranks(self) -> tuple[str, str, str]:
        """One query for each rank, none of which finds what another does.

        All terms are in the title; in title or tags; anywhere.
        """
        title, tagged, anywhere = (self._query(fields) for fields in (1, 2, 3))
        return title, f"({tagged}) & !({title})", f"({anywhere}) & !({tagged})"

    @property
    def anywhere(self) -> str:
        """The query for all of them."""
        return self._query(3)

    def _query(self, fields: int) -> str:
        """Return the tsquery; what is excluded is excluded from every field."""
        parts = []
        for term, tags in zip(self.terms, self.tags, strict=True):
            one = self._term(term, tags, 3 if term.excluded else fields)
            parts.append(f"!({one})" if term.excluded else f"({one})")
        return " & ".join(parts)

    def _term(self, term: Term, tags: tuple[UUID, ...], fields: int) -> str:
        choices = [_in_a_row(mark(self.user_id) + _TITLE, term.words)]
        if fields > 1:
            choices += [f"'{tag_word(tag)}'" for tag in tags]
        if fields > 2:
            choices.append(_in_a_row(mark(self.user_id) + _NOTES, term.words))
        return " | ".join(f"({choice})" for choice in choices)


def parse(text: str) -> tuple[Term, ...]:
    """Return the terms of a query; raises `InvalidInput` for one that is too long."""
    if len(text) > LONGEST:
        raise InvalidInput(Fault("?q", f"must have at most {LONGEST} characters"))
    terms = []
    for minus, quoted, plain in _TERM.findall(text.translate(_QUOTES)):
        found = wanted(quoted or plain, prefix=plain.endswith("*"))
        if found:
            terms.append(Term(found, excluded=minus == "-"))
    if len(terms) > MOST:
        raise InvalidInput(Fault("?q", f"must have at most {MOST} words"))
    return tuple(terms)


def search(user_id: str, terms: tuple[Term, ...], tags: Iterable[tuple[UUID, str]]) -> Search:
    """Return the search of a user; `tags` are all of theirs by id and name."""
    taken_apart = [(tag_id, words(name)) for tag_id, name in tags]
    ids = tuple(tuple(tag_id for tag_id, found in taken_apart if appears(term.words, found)) for term in terms)
    return Search(user_id, terms, ids)


def stored(user_id: str, title: str, notes: str) -> str:
    """Return what is stored of a task's texts, as PostgreSQL reads it (tsvector); its tags are added in storage."""
    own = mark(user_id)
    return " ".join((*_places(own + _TITLE, words(title)), *_places(own + _NOTES, words(notes))))


def tag_word(tag_id: UUID) -> str:
    """Return the word that stands for a tag."""
    return f"#{tag_id.hex}"


@lru_cache(1024)
def mark(user_id: str) -> str:
    """Return the mark of a user's words. Users who share one (1 of 16 million) share lists, never results."""
    return urlsafe_b64encode(hashlib.sha256(user_id.encode()).digest()[:3]).decode()


def _places(before: str, found: Sequence[str]) -> Iterable[str]:
    return (f"'{before}{word}':{place}" for place, word in enumerate(found, 1))


def _in_a_row(before: str, sought: tuple[Wanted, ...]) -> str:
    first, *rest = (f"'{before}{one.text}'{':*' if one.prefix else ''}" for one in sought)
    return first + "".join(f" <{one.step}> {text}" for one, text in zip(sought[1:], rest, strict=True))
