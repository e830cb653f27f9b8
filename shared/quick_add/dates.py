"""Dates in quick-add: "tomorrow", "next friday", "in 3 days", "31 dec", "12/31", "two weeks from tuesday".

One pass over the words tries the forms that begin with each. The first sure one is the date; else the first of those
that count in their context, at the end of the text or next to something else that was recognised.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from shared.quick_add import calendar, forms, relative
from shared.quick_add.calendar import When
from shared.quick_add.forms import DIGIT, Form, Sure
from shared.quick_add.words import TAKEN, WEEKDAY, Scan, days_after, weekday_number

_FIRST = re.compile(r"(?<!\w)(?:\d|[a-z]+)")
_LEAD = re.compile(
    r"(?<!\w)(?:(?P<lead>due(?:\s(?:on|by))?|by|on|for|before|until|till?|at|starting(?:\son)?|sometime(?:\son)?|around)\s)?"
    r"(?P<the>the\s)?$"
)
# The day belongs to what stands before: the mail from friday, all days except monday.
_BOUND = re.compile(r"(?<!\w)(?:since|except(?:\sfor)?|than|between|from|of|not|versus|vs)\s(?:the\s)?$")
# A number after one of these is its name: chapter 3/4.
_LABEL = re.compile(
    r"(?<!\w)(?:part|chapter|page|step|episode|volume|vol|version|v|season|size|room|phase|level|section|lesson|no"
    r"|number|score|[$€£#])\.?\s?$"
)
_RANGE = re.compile(r"\s?[-–]\s?|\s(?:to|through|thru|until|till?)\s(?:the\s)?")
_NEAR = re.compile(rf"[\s,]*{TAKEN}|\s(?:morning|afternoon|evening|night)[\s.,;!?)]*(?:$|{TAKEN})")
_WEEKDAY_AFTER = re.compile(rf"\s?\((?P<short>{WEEKDAY})\)|,?\s(?:on\s)?(?P<long>(?=\w+day){WEEKDAY})")
_HEADED = re.compile(r"\s?[:,–-]\s")
# Short weekdays that are words of their own, and months that are verbs.
_AMBIGUOUS = {"sat", "sun"}
_VERBS = {"may", "mar", "march"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A day that was read at [start, end), without and with the preposition before it."""

    start: int
    end: int
    when: When
    form: Form
    match: re.Match[str]
    lead: str | None = None
    article: bool = False
    first: int = 0


def find(scan: Scan, now: dt.datetime, locale: str) -> When | None:
    """Take the first sure date of the text, else the first that its context makes one."""
    table, weak, behind = _table(locale), None, 0
    for start, key in _starts(scan.work):
        if start < behind or key not in table:
            continue
        hit = _read(scan.work, start, key, now, table)
        if hit is None:
            continue
        after = _range_end(scan.work, hit.end, now, table)
        if _is_label(scan, start):
            continue
        behind = after or hit.end
        hit = _led(scan.work, hit)
        if after or _is_bound(scan, start) or _is_span(hit) or _is_title(scan, hit):
            continue
        if _is_sure(scan, hit):
            return _taken(scan, hit)
        if weak is None and _in_context(scan, hit):
            weak = hit
    return _taken(scan, weak) if weak else None


def at(scan: Scan, start: int, now: dt.datetime, locale: str) -> tuple[When, int] | None:
    """Return the date that begins at an offset and its end, for "until …" and "from …"."""
    if scan.work.startswith("the ", start):
        start += 4
    first = _FIRST.match(scan.work, start)
    table = _table(locale)
    hit = _read(scan.work, start, _key(first), now, table) if first else None
    return (hit.when, hit.end) if hit else None


def _table(locale: str) -> dict[str, tuple[Form, ...]]:
    american = locale.replace("_", "-").lower() in {"en", "en-us"}
    return forms.MONTH_FIRST if american else forms.DAY_FIRST


def _key(match: re.Match[str]) -> str:
    return DIGIT if match[0][0].isdecimal() else match[0]


def _starts(work: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), _key(match)) for match in _FIRST.finditer(work))


def _read(
    work: str, start: int, key: str, now: dt.datetime, table: dict[str, tuple[Form, ...]], depth: int = 0
) -> Hit | None:
    """Read the day that begins here; one day may be told by another: "two weeks from tuesday"."""
    for form in table.get(key, ()):
        match = form.pattern.match(work, start)
        if match is None:
            continue
        if form.compose is None:
            when = form.resolve(match, now)
            if when:
                return _with_weekday(work, Hit(start, match.end(), when, form, match))
        elif depth < 2 and (first := _FIRST.match(work, match.end())):
            inner = _read(work, match.end(), _key(first), now, table, depth + 1)
            when = form.compose(match, inner.when, now) if inner and _fits(form, inner) else None
            if inner and when:
                return _with_weekday(work, Hit(start, inner.end, when, form, match))
    return None


