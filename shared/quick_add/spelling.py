"""How a date of day and month is written, and the pieces that the other forms are made of too."""

import re

from shared.quick_add import calendar
from shared.quick_add.forms import Row, Sure
from shared.quick_add.words import CARDINAL, CARDINALS, MONTH, ORDINAL_WORD, ORDINALS, WEEKDAY

# What the text is cut into: words, and numbers with what is written right after them.
TOKEN = re.compile(
    r"(?<!\w)(?:(?P<digits>\d+)(?P<kind>(?:st|nd|rd|th)(?!\w)|[-/.](?=\d)|[-/.]?[a-z])?|(?P<word>[a-z]+))"
)
# Keys of numbers: 5, 5th, 5/6, 5dec, 2026-12.
BARE, NTH, JOINED, GLUED, YEARLY = "0", "0th", "0/", "0x", "0000"
NUMERALS = frozenset({BARE, NTH, JOINED, GLUED, YEARLY})

MONTHS = frozenset({
    "jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "jun", "june", "jul", "july", "aug",
    "august", "sep", "sept", "september", "oct", "october", "nov", "november", "dec", "december",
})  # fmt: skip
WEEKDAYS = frozenset({
    "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday", "fri",
    "friday", "sat", "saturday", "sun", "sunday",
})  # fmt: skip
# What follows the number of an amount.
UNITS = frozenset({
    "min", "mins", "minute", "minutes", "h", "hr", "hrs", "hour", "hours", "d", "day", "days", "business", "working",
    "work", "workday", "workdays", "w", "wk", "wks", "week", "weeks", "fortnight", "fortnights", "month", "months",
    "quarter", "quarters", "year", "years", "yr", "yrs", "and", "of", "a", "an", "half",
})  # fmt: skip
ORDINAL_WORDS = frozenset(ORDINALS)
CARDINAL_WORDS = frozenset(CARDINALS)
AMOUNTS = (BARE, GLUED, JOINED, "a", "an", "half", "couple", *CARDINALS)

_CENTURY = r"(?:(?:fif|six|seven|eigh|nine)teen|twenty)"
_TENS = r"(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?)"
_SPELLED = (
    rf"(?:two\sthousand|{_CENTURY}\shundred)(?:\s(?:and\s)?{CARDINAL})?"
    rf"|{_CENTURY}\s(?:{_TENS}|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|oh\s{CARDINAL})"
)
# Not a time, a share, a longer number or the beginning of a stretch: "may 5:30", "5/12/13", "may 5-7".
ENDS = r"(?![\w%/]|:\S|[.,]\d|\s?[-–]\s?\d{1,2}(?![\d:]|\s?[ap]\.?m))"
YEAR = (
    rf"(?:\s?,?\s(?:of\s)?(?P<year>(?:1[5-9]|2[01])\d\d|{_SPELLED})|\s(?:of\s|['’])(?P<short>\d\d)"
    rf"|[-/](?P<joined>(?:1[5-9]|2[01])?\d\d))?{ENDS}"
)
DAY = rf"(?P<day>\d{{1,2}}(?:st|nd|rd|th)?|{ORDINAL_WORD}|{CARDINAL})"
MONTH_NAME = rf"(?P<month>{MONTH})"
DAY_NAME = rf"(?P<weekday>{WEEKDAY})"
# A number that no other sign belongs to.
FREE = r"(?<![\w/.,:-])"
END = r"(?![\w'’-])"

_DAYS = (BARE, NTH, *CARDINAL_WORDS, *ORDINAL_WORDS)
WHOLE: tuple[Row, ...] = (
    (
        (YEARLY,),
        None,
        (
            rf"(?<![\w/.-])(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}}|{MONTH})(?P=mark)(?P<day>\d{{1,2}})(?!\d)"
            r"(?:t(?P<clock>[012]\d:[0-5]\d(?::[0-5]\d)?)(?:[.,]\d{1,9})?(?P<offset>z|[+-]\d\d(?::?\d\d)?)?)?(?![\w/-]|[.,:]\d)"
        ),
        calendar.iso,
        Sure.ALWAYS,
    ),
    (
        (BARE,),
        (BARE,),
        r"(?<![\w/.-])(?P<year>\d{4})\s(?P<month>\d\d)\s(?P<day>\d\d)(?![\w%/-]|[:.]\d)",
        calendar.iso,
        Sure.NEAR,
    ),
    ((JOINED,), None, rf"{FREE}(?P<day>\d{{1,2}})-(?P<year>\d{{4}})-{MONTH_NAME}(?!\w)", calendar.named, Sure.ALWAYS),
    (MONTHS, None, rf"{MONTH_NAME}-(?P<year>\d{{4}})-(?P<day>\d{{1,2}})(?!\w)", calendar.named, Sure.ALWAYS),
    (
        _DAYS,
        MONTHS | ORDINAL_WORDS | CARDINAL_WORDS | {"day", "of"},
        rf"{FREE}{DAY}\s(?:(?:day\s)?of\s)?{MONTH_NAME}{YEAR}",
        calendar.named,
        Sure.MONTH_DAY,
    ),
    ((GLUED,), None, rf"{FREE}{DAY}[-/]?{MONTH_NAME}{YEAR}", calendar.named, Sure.MONTH_DAY),
    (MONTHS, None, rf"{FREE}{MONTH_NAME}(?:\s?(?:the\s)?|[-/]){DAY}{YEAR}", calendar.named, Sure.MONTH_DAY),
)
_NUMERIC = rf"{FREE}(?P<first>\d{{1,2}})"
NUMERIC = (
    (rf"{_NUMERIC}(?P<mark>[./-])(?P<second>\d{{1,2}})(?P=mark)(?P<year>(?:\d\d)?\d\d)(?![\w/-]|[.,:]\d)", Sure.ALWAYS),
    (rf"{_NUMERIC}[./](?P<second>\d{{1,2}})(?:(?<=\.\d)\.|(?<=\.\d\d)\.)?(?P<year>)(?![\w/%-]|:\S|\.\d)", Sure.LED),
)
