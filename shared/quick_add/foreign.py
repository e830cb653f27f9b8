"""Dates of quick-add in languages without a table of their own: one date by dateparser, when English found none."""

import datetime as dt
import re

from shared.quick_add.calendar import When
from shared.quick_add.words import TAKEN, TEXT, Scan

_BLANK = re.compile(f"[{TAKEN}{TEXT}]")


def find(scan: Scan, now: dt.datetime, locale: str) -> When | None:
    """Try one date in the language of the locale with dateparser, imported here because it is heavy."""
    from dateparser.search import search_dates

    text = _BLANK.sub(" ", scan.work)
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
