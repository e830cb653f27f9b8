"""Dates in quick-add: "tomorrow", "next friday", "in 3 days", "31 dec", "12/31", "two weeks from tuesday".

One pass over the words tries the forms that begin with each. The first sure one is the date; else the first of those
that count in their context, at the end of the text or next to something else that was recognised.
"""

import datetime as dt
import re
from typing import NamedTuple

from shared.quick_add import calendar, relative
from shared.quick_add.calendar import When
from shared.quick_add.forms import Sure
from shared.quick_add.reading import Hit, Reader
from shared.quick_add.words import MOST, TAKEN, Scan

_LEAD = re.compile(
    r"(?<!\w)(?:(?P<lead>due(?:\s(?:on|by))?|by|on|for|before|until|till?|at|sometime(?:\son)?|around)\s)?"
    r"(?P<the>the\s)?$"
)
_LEADS = {"the", "due", "by", "on", "for", "before", "until", "till", "til", "at", "sometime", "around"}
# The day belongs to what stands before: the mail from friday, all days except monday.
_BOUND = re.compile(
    r"(?<!\w)(?:since|starting(?:\son)?|except(?:\sfor)?|than|between|from|of|not|versus|vs)\s(?:the\s)?$"
)
_BINDS = {"the", "for", "on", "since", "starting", "except", "than", "between", "from", "of", "not", "versus", "vs"}
# A number after one of these is its name: chapter 3/4.
_LABELS = {
    "part", "chapter", "page", "step", "episode", "volume", "vol", "version", "v", "season", "size", "room", "phase",
    "level", "section", "lesson", "no", "number", "score", "$", "€", "£", "#",
}  # fmt: skip
# A time that does not exist: then the day is left too, so that the slip is seen.
_NO_TIME = re.compile(
    r"\s(?:at\s)?(?:(?:0|1[3-9]|[2-9]\d)\s?[ap]m(?!\w)|\d{1,2}:[6-9]\d(?!\d)|(?:2[4-9]|[3-9]\d):\d\d(?!\d))"
)
# "Every lazy friday" names something.
_EVERY_SUCH = re.compile(r"\s*(?:every|each)\s\w+\s+")
_NEAR = re.compile(rf"[\s,]*{TAKEN}|\s(?:morning|afternoon|evening|night)[\s.,;!?)]*(?:$|{TAKEN})")
# All that can follow a day in context: most words cannot.
_EDGE = re.compile(rf"[\s,;.!?)]*(?:$|{TAKEN})|\s?[:,–-]\s|\s(?:morning|afternoon|evening|night)")
# Short weekdays that are words of their own, and months that are verbs.
_AMBIGUOUS = {"sat", "sun"}
_VERBS = {"may", "mar", "march"}


class Lead(NamedTuple):
    """The preposition and the article before a day, and the offset where they begin."""

    start: int
    word: str | None = None
    article: bool = False


def find(scan: Scan, now: dt.datetime, locale: str) -> When | None:
    """Take the first sure date of the text, else the first that its context makes one."""
    reader, weak, behind, looked_at = Reader(scan, now, locale), None, 0, 0
    for start, first, second in reader.starts():
        hit = reader.read(start, first, second) if start >= behind else None
        if hit is None:
            continue
        looked_at += 1
        if looked_at > MOST:
            break
        word = scan.word_before(start)
        if _is_label(scan, start, word):
            continue
        stretch = reader.end_of_several(hit)
        behind = stretch or hit.end
        lead = _lead(scan, start, word)
        sure = _is_sure(scan, hit, lead)
        counts = sure or (weak is None and _in_context(scan, hit, lead))
        if stretch or not counts or _is_text(scan, hit, lead, word):
            continue
        if sure:
            return _taken(scan, hit, lead)
        weak = hit, lead
    return _taken(scan, *weak) if weak else None


def at(scan: Scan, start: int, now: dt.datetime, locale: str) -> tuple[When, int] | None:
    """Return the date that begins at an offset and its end, for "until …" and "from …"."""
    start += 4 if scan.work.startswith("the ", start) else 0
    hit = Reader(scan, now, locale).at(start)
    return (hit.when, hit.end) if hit else None


def _lead(scan: Scan, start: int, word: str) -> Lead:
    before = max(0, start - 24)
    match = _LEAD.search(scan.work[before:start]) if word in _LEADS else None
    return Lead(before + match.start(), match["lead"], match["the"] is not None) if match else Lead(start)


def _is_label(scan: Scan, start: int, word: str) -> bool:
    return scan.work[start].isdecimal() and (word.rstrip(".") in _LABELS or scan.work[start - 1 : start] in _LABELS)


def _is_text(scan: Scan, hit: Hit, lead: Lead, word: str) -> bool:
    """Whether the words tell something else: the mail from friday, the work for the next quarter, 28 Days Later."""
    if word in _BINDS and _BOUND.search(scan.work[max(0, hit.start - 16) : hit.start]):
        return True
    if _NO_TIME.match(scan.work, hit.end) or (_EVERY_SUCH.fullmatch(scan.work, 0, hit.start) and scan.closed(hit.end)):
        return True
    if hit.form.resolve is relative.unit and not hit.match[0].endswith("weekend"):
        return lead.article or (lead.word == "for" and hit.match[0].endswith(("quarter", "year")))
    words = scan.original[hit.start : hit.match.end()].split()[1:] if hit.is_counted else []
    return any(word[0].isupper() for word in words) and not scan.original.isupper()


def _taken(scan: Scan, hit: Hit, lead: Lead) -> When:
    scan.take(lead.start, hit.end, "due")
    return hit.when


def _is_sure(scan: Scan, hit: Hit, lead: Lead) -> bool:
    sure, match = hit.form.sure, hit.match
    if sure in {Sure.LED, Sure.NEAR}:
        if lead.word is None or lead.word == "around":
            return False
        word = match[0].split()[-1].strip(".")
        return (sure is Sure.LED and word.endswith("day") and len(word) > 3) or scan.phrase_ends(hit.end)
    if sure is Sure.NO_NAME:
        return not scan.is_name(hit.start, hit.end)
    if sure is Sure.PHRASE:
        return (lead.word is not None or not lead.article) and scan.phrase_ends(hit.end)
    if sure is Sure.MONTH_DAY:
        other = match["month"].rstrip(".") in _VERBS and not (lead.word or calendar.stated_year(match))
        named = scan.original[hit.start].isupper() and not scan.original.isupper() and scan.heads_name(hit.end)
        return (not other or scan.phrase_ends(hit.end)) and not named
    return sure is Sure.ALWAYS


def _in_context(scan: Scan, hit: Hit, lead: Lead) -> bool:
    if not (_EDGE.match(scan.work, hit.end) or scan.follows(lead.start)):
        return False
    sure, word = hit.form.sure, hit.match[0].strip(" .")
    if word in _AMBIGUOUS and scan.follows_rule(lead.start) and not scan.closed(hit.end):
        return False
    if scan.follows(lead.start) or _NEAR.match(scan.work, hit.end):
        return True
    if sure is Sure.NEAR or word in _AMBIGUOUS or not (scan.closed(hit.end) or scan.headed(lead.start, hit.end)):
        return False
    if word[0].isdecimal() and "/" not in word:
        return sure is Sure.CLOSING and not scan.is_name(hit.start, hit.end)
    if lead.article and not lead.word and sure is not Sure.PHRASE:
        return False
    return sure is not Sure.CLOSING or not scan.is_name(hit.start, hit.end)
