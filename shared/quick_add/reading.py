"""Reads one day at a time: which words begin one, where it ends, and what it means."""

import datetime as dt
import itertools
import re
from dataclasses import replace
from typing import NamedTuple

from shared.quick_add import patterns, relative
from shared.quick_add.calendar import When
from shared.quick_add.forms import Form, Kind
from shared.quick_add.spelling import BARE, GLUED, JOINED, NTH, TOKEN, YEARLY
from shared.quick_add.words import WEEKDAY, Scan, days_after, weekday_number

_NTHS = {"st", "nd", "rd", "th"}
_JOINT = re.compile(r"\s?[-–]\s?|\s(?:to|through|thru|until|till?)\s(?:the\s)?")
_AND = re.compile(r"\s?&\s?|,?\s(?:and|or)\s(?:on\s)?(?:the\s)?")
_WEEKDAY_AFTER = re.compile(rf"\s?\((?P<short>{WEEKDAY})\)|,?\s(?:on\s)?(?P<long>(?=\w+day){WEEKDAY})")


class Hit(NamedTuple):
    """A day that was read at [start, end)."""

    start: int
    end: int
    when: When
    form: Form
    match: re.Match[str]

    @property
    def is_counted(self) -> bool:
        """Whether it is told by an amount of time: in 2 weeks, 2 weeks from tuesday."""
        return self.form.kind is Kind.COUNT or self.form.compose is relative.from_day


class Reader:
    """The words of a text, each with the forms that it may begin."""

    def __init__(self, scan: Scan, now: dt.datetime, locale: str) -> None:
        # Only a written offset asks for the zone.
        self._work, self._now = scan.work, now.replace(tzinfo=scan.zone)
        american = locale.replace("_", "-").lower() in {"en", "en-us"}
        self._forms = patterns.MONTH_FIRST if american else patterns.DAY_FIRST

    def starts(self) -> list[tuple[int, str, str]]:
        """Return each word that may begin a day: its offset, its key, and the key of the next word."""
        keys = [(match.start(), _key(match)) for match in TOKEN.finditer(self._work)]
        following = itertools.chain((key for _, key in keys[1:]), [""])
        return [
            (start, key, second) for (start, key), second in zip(keys, following, strict=False) if key in self._forms
        ]

    def at(self, start: int, takes: frozenset[Kind] | None = None) -> Hit | None:
        """Return the day that begins at an offset."""
        first = TOKEN.match(self._work, start)
        if first is None:
            return None
        second = TOKEN.search(self._work, first.end())
        return self.read(start, _key(first), _key(second) if second else "", takes)

    def read(self, start: int, first: str, second: str, takes: frozenset[Kind] | None = None) -> Hit | None:
        """Return the day that begins with these words; one day may be told by another: "two weeks from tuesday"."""
        for form in self._forms.get(first, ()):
            if (form.then and second not in form.then) or (takes and form.kind not in takes):
                continue
            match = form.pattern.match(self._work, start)
            hit = self._resolved(form, match) if match else None
            if hit:
                return self._with_weekday(hit)
        return None

    def _resolved(self, form: Form, match: re.Match[str]) -> Hit | None:
        end = match.end()
        if form.resolve:
            when = form.resolve(match, self._now)
        elif form.compose and (inner := self.at(end, form.takes)):
            when, end = form.compose(match, inner.when, self._now), inner.end
        else:
            return None
        return Hit(match.start(), end, when, form, match) if when else None

    def _with_weekday(self, hit: Hit) -> Hit:
        """Read the weekday after a date, which it only repeats, and after an amount, which it moves."""
        repeats = hit.form.kind is Kind.WHOLE
        after = _WEEKDAY_AFTER.match(self._work, hit.end) if repeats or hit.is_counted else None
        if after is None:
            return hit
        days = weekday_number(after["short"] or after["long"]) - hit.when.date.weekday()
        # "in 2 weeks on monday" is in that week, "in 2 months on monday" the first one then.
        days = days % 7 if re.search("month|year|yr", hit.match[0]) else days
        day = days_after(hit.when.date, 0 if repeats else days)
        return hit._replace(end=after.end(), when=replace(hit.when, date=day)) if day else hit

    def end_of_several(self, hit: Hit) -> int | None:
        """Return the end of "monday to friday" or "tuesday and thursday": several days are no due date."""
        joint = _JOINT.match(self._work, hit.end)
        if other := self.at(joint.end()) if joint else None:
            return other.end
        end = hit.end
        while (joint := _AND.match(self._work, end)) and (other := self.at(joint.end())):
            if other.form.resolve != hit.form.resolve or other.form.compose:
                break
            end = other.end
        return end if end > hit.end else None


def _key(match: re.Match[str]) -> str:
    digits, kind, word = match.groups()
    if word:
        return str(word)
    if kind is None:
        return BARE
    if kind in _NTHS:
        return NTH
    if len(digits) == 4:
        return YEARLY
    return GLUED if kind[-1].isalpha() else JOINED
