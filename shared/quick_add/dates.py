"""Dates in quick-add: "tomorrow", "next friday", "in 3 days", "31 dec", "12/31".

Each form says whether it is a date wherever it stands or only in context: a weak form counts at the end of the text or
next to something else that was recognised.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from shared.quick_add import calendar
from shared.quick_add.calendar import When
from shared.quick_add.words import MONTH, NUMBER, TAKEN, WEEKDAY, Scan

_LEAD = r"(?:(?<!\w)(?P<lead>due(?:\s(?:on|by))?|by|on|for)\s)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\w:%/]|[.,]\d)"
_YEAR = r"(?:,?\s(?P<year>(?:19|20|21)\d\d)(?![\w:%/.-]))?"
_WITH_DAY = rf"(?:{WEEKDAY},?\s(?:the\s)?)?"
_UNIT = r"(?P<unit>minute|min|hour|hr|day|week|fortnight|month|year)s?(?!\w)"
_NEAR = re.compile(rf"[\s,]*{TAKEN}|\s(?:morning|afternoon|evening|night)[\s.,;!?)]*(?:$|{TAKEN})")
# Short weekdays that are words of their own.
_AMBIGUOUS = {"sat", "sun"}


Resolve = Callable[[re.Match[str], dt.datetime], When | None]
Context = Callable[[Scan, re.Match[str]], bool]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a date; `strong` says whether a match counts without context."""

    pattern: re.Pattern[str]
    resolve: Resolve
    strong: Context


def find(scan: Scan, now: dt.datetime, locale: str) -> When | None:
    """Take the first date of the text, the sure forms before the weak ones."""
    for weak in (False, True):
        for form in _forms(locale):
            for match in form.pattern.finditer(scan.work):
                if not weak and not form.strong(scan, match):
                    continue
                if weak and not _in_context(scan, match):
                    continue
                when = form.resolve(match, now)
                if when is not None:
                    scan.take(*match.span(), "due")
                    return when
    return None


def at(scan: Scan, start: int, now: dt.datetime, locale: str) -> tuple[When, int] | None:
    """Return the date that begins at an offset and its end, for "until …" and "from …"."""
    for form in _forms(locale):
        match = form.pattern.match(scan.work, start)
        when = form.resolve(match, now) if match else None
        if match and when:
            return when, match.end()
    return None


def _in_context(scan: Scan, match: re.Match[str]) -> bool:
    word = match[0].strip(" .")
    near = scan.follows(match.start()) or _NEAR.match(scan.work, match.end()) is not None
    if word in _AMBIGUOUS or (word[:1].isdigit() and "/" not in word):
        return near
    if scan.work[: match.start()].endswith("the "):
        return False
    headed = not scan.work[: match.start()].strip() and re.match(r"\s?[:,–-]\s", scan.work[match.end() :]) is not None
    return near or scan.closed(match.end()) or headed


def _always(_scan: Scan, _match: re.Match[str]) -> bool:
    return True


def _no_other_word(scan: Scan, match: re.Match[str]) -> bool:
    """Whether the month is no verb: "2 may beetles", "you may 5 times"."""
    other = match["month"] in {"may", "mar", "march"} and not (match["lead"] or match["year"])
    return (not other or scan.phrase_ends(match.end())) and _not_a_name(scan, match)


def _not_a_name(scan: Scan, match: re.Match[str]) -> bool:
    return not scan.is_name(*match.span())


def _led(scan: Scan, match: re.Match[str]) -> bool:
    """Whether a preposition leads, and after a short or numeric form also nothing that could belong to it."""
    if match["lead"] is None:
        return False
    word = match[0].split()[-1].strip(".")
    return (word.endswith("day") and len(word) > 3) or scan.phrase_ends(match.end())


def _form(pattern: str, resolve: Resolve, strong: Context) -> Form:
    return Form(re.compile(pattern), resolve, strong)


_NUMERIC = r"(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})"


def _all(numeric: Resolve) -> tuple[Form, ...]:
    return (
        _form(rf"{_LEAD}(?<![\w/.-])(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?![\w/-])", calendar.iso, _always),
        _form(rf"{_LEAD}{_WITH_DAY}(?<![\w/.-]){_NUMERIC}(?P=mark)(?P<year>(?:\d\d)?\d\d)(?![\w/-])", numeric, _always),
        _form(
            rf"{_LEAD}{_WITH_DAY}(?<![\w/.,:-])(?:the\s)?{_DAY}\s(?:of\s)?(?P<month>{MONTH}){_YEAR}",
            calendar.named,
            _no_other_word,
        ),
        _form(rf"{_LEAD}{_WITH_DAY}(?<!\w)(?P<month>{MONTH})\s(?:the\s)?{_DAY}{_YEAR}", calendar.named, _no_other_word),
        _form(
            rf"{_LEAD}(?<!\w)(?P<word>(?:the\s)?day\safter\stomorrow|today|tonight|tomorrow|tmrw?|tmw)(?![\w'’-])",
            calendar.word,
            _not_a_name,
        ),
        _form(rf"(?<!\w)in\s(?P<n>{NUMBER})\s?{_UNIT}", calendar.in_units, _always),
        _form(rf"(?<![\w.,])(?P<n>{NUMBER})\s{_UNIT}\sfrom\s(?:now|today)(?!\w)", calendar.in_units, _always),
        _form(
            rf"{_LEAD}(?<!\w)(?P<which>next|this)\s(?P<what>(?<=next\s)(?:week|month|year)(?!end)|weekend)"
            r"(?![\w'’-])",
            calendar.unit,
            _always,
        ),
        _form(
            r"(?:(?<!\w)(?P<lead>by|at|due)\s)?(?<!\w)(?:the\s)?(?P<which>end)\sof\s(?:the\s|this\s)?"
            r"(?P<what>week|month|year)(?![\w'’-])",
            calendar.unit,
            _led,
        ),
        _form(rf"{_LEAD}(?<!\w)(?P<which>next|this|coming)\s(?P<weekday>{WEEKDAY})", calendar.weekday, _not_a_name),
        _form(rf"{_LEAD}(?<!\w)(?P<which>)(?P<weekday>{WEEKDAY})(?!-)", calendar.weekday, _led),
        _form(
            rf"{_LEAD}{_WITH_DAY}(?<![\w/.,:-]){_NUMERIC}(?:(?<=\.\d)\.|(?<=\.\d\d)\.)?(?P<year>)(?![\w/%:-]|\.\d)",
            numeric,
            _led,
        ),
        _form(
            rf"{_LEAD}(?<![\w/.,:-])(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)(?![\w-])", calendar.ordinal_day, _led
        ),
    )


_MONTH_FIRST = _all(calendar.month_first)
_DAY_FIRST = _all(calendar.day_first)


def _forms(locale: str) -> tuple[Form, ...]:
    return _MONTH_FIRST if locale.replace("_", "-").lower() in {"en", "en-us"} else _DAY_FIRST
