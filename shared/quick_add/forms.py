"""The ways to write a day in English: what each begins with, its pattern, what it means and how sure it is.

A form is tried only where one of its first words stands, so a long text without dates costs little more than splitting
it into words. `sure` says where a match counts without help from what stands around it.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from shared.quick_add import calendar, holidays, relative
from shared.quick_add.calendar import When
from shared.quick_add.words import CARDINAL, CARDINALS, MONTH, ORDINAL, ORDINAL_WORD, ORDINALS, WEEKDAY

Resolve = Callable[[re.Match[str], dt.datetime], When | None]
Compose = Callable[[re.Match[str], When, dt.datetime], When | None]


class Sure(Enum):
    """Where a form counts on its own."""

    ALWAYS = "wherever it stands"
    NO_NAME = "unless it is part of a name"
    MONTH_DAY = "unless the month may be another word"
    PHRASE = "where nothing follows that could belong to it"
    LED = "after a preposition"
    CLOSING = "never: only next to what was recognised, or at the end"
    NEAR = "never: only after a preposition or next to what was recognised"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a day; with `compose` the pattern is the head of another day, "two weeks from" …"""

    pattern: re.Pattern[str]
    resolve: Resolve
    sure: Sure
    compose: Compose | None = None
    whole: bool = False


DIGIT = "0"
_MONTHS = (
    "jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "jun", "june", "jul", "july", "aug",
    "august", "sep", "sept", "september", "oct", "october", "nov", "november", "dec", "december",
)  # fmt: skip
_WEEKDAYS = (
    "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday", "fri", "friday",
    "sat", "saturday", "sun", "sunday",
)  # fmt: skip
_NUMBERS = (DIGIT, "a", "an", "half", "couple", *CARDINALS)
_DAYS = (DIGIT, *CARDINALS, *ORDINALS)
_NTH = (DIGIT, *ORDINALS)

_NUMBER_DAY = rf"(?P<day>\d{{1,2}}(?:st|nd|rd|th)?|{ORDINAL_WORD}|{CARDINAL})"
_CENTURY = r"(?:(?:fif|six|seven|eigh|nine)teen|twenty)"
_TENS = r"(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?)"
_TWO_DIGITS = rf"(?:{_TENS}|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_SPELLED = (
    rf"(?:two\sthousand|{_CENTURY}\shundred)(?:\s(?:and\s)?{CARDINAL})?|{_CENTURY}\s{_TWO_DIGITS}"
    rf"|{_CENTURY}\soh\s{CARDINAL}"
)
_YEAR = (
    rf"(?:\s?,?\s(?:of\s)?(?P<year>(?:1[5-9]|2[01])\d\d|{_SPELLED})|\s(?:of\s|['’])(?P<short>\d\d)"
    r"|[-/](?P<joined>(?:1[5-9]|2[01])?\d\d))?(?![\w%/]|:\S|[.,]\d|\s?[-–]\s?\d{1,2}(?![\d:]|\s?[ap]\.?m))"
)
_MONTH = rf"(?P<month>{MONTH})"
_FREE = r"(?<![\w/.,:-])"
_NUMERIC = rf"{_FREE}(?P<first>\d{{1,2}})"
_WHICH = r"(?P<which>next|this|coming|following|last|previous|past)"
_WEEK = r"(?P<week>this|next|coming|following|last|previous|past)\sweek"
_DAY_NAME = rf"(?P<weekday>{WEEKDAY})"
_END = r"(?![\w'’-])"


def same(_match: re.Match[str], inner: When, _now: dt.datetime) -> When | None:
    return inner


def moved(match: re.Match[str], inner: When, now: dt.datetime) -> When | None:
    base = dt.datetime.combine(inner.date, inner.time or now.time())
    amount = match.groupdict().get("amount") or "1 day"
    return relative.moved(amount, base, back=match["side"] == "before")


def end_of(_match: re.Match[str], inner: When, _now: dt.datetime) -> When | None:
    return When(inner.date, relative.END_OF_DAY)


def following(_match: re.Match[str], inner: When, now: dt.datetime) -> When | None:
    return inner if inner.date > now.date() else None


def _none(_match: re.Match[str], _now: dt.datetime) -> When | None:
    return None


def _weekday_and_day(match: re.Match[str], now: dt.datetime) -> When | None:
    from shared.quick_add.words import number, weekday_number

    return calendar.on_weekday(number(match["day"]), weekday_number(match["weekday"]), now)


