"""Quick-add in other languages: what a table (languages/) understands becomes English, and the English passes read it.

So every form that English knows works in every language, and a word that no phrase of the table holds stays a word.
Offsets of the English lead back into the text as it was typed.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import islice, pairwise

from shared.quick_add.languages import KNOWN, Language, Phrases
from shared.quick_add.languages.common import BESIDE, DATES, LISTED, RULES, TIMES, WEAK
from shared.quick_add.phrasing import Phrase, compiled, continued, probes
from shared.quick_add.pieces import Piece, Translation
from shared.quick_add.words import MOST, TAKEN, Scan

_CLOSED = re.compile(r"[\s,;.!?)]*$|\s*[,;.!?)]|\s+[!#@]\w|\s+\x00|\s+[-–]\s")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)['’.]?\s*$")
_FARTHEST_LEAD = 32  # characters before a date in which its lead begins
_MOST_PIECES = 32  # of one text; nobody means more


@dataclass(frozen=True, slots=True)
class Table:
    """A language, its patterns, and for each class of words what tells whether a text has any."""

    language: Language
    strong: tuple[tuple[str, tuple[Phrase, ...]], ...]
    weak: tuple[Phrase, ...]
    beside: tuple[Phrase, ...]
    leads: tuple[tuple[str, re.Pattern[str]], ...]
    more: Phrase
    probes: tuple[tuple[str, re.Pattern[str]], ...]
    not_after: frozenset[str]
    not_before: re.Pattern[str]
    every_such: re.Pattern[str]
    joint: re.Pattern[str]
    strangers: re.Pattern[str]


def language_of(locale: str) -> str | None:
    """Return the language of a BCP 47 locale if there is a table for it."""
    code = re.split("[-_]", locale.lower())[0]
    return code if code in KNOWN else None


def translated(text: str, code: str) -> Translation:
    """Return the text in the English that quick-add reads; never raises."""
    table = _table(code)
    reading = _Reading(table, Scan.of(text).work)
    for kind, phrases in table.strong:
        reading.add(phrases, kind)
    # Twice, because one of them may stand next to another.
    for _ in range(2):
        reading.add(table.weak, "weak")
        reading.add(table.beside, "beside")
    return _joined(text, reading.with_leads(), table)


@cache
def _table(code: str) -> Table:
    language: Language = import_module(f"shared.quick_add.languages.{code}").LANGUAGE

    def phrases(*groups: Phrases) -> tuple[Phrase, ...]:
        return tuple(compiled(language, *phrase) for group in groups for phrase in group)

    return Table(
        language=language,
        strong=(
            ("rule", phrases(language.rules, RULES, language.habits)),
            ("time", phrases(LISTED, language.times, TIMES)),
            ("date", phrases(language.dates, DATES)),
        ),
        weak=phrases(language.weak, WEAK),
        beside=phrases(BESIDE),
        leads=tuple((lead, re.compile(rf"(?<![\w'’])(?:{words})\s+$")) for lead, words in language.leads.items()),
        more=continued(language),
        probes=probes(language),
        not_after=frozenset(language.not_after.split("|")),
        not_before=re.compile(language.not_before),
        # "Every lazy friday" names something.
        every_such=re.compile(rf"\s*(?:{language.words['every']})\s\w+\s+"),
        joint=re.compile(rf"\s+(?P<and>{language.words['and']})\s+"),
        strangers=re.compile(rf"(?<!\w)(?:{language.strangers})(?![\w'’])", re.IGNORECASE),
    )


@dataclass(slots=True)
class _Reading:
    """One text and the pieces found in it, which are blanked so that nothing else is found there."""

    table: Table
    work: str
    pieces: list[Piece] = field(default_factory=list)
    present: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.present = {name for name, probe in self.table.probes if probe.search(self.work)}

    def add(self, phrases: tuple[Phrase, ...], kind: str) -> None:
        """Add what the phrases find in what is left; the first phrase of a stretch has it."""
        for phrase in phrases:
            if not phrase.needs <= self.present or len(self.pieces) >= _MOST_PIECES:
                continue
            for match in islice(phrase.pattern.finditer(self.work), MOST):
                opens = "adverb" in phrase.needs and not self.work[: match.start()].strip()
                if len(self.pieces) < _MOST_PIECES and (opens or self._counts(*match.span(), kind)):
                    self._take(match, phrase, kind if kind in {"rule", "time"} else "date")
                    if kind == "time" and (more := self.table.more.pattern.match(self.work, match.end())):
                        self._take(more, self.table.more, kind)

    def with_leads(self) -> list[Piece]:
        """Return the pieces in order, with the words before dates: "bis" is "until" beside a rule, else "by"."""
        rule = any(piece.kind == "rule" for piece in self.pieces)
        meant = {"until": "until" if rule else "by", "from": "from" if rule else "on", "by": "by", "on": "on"}
        leads = []
        for piece in self.pieces:
            lead = self._lead(piece.start) if piece.kind == "date" else None
            if lead and TAKEN not in self.work[lead[1] : piece.start]:
                leads.append(Piece(lead[1], piece.start, f"{meant[lead[0]]} ", "lead"))
        found = sorted([*self.pieces, *leads], key=lambda piece: piece.start)
        joints = [
            Piece(match.start("and"), match.end("and"), "and", "lead")
            for one, other in pairwise(found)
            if one.kind == "date" and (match := self.table.joint.fullmatch(self.work, one.end, other.start))
        ]
        return sorted([*found, *joints], key=lambda piece: piece.start)

    def _take(self, match: re.Match[str], phrase: Phrase, kind: str) -> None:
        start, end = match.span()
        start += self.work[start].isspace()
        english = phrase.english(match)
        if english and TAKEN not in self.work[start:end]:
            self.pieces.append(Piece(start, end, english, kind))
            self.work = self.work[:start] + TAKEN * (end - start) + self.work[end:]

    def _counts(self, start: int, end: int, kind: str) -> bool:
        closed = kind == "weak" and _CLOSED.match(self.work, end) is not None
        if TAKEN in self.work[start:end] or (kind in {"weak", "beside"} and not (closed or self._near(start, end))):
            return False
        if kind == "rule":
            return self.table.not_before.match(self.work, end) is None
        named = self.table.every_such.fullmatch(self.work, 0, start) and _CLOSED.match(self.work, end)
        return kind == "time" or not (named or self._in_name(start))

    def _near(self, start: int, end: int) -> bool:
        """Whether something that was understood stands right before or after."""
        before, after = self.work[max(0, start - 8) : start], self.work[end : end + 8]
        return before.rstrip(" ,\t").endswith(TAKEN) or after.lstrip(" ,\t").startswith(TAKEN)

    def _in_name(self, start: int) -> bool:
        """Whether the word before makes it part of a name; a lead such as "bis zum" is no such word."""
        _, end = self._lead(start) or ("", start)
        before = _WORD_BEFORE.search(self.work, max(0, end - _FARTHEST_LEAD), end)
        return before is not None and before[1] in self.table.not_after

    def _lead(self, start: int) -> tuple[str, int] | None:
        before = max(0, start - _FARTHEST_LEAD) if self.work[start - 1 : start].isspace() else start
        found = ((lead, pattern.search(self.work, before, start)) for lead, pattern in self.table.leads)
        return next(((lead, match.start()) for lead, match in found if match), None)


def _joined(text: str, pieces: list[Piece], table: Table) -> Translation:
    def unread(start: int, stop: int | None) -> str:
        """Blank what English would misread, one character for one."""
        return table.strangers.sub(lambda match: "_" * len(match[0]), text[start:stop])

    made, places, length, end = list[str](), list[tuple[int, int, int, int]](), 0, 0
    for piece in pieces:
        rest = unread(end, piece.start)
        # A capital tells names from dates, as in "Sunday Times", unless each noun has one.
        capital = text[piece.start].isupper() and not table.language.nouns_are_capitalised
        english = piece.english.capitalize() if capital else piece.english
        made += [rest, english]
        length += len(rest)
        places.append((length, length + len(english), piece.start, piece.end))
        length, end = length + len(english), piece.end
    return Translation("".join([*made, unread(end, None)]), tuple(places))