def _fits(form: Form, inner: Hit) -> bool:
    """Whether the day goes with the head: only a whole date follows a weekday."""
    if form.compose is forms.following:
        return inner.form.whole or inner.form.resolve is forms.holiday
    if form.compose is forms.end_of:
        return inner.form.whole or inner.form.resolve in {relative.word, calendar.weekday}
    return inner.form.whole if form.compose is forms.same else True


def _with_weekday(work: str, hit: Hit) -> Hit:
    """Read the weekday after a date, which it only repeats, and after an amount, which it moves on: "in 2 months on fri"."""
    counted = hit.form.resolve is relative.counted or hit.form.compose is forms.moved
    after = _WEEKDAY_AFTER.match(work, hit.end) if hit.form.whole or counted else None
    if after is None:
        return hit
    days = weekday_number(after["short"] or after["long"]) - hit.when.date.weekday()
    # "in 2 weeks on monday" is in that week, "in 2 months on monday" the first one then.
    days = days % 7 if counted and re.search("month|year|yr", hit.match[0]) else days
    day = days_after(hit.when.date, days if counted else 0)
    return replace(hit, end=after.end(), when=replace(hit.when, date=day)) if day else hit


def _range_end(work: str, end: int, now: dt.datetime, table: dict[str, tuple[Form, ...]]) -> int | None:
    """Return the end of "monday to friday": a stretch of days is no due date."""
    joint = _RANGE.match(work, end)
    first = _FIRST.match(work, joint.end()) if joint else None
    other = _read(work, first.start(), _key(first), now, table) if first else None
    return other.end if other else None


def _is_bound(scan: Scan, start: int) -> bool:
    return _BOUND.search(scan.work, max(0, start - 16), start) is not None


def _is_label(scan: Scan, start: int) -> bool:
    before = scan.work[max(0, start - 12) : start]
    return scan.work[start].isdecimal() and _LABEL.search(before) is not None


def _is_span(hit: Hit) -> bool:
    """Whether it is a stretch of time, not its beginning: the work for the next quarter."""
    long = hit.match[0].endswith(("quarter", "year")) and hit.lead == "for"
    short = hit.match[0].endswith("weekend")
    return hit.form.resolve is relative.next_unit and not short and (hit.article or long)


def _is_title(scan: Scan, hit: Hit) -> bool:
    """Whether a count of days is spelled as in a title: 28 Days Later."""
    if not (hit.form.resolve is relative.counted or hit.form.compose is forms.moved) or scan.original.isupper():
        return False
    return any(word[:1].isupper() for word in scan.original[hit.start : hit.match.end()].split()[1:])


def _led(work: str, hit: Hit) -> Hit:
    before = max(0, hit.start - 24)
    lead = _LEAD.search(work[before : hit.start])
    if lead is None:
        return replace(hit, first=hit.start)
    return replace(hit, lead=lead["lead"], article=lead["the"] is not None, first=before + lead.start())


def _taken(scan: Scan, hit: Hit) -> When:
    scan.take(hit.first, hit.end, "due")
    return hit.when


def _is_sure(scan: Scan, hit: Hit) -> bool:
    match hit.form.sure:
        case Sure.ALWAYS:
            return True
        case Sure.NO_NAME:
            return not scan.is_name(hit.start, hit.end)
        case Sure.MONTH_DAY:
            other = hit.match["month"].rstrip(".") in _VERBS and not (hit.lead or _year(hit.match))
            named = scan.original[hit.start].isupper() and not scan.original.isupper() and scan.heads_name(hit.end)
            return (not other or scan.phrase_ends(hit.end)) and not named
        case Sure.PHRASE:
            return (hit.lead is not None or not hit.article) and scan.phrase_ends(hit.end)
        case Sure.LED | Sure.NEAR:
            word = hit.match[0].split()[-1].strip(".")
            long = word.endswith("day") and len(word) > 3 and hit.form.sure is Sure.LED
            return hit.lead not in {None, "around"} and (long or scan.phrase_ends(hit.end))
    return False


def _year(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    return groups.get("year") or groups.get("short") or groups.get("joined")


def _in_context(scan: Scan, hit: Hit) -> bool:
    word = hit.match[0].strip(" .")
    near = scan.follows(hit.first) or _NEAR.match(scan.work, hit.end) is not None
    bare = word[:1].isdecimal() and "/" not in word and hit.form.sure is not Sure.CLOSING
    if word in _AMBIGUOUS or hit.form.sure is Sure.NEAR or bare:
        return near
    if hit.article and not hit.lead and hit.form.sure is not Sure.PHRASE:
        return False
    if hit.form.sure is Sure.CLOSING and scan.is_name(hit.start, hit.end):
        return False
    headed = not scan.work[: hit.first].strip() and _HEADED.match(scan.work, hit.end) is not None
    return near or scan.closed(hit.end) or headed