def holiday(match: re.Match[str], now: dt.datetime) -> When | None:
    stated = calendar.stated_year(match)
    years = [calendar.year_of(stated, now)] if stated else [now.year, now.year + 1]
    days = [holidays.day_in(match["name"], year) for year in years if year < dt.MAXYEAR]
    return calendar.when(next((day for day in days if stated or day >= now.date()), None))


_Row = tuple[Iterable[str], str, Resolve, Sure]
_WHOLE: tuple[_Row, ...] = (
    (
        (DIGIT,),
        rf"(?<![\w/.-])(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}}|{MONTH})(?P=mark)(?P<day>\d{{1,2}})(?!\d)"
        r"(?:t(?P<clock>[012]\d:[0-5]\d(?::[0-5]\d)?)(?:[.,]\d{1,9})?(?:z|[+-]\d\d(?::?\d\d)?)?)?(?![\w/-]|[.,:]\d)",
        calendar.iso,
        Sure.ALWAYS,
    ),
    (
        (DIGIT,),
        r"(?<![\w/.-])(?P<year>\d{4})\s(?P<month>\d\d)\s(?P<day>\d\d)(?![\w%/-]|[:.]\d)",
        calendar.iso,
        Sure.NEAR,
    ),
    ((DIGIT,), rf"{_FREE}(?P<day>\d{{1,2}})-(?P<year>\d{{4}})-{_MONTH}(?!\w)", calendar.named, Sure.ALWAYS),
    (_MONTHS, rf"{_MONTH}-(?P<year>\d{{4}})-(?P<day>\d{{1,2}})(?!\w)", calendar.named, Sure.ALWAYS),
    (_DAYS, rf"{_FREE}{_NUMBER_DAY}(?:\s(?:day\s)?(?:of\s)?|[-/])?{_MONTH}{_YEAR}", calendar.named, Sure.MONTH_DAY),
    (_MONTHS, rf"{_FREE}{_MONTH}(?:\s?(?:the\s)?|[-/]){_NUMBER_DAY}{_YEAR}", calendar.named, Sure.MONTH_DAY),
)
_NUMERIC_FORMS = (
    (rf"{_NUMERIC}(?P<mark>[./-])(?P<second>\d{{1,2}})(?P=mark)(?P<year>(?:\d\d)?\d\d)(?![\w/-]|[.,:]\d)", Sure.ALWAYS),
    (rf"{_NUMERIC}[./](?P<second>\d{{1,2}})(?:(?<=\.\d)\.|(?<=\.\d\d)\.)?(?P<year>)(?![\w/%-]|:\S|\.\d)", Sure.LED),
)
_PARTS: tuple[_Row, ...] = (
    (
        _NTH,
        rf"{_FREE}(?P<nth>{ORDINAL})(?P<from_last>[\s-]to[\s-]last)?\s(?P<what>{WEEKDAY}|day|workday|weekday)"
        rf"\s(?:of|in)\s(?:the\s)?(?P<scope>(?:(?:this|next|last)\s)?month|{MONTH})(?:,?\s(?P<year>\d{{4}}))?(?!\w)",
        calendar.nth,
        Sure.ALWAYS,
    ),
    (
        (DIGIT,),
        rf"{_FREE}(?P<nth>\d{{1,3}}(?:st|nd|rd|th))\sday(?:\s(?:in|of)\s(?:the\syear|(?P<year>\d{{4}})))?{_END}",
        calendar.day_of_year,
        Sure.PHRASE,
    ),
    (
        _NTH,
        rf"{_FREE}(?P<day>{ORDINAL})\s(?:of\s)?(?P<which>this|next)\smonth{_END}",
        calendar.ordinal_day,
        Sure.ALWAYS,
    ),
    (_NTH, rf"{_FREE}(?P<day>{ORDINAL})(?:\sof\sthe\smonth)?(?P<which>){_END}", calendar.ordinal_day, Sure.NEAR),
    (_WEEKDAYS, rf"{_DAY_NAME},?\s(?:of\s)?(?:the\s)?{_WEEK}{_END}", calendar.weekday, Sure.ALWAYS),
    (
        _WEEKDAYS,
        rf"{_DAY_NAME},?\s(?:the\s)?(?P<day>{ORDINAL}|(?:1[3-9]|2\d|3[01])(?=[\s.!?]*$)){_END}",
        _weekday_and_day,
        Sure.ALWAYS,
    ),
    (
        ("this", "next", "following", "last", "previous", "past", "coming"),
        rf"{_WEEK}\s(?:on\s)?{_DAY_NAME}",
        calendar.weekday,
        Sure.ALWAYS,
    ),
    (("this", "next", "following", "coming"), rf"{_WHICH}\s{_DAY_NAME}", calendar.weekday, Sure.NO_NAME),
    (("last", "previous", "past"), rf"{_WHICH}\s{_DAY_NAME}", calendar.weekday, Sure.CLOSING),
    (_WEEKDAYS, rf"{_DAY_NAME}(?!-)", calendar.weekday, Sure.LED),
    (("next", "this"), rf"(?P<which>next|this)\s(?P<what>weekend){_END}", relative.next_unit, Sure.ALWAYS),
    (("weekend",), rf"(?P<which>)(?P<what>weekend){_END}", relative.next_unit, Sure.NEAR),
    (("next",), rf"(?P<which>next)\s(?P<what>week|month|year){_END}", relative.next_unit, Sure.ALWAYS),
    (("next",), rf"(?P<which>next)\s(?P<what>quarter){_END}", relative.next_unit, Sure.PHRASE),
    (
        ("start", "beginning"),
        rf"\w+\sof\s(?P<which>next)\s(?P<what>week|month|quarter|year){_END}",
        relative.next_unit,
        Sure.ALWAYS,
    ),
    (
        ("end",),
        rf"end\sof\s(?:the\s|this\s|(?P<which>next)\s)?(?P<what>business(?:\sday)?|workday|day|weekend|week|month|quarter"
        rf"|year|{MONTH}){_END}",
        relative.end_of,
        Sure.PHRASE,
    ),
    (("eod", "eow", "eom", "eoq", "eoy", "cob"), rf"(?P<short>eo[dwmqy]|cob){_END}", relative.end_of, Sure.PHRASE),
    (
        ("today", "tonight", "tonite", "tomorrow", "tmrw", "tmr", "tmw", "this"),
        rf"(?P<word>\w+ow|tmr\w?|tmw|to(?:day|night|nite)|this\s(?:morning|afternoon|evening)){_END}",
        relative.word,
        Sure.NO_NAME,
    ),
    (("yesterday",), rf"(?P<word>yesterday){_END}", relative.word, Sure.CLOSING),
    (("right", "now"), rf"(?:right\s)?now{_END}", relative.moment, Sure.CLOSING),
    (
        ("in", "within"),
        rf"(?:in|within)\s(?:the\snext\s)?{relative.AMOUNT}(?:['’]s?\stime)?",
        relative.counted,
        Sure.ALWAYS,
    ),
    (_NUMBERS, rf"{_FREE}{relative.AMOUNT}\sfrom\s(?:now|today){_END}", relative.counted, Sure.ALWAYS),
    (_NUMBERS, rf"{_FREE}{relative.AMOUNT}\s(?P<side>later|ago|hence){_END}", relative.counted, Sure.CLOSING),
    (
        holidays.FIRST_WORDS,
        rf"(?P<name>{holidays.NAME})(?:,?\s(?P<year>(?:1[6-9]|2[01])\d\d))?{_END}",
        holiday,
        Sure.NEAR,
    ),
)
_HEADS: tuple[tuple[Iterable[str], str, Compose], ...] = (
    (_WEEKDAYS, rf"{WEEKDAY}(?:,?\s(?:the\s)?|\s?\()", same),
    (("this", "next"), rf"(?:this|next)\s{WEEKDAY}\s", same),
    (("next",), r"next\s", following),
    (_NUMBERS, rf"{_FREE}{relative.AMOUNT}\s(?P<side>from|after|before)\s(?:the\s)?", moved),
    (("day",), r"day\s(?P<side>after|before)\s", moved),
    (("end",), r"end\sof\s", end_of),
)


def _table(numeric: Resolve) -> dict[str, tuple[Form, ...]]:
    heads = [(starts, Form(re.compile(head), _none, Sure.ALWAYS, compose)) for starts, head, compose in _HEADS]
    whole = [(starts, Form(re.compile(text), resolve, sure, whole=True)) for starts, text, resolve, sure in _WHOLE]
    whole += [((DIGIT,), Form(re.compile(text), numeric, sure, whole=True)) for text, sure in _NUMERIC_FORMS]
    parts = [(starts, Form(re.compile(text), resolve, sure)) for starts, text, resolve, sure in _PARTS]
    table: dict[str, list[Form]] = {}
    for starts, form in (*heads, *whole, *parts):
        for word in starts:
            table.setdefault(word, []).append(form)
    return {word: tuple(forms) for word, forms in table.items()}


MONTH_FIRST = _table(calendar.month_first)
DAY_FIRST = _table(calendar.day_first)
