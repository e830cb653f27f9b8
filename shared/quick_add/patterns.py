"""The ways to tell a day in English other than by day and month, and the table of all forms.

A form is tried only where one of its first words stands with one of its second words after it, so a long text without
dates costs little more than cutting it into words.
"""

import re
from collections.abc import Iterable

from shared.quick_add import calendar, holidays, places, relative, spelling
from shared.quick_add.forms import Compose, Form, Kind, Resolve, Row, Sure
from shared.quick_add.relative import AMOUNT
from shared.quick_add.spelling import (
    AMOUNTS,
    BARE,
    CARDINAL_WORDS,
    DAY_NAME,
    END,
    FREE,
    JOINED,
    NTH,
    NUMERALS,
    ORDINAL_WORDS,
    UNITS,
    WEEKDAYS,
)
from shared.quick_add.words import MONTH, ORDINAL, WEEKDAY

_NTHS = (NTH, *ORDINAL_WORDS)
_NUMBERS = NUMERALS | ORDINAL_WORDS | CARDINAL_WORDS
_COUNTED = UNITS | CARDINAL_WORDS | {BARE}
_BEFORE = {"last", "previous", "past"}
_COMING = {"this", "next", "coming", "following"}
_WEEK = r"(?P<week>this|next|coming|following|last|previous|past)\sweek"
_DAY_ROWS: tuple[Row, ...] = (
    (
        _NTHS,
        WEEKDAYS | {"day", "workday", "weekday", "to"},
        (
            rf"{FREE}(?P<nth>{ORDINAL})(?P<from_last>[\s-]to[\s-]last)?\s(?P<what>{WEEKDAY}|day|workday|weekday)"
            rf"\s(?:of|in)\s(?:the\s)?(?P<scope>(?:(?:this|next|last)\s)?month|{MONTH})(?:,?\s(?P<year>\d{{4}}))?(?!\w)"
        ),
        places.nth,
        Sure.ALWAYS,
    ),
    (
        _NTHS,
        ("of", "this", "next"),
        rf"{FREE}(?P<day>{ORDINAL})\s(?:of\s)?(?P<which>this|next)\smonth{END}",
        places.ordinal_day,
        Sure.ALWAYS,
    ),
    (_NTHS, None, rf"{FREE}(?P<day>{ORDINAL})(?:\sof\sthe\smonth)?(?P<which>){END}", places.ordinal_day, Sure.NEAR),
    (
        WEEKDAYS,
        _COMING | _BEFORE | {"of"},
        rf"{DAY_NAME},?\s(?:of\s)?(?:the\s)?{_WEEK}{END}",
        calendar.weekday,
        Sure.ALWAYS,
    ),
    (
        WEEKDAYS,
        _NUMBERS | {"the"},
        rf"{DAY_NAME},?\s(?:the\s)?(?P<day>{ORDINAL}|(?:1[3-9]|2\d|3[01])(?=[\s.!?]*$)){END}",
        places.weekday_and_day,
        Sure.ALWAYS,
    ),
    (_COMING | _BEFORE, ("week",), rf"{_WEEK}\s(?:on\s)?{DAY_NAME}", calendar.weekday, Sure.ALWAYS),
    (_COMING, WEEKDAYS, rf"(?P<which>{'|'.join(_COMING)})\s{DAY_NAME}", calendar.weekday, Sure.NO_NAME),
    (_BEFORE, WEEKDAYS, rf"(?P<which>{'|'.join(_BEFORE)})\s{DAY_NAME}", calendar.weekday, Sure.CLOSING),
    (WEEKDAYS, None, rf"{DAY_NAME}(?!-)", calendar.weekday, Sure.LED),
    (
        ("today", "tonight", "tonite", "tomorrow", "tmrw", "tmr", "tmw"),
        None,
        rf"(?P<word>\w+){END}",
        relative.word,
        Sure.NO_NAME,
    ),
    (
        ("this",),
        ("morning", "afternoon", "evening"),
        rf"(?P<word>this\s(?:morning|afternoon|evening)){END}",
        relative.word,
        Sure.NO_NAME,
    ),
    (("yesterday",), None, rf"(?P<word>yesterday){END}", relative.word, Sure.CLOSING),
)
_SPAN_ROWS: tuple[Row, ...] = (
    (("next", "this"), ("weekend",), rf"(?P<which>next|this)\s(?P<what>weekend){END}", relative.unit, Sure.ALWAYS),
    (("weekend",), None, rf"(?P<which>)(?P<what>weekend){END}", relative.unit, Sure.NEAR),
    (
        ("next",),
        ("week", "month", "year"),
        rf"(?P<which>next)\s(?P<what>week|month|year){END}",
        relative.unit,
        Sure.ALWAYS,
    ),
    (("next",), ("quarter",), rf"(?P<which>next)\s(?P<what>quarter){END}", relative.unit, Sure.PHRASE),
)
_OTHER_ROWS: tuple[Row, ...] = (
    (
        (NTH,),
        ("day",),
        rf"{FREE}(?P<nth>\d{{1,3}}(?:st|nd|rd|th))\sday(?:\s(?:in|of)\s(?:the\syear|(?P<year>\d{{4}})))?{END}",
        places.day_of_year,
        Sure.PHRASE,
    ),
    (
        ("start", "beginning"),
        ("of",),
        rf"\w+\sof\s(?P<which>next)\s(?P<what>week|month|quarter|year){END}",
        relative.unit,
        Sure.ALWAYS,
    ),
    (
        ("end",),
        ("of",),
        (
            r"end\sof\s(?:the\s|this\s|(?P<which>next)\s)?"
            rf"(?P<what>business(?:\sday)?|workday|day|weekend|week|month|quarter|year|{MONTH}){END}"
        ),
        relative.end_of,
        Sure.PHRASE,
    ),
    (("eod", "eow", "eom", "eoq", "eoy", "cob"), None, rf"(?P<short>\w+){END}", relative.end_of, Sure.PHRASE),
    (("right", "now"), None, rf"(?:right\s)?now{END}", relative.moment, Sure.CLOSING),
)
_COUNT_ROWS: tuple[Row, ...] = (
    (
        ("in", "within"),
        (*AMOUNTS, "the"),
        rf"(?:in|within)\s(?:the\snext\s)?{AMOUNT}(?:['’]s?\stime)?",
        relative.counted,
        Sure.ALWAYS,
    ),
    (AMOUNTS, _COUNTED, rf"{FREE}{AMOUNT}\sfrom\s(?:now|today){END}", relative.counted, Sure.ALWAYS),
    (AMOUNTS, _COUNTED, rf"{FREE}{AMOUNT}\s(?P<side>later|ago|hence){END}", relative.counted, Sure.CLOSING),
)
_HOLIDAY_ROWS: tuple[Row, ...] = (
    (
        holidays.FIRST_WORDS,
        None,
        rf"(?P<name>{holidays.NAME})(?:,?\s(?P<year>(?:1[6-9]|2[01])\d\d))?{END}",
        holidays.holiday,
        Sure.NEAR,
    ),
)
_PLACES = frozenset({Kind.WHOLE, Kind.DAY, Kind.HOLIDAY})
_HEADS: tuple[tuple[Iterable[str], Iterable[str] | None, str, Compose, frozenset[Kind]], ...] = (
    (
        WEEKDAYS,
        _NUMBERS | spelling.MONTHS | {"the"},
        rf"{WEEKDAY}(?:,?\s(?:the\s)?|\s?\()",
        calendar.same,
        frozenset({Kind.WHOLE}),
    ),
    (("this", "next"), WEEKDAYS, rf"(?:this|next)\s{WEEKDAY}\s", calendar.same, frozenset({Kind.WHOLE})),
    (("next",), None, r"next\s", calendar.after_today, frozenset({Kind.WHOLE, Kind.HOLIDAY})),
    (AMOUNTS, _COUNTED, rf"{FREE}{AMOUNT}\s(?P<side>from|after|before)\s(?:the\s)?", relative.from_day, _PLACES),
    (("day",), ("after", "before"), r"day\s(?P<side>after|before)\s", relative.from_day, _PLACES),
    (("end",), ("of",), r"end\sof\s", relative.end_of_day, frozenset({Kind.WHOLE, Kind.DAY})),
)


