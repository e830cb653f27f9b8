"""Dates of quick-add in languages other than English: one date by dateparser, when our own pass found none."""

import datetime as dt
import re

from shared.quick_add.calendar import When
from shared.quick_add.words import TAKEN, TEXT, Scan

_BLANK = re.compile(f"[{TAKEN}{TEXT}]")
_AT = re.compile(
    r"(?<!\w)(?:um|a\slas|à|alle)\s(?P<hour>\d{1,2})(?:[:h.](?P<minute>[0-5]\d))?(?:\s?(?:uhr|h))?(?![\w:%/])"
)
# German, Spanish, French and Italian words that lead a date or a time.
_LEAD = re.compile(r"(?<!\w)(?:am|um|bis|zum|ab|el|a\slas|al|le|à|il|alle)\s$")


def find(scan: Scan, now: dt.datetime, locale: str) -> When | None:
    """Try one date in the language of the locale with dateparser, imported here because it is heavy."""
    from dateparser.search import search_dates

    # dateparser does not know the French "1er".
    text = re.sub(r"(?<!\w)1er(?!\w)", "1  ", _BLANK.sub(" ", scan.work))
    settings = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "future", "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        found = search_dates(text, languages=[re.split("[-_]", locale.lower())[0]], settings=settings)
    except (ValueError, OverflowError):
        # An unknown language, or a number no calendar holds: then the words are only words.
        return None
    if not found:
        return None
    words, moment = found[0]
    start = text.find(words)
    if start < 0 or words.strip().isdigit():
        return None
    scan.take(start, start + len(words), "due")
    timed = moment.time().replace(microsecond=0) not in {dt.time(), now.time().replace(microsecond=0)}
    return When(moment.date(), moment.time().replace(second=0, microsecond=0) if timed else None)


def time(scan: Scan) -> tuple[dt.time, ...]:
    """Take "um 9", "um 9 Uhr", "a las 17", "à 14h30", which dateparser reads as a day or not at all."""
    match = _AT.search(scan.work)
    if match is None or int(match["hour"]) > 23:
        return ()
    scan.take(*match.span(), "due")
    return (dt.time(int(match["hour"]), int(match["minute"] or 0)),)


def take_leads(scan: Scan) -> None:
    """Take the preposition before a date or a time too: "am 14.01.2027 um 19:00"."""
    for start, _, kind in list(scan.spans):
        lead = _LEAD.search(scan.work[max(0, start - 12) : start]) if kind == "due" else None
        if lead:
            scan.take(start - len(lead[0]), start, kind)
