"""Text taken apart into words: what search stores of a task, and what it looks for.

PostgreSQL's own parser takes letters and cases as the locale of a database has them (in the locale C, Ä is not ä),
keeps addresses whole and drops symbols. So it is done here, the same for every database: compatibility forms are
resolved, case and accents do not count, emoji are words. Chinese, Japanese, Thai and their neighbours write no spaces;
there each pair of letters is a word, and a longer one is pairs in a row.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import groupby

LONGEST = 100  # letters of a word that count
MOST = 16_383  # words of a text that count: PostgreSQL numbers no more (12.3, limits of tsvector)
_LONGEST_TEXT = 100_000  # letters of a text that count, taken apart from their accents: one may stand for 18
_ASCII = re.compile("[a-z0-9]+")
# Accents of Latin, Greek and Cyrillic letters; what joins or colours symbols, and format characters.
_UNSEEN = re.compile("[\u0300-\u036f\ufe00-\ufe0f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word that is looked for. `step` is its distance from the one before it, `prefix` says that it may go on."""

    text: str
    step: int = 1
    prefix: bool = False

    def fits(self, word: str) -> bool:
        """Tell whether a word of a text is the one."""
        return word.startswith(self.text) if self.prefix else word == self.text


def words(text: str) -> list[str]:
    """Return the words of a text in their order, `MOST` at most; the number of a word is its place in the list."""
    if text.isascii():
        return [word[:LONGEST] for word in _ASCII.findall(text.lower())[:MOST]]
    found: list[str] = []
    for kind, run in _runs(text):
        if kind == "unspaced":
            found += (run[n : n + 2] for n in range(len(run)))
        elif kind == "symbol":
            found += run
        else:
            found.append(run[:LONGEST])
        if len(found) >= MOST:
            break
    return found[:MOST]


def wanted(text: str, *, prefix: bool) -> tuple[Wanted, ...]:
    """Return the words to look for, one after the other, when somebody asks for a text."""
    found: list[Wanted] = []
    step = 1
    for kind, run in _runs(text):
        parts, after = [run[:LONGEST]], 1
        if kind == "symbol":
            parts = list(run)
        elif kind == "unspaced" and len(run) > 1:
            # The last letter also stands alone in the text, behind its pair.
            parts, after = [run[n : n + 2] for n in range(len(run) - 1)], 2
        for part in parts:
            found.append(Wanted(part, step, prefix=kind == "unspaced" and len(part) == 1))
            step = 1
        step = after
    if found and prefix:
        found[-1] = Wanted(found[-1].text, found[-1].step, prefix=True)
    return tuple(found)


def appears(sought: tuple[Wanted, ...], found: list[str]) -> bool:
    """Tell whether the wanted words stand in a row in the words of a text."""
    return any(_from(sought, found, place) for place in range(len(found)))


def _from(sought: tuple[Wanted, ...], found: list[str], place: int) -> bool:
    place -= sought[0].step
    for one in sought:
        place += one.step
        if place >= len(found) or not one.fits(found[place]):
            return False
    return True


def _runs(text: str) -> list[tuple[str, str]]:
    """Return the runs of letters of one kind: word, unspaced, symbol."""
    bare = _UNSEEN.sub(
        "", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text)[:_LONGEST_TEXT].casefold())
    )
    plain = unicodedata.normalize("NFKC", bare)
    return [(kind, "".join(run)) for kind, run in groupby(plain, _kind) if kind]


@cache
def _kind(letter: str) -> str:
    if unicodedata.category(letter)[0] in "LMN":
        return "unspaced" if _UNSPACED.match(letter) else "word"
    return "symbol" if unicodedata.category(letter) in {"So", "Sc"} and not letter.isascii() else ""