def _table(numeric: Resolve) -> dict[str, tuple[Form, ...]]:
    """Return the forms that begin with each word, in the order they are tried."""
    rows = {
        Kind.WHOLE: (*spelling.WHOLE, *(((JOINED,), None, text, numeric, sure) for text, sure in spelling.NUMERIC)),
        Kind.DAY: _DAY_ROWS,
        Kind.HOLIDAY: _HOLIDAY_ROWS,
        Kind.SPAN: _SPAN_ROWS,
        Kind.OTHER: _OTHER_ROWS,
        Kind.COUNT: _COUNT_ROWS,
    }
    found: dict[str, list[Form]] = {}

    def add(starts: Iterable[str], form: Form) -> None:
        for word in starts:
            found.setdefault(word, []).append(form)

    for starts, then, head, compose, takes in _HEADS:
        seconds = None if then is None else frozenset(then)
        add(starts, Form(re.compile(head), None, Sure.ALWAYS, Kind.OTHER, seconds, compose, takes))
    for kind, group in rows.items():
        for starts, then, text, resolve, sure in group:
            seconds = None if then is None else frozenset(then)
            add(starts, Form(re.compile(text), resolve, sure, kind, seconds))
    return {word: tuple(forms) for word, forms in found.items()}


MONTH_FIRST = _table(calendar.month_first)
DAY_FIRST = _table(calendar.day_first)
