"""Times of day in quick-add: "9am", "at 9", "17:00", "noon", "half past eight in the evening", and lists of them."""

import datetime as dt
import re
from itertools import islice

from shared.quick_add import clock
from shared.quick_add.words import MOST, TAKEN, WEEKDAY, Scan

# A number is looked at only after "at" and the like, or with a sign of a time after it.
_AFTER = r"(?:(?<=@)|(?<=at\s|\s@\s)|(?<=bout\s|ound\s|irca\s)|(?<=ing\s|oon\s|ght\s))"
_SIGN = r"(?:[ap]\s?\.?\s?m|[ap]|o\s?['’]?\s?clock)(?!\w)"
_THEN = (
    r"[\s-](?:min(?:ute)?s?|past|to|after|before|till|in\sthe|at\snight|this|early|late|morning|afternoon|evening|night|oh|ten|eleven"
    r"|twelve|fifteen|\w+teen|(?:twen|thir|for|fif)ty)(?!\w)"
)
_START = re.compile(
    rf"(?<![\w$€£#])(?:(?:{_AFTER}|(?=\d{{1,2}}[:.]\d|\d{{1,4}}\s?{_SIGN}|\d{{1,2}}{_THEN}))\d"
    rf"|(?:{_AFTER}|(?=[a-z]{{3,7}}(?:\s{_SIGN}|{_THEN})))"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)(?!\w)"
    r"|noon|midnight|midday|half(?=\s(?:past|to|after))|(?:a\s)?quarter(?=\s(?:past|to|after|before|till)))"
)
_LEAD = re.compile(
    r"(?:(?<!\w)(?P<part>morning|afternoon|evening|night),?\s)?"
    r"(?:(?<!\w)(?P<lead>at|by|@|around|about|circa|for|before|from|until|till?|on)\s?)?$"
)
_PART_LEAD = re.compile(r"(?<!\w)(?:(?:in\sthe|this|at)\s)?(?:(?:early|late)\s)?$")
_FREE = re.compile(rf"(?:^|[^\w.,:/$€£#+-]|{TAKEN}-)$")
_DAY_BEFORE = re.compile(rf"(?<!\w){WEEKDAY}\s(?:at|@)\s?$")
_MORE = re.compile(r"(?:\s?,\s?(?:and\s)?|\sand\s|\s?&\s?)(?:at\s)?(?=\d)")
_STRETCH = re.compile(r"\s?[-–]\s?\d|\s(?:to|until|till?)\s(?:\d|noon|midnight)")
_AFTER_STRETCH = re.compile(r"(?:\d(?:\s?[ap]m)?\s?[-–]\s?|(?<!\w)(?:between\s.{1,9}\sand|\d\s(?:to|until))\s)$")
_PART = re.compile(
    rf"{TAKEN}[ ,;(]{{0,3}}(?P<words>(?:(?:in\sthe|this|at)\s)?(?:(?:early|late)\s)?{clock.PART})(?![\w'’])"
)
_ALONE = re.compile(rf"(?<!\w)in\sthe\s{clock.PART}(?=[\s,;.!?)]*$)")
_SURE_LEADS = {"at", "@"}


def is_exact(locale: str) -> bool:
    """Whether people there count 24 hours, so that 4:00 is never in the afternoon: outside English, and en-001."""
    locale = locale.replace("_", "-").lower()
    return not locale.startswith("en") or locale == "en-001"


def clock_of(text: str, *, exact: bool = False) -> dt.time | None:
    """Return the time of "9", "9:30 pm" or "17.00"; None for one that does not exist."""
    match = clock.DIGITS.search(text)
    return clock.time_of(match, exact=exact) if match else None


def times(scan: Scan, *, several: bool, part: str | None = None, exact: bool = False) -> tuple[dt.time, ...]:
    """Take the first time of the text, with `several` also the ones listed after it.

    `part` is the part of the day that was read before: "tomorrow evening at 7"; `exact` as in `is_exact`.
    """
    for start in islice(_START.finditer(scan.work), MOST):
        match = _match(scan.work, start.start())
        lead = _LEAD.search(scan.work[max(0, start.start() - 24) : start.start()]) if match else None
        if match is None or lead is None:
            continue
        said = lead["part"] or part
        time = clock.time_of(match, said, exact=exact)
        if time is None or not _is_time(scan, match, lead):
            continue
        begin = match.start() - (lead.end() - lead.start())
        if lead["part"] and (before := _PART_LEAD.search(scan.work[max(0, begin - 16) : begin])):
            begin -= len(before[0])
        listed, end = _listed(scan, match, said) if several else ([], match.end())
        written = exact or (bool(listed) and any(clock.is_exact(other) for other in (match, *listed)))
        found = [clock.time_of(other, said, exact=written) for other in (match, *listed)]
        scan.take(begin, end, "due")
        return tuple(one for one in found if one is not None)
    return ()


def _match(work: str, start: int) -> re.Match[str] | None:
    if work[start].isdecimal():
        return clock.PAST.match(work, start) or clock.PACKED.match(work, start) or clock.DIGITS.match(work, start)
    return clock.WORD.match(work, start) or clock.PAST.match(work, start) or clock.SPELLED.match(work, start)


def _is_time(scan: Scan, match: re.Match[str], lead: re.Match[str]) -> bool:
    start, end = match.span()
    before = scan.work[max(0, start - 24) : start]
    if not _FREE.search(before) or _AFTER_STRETCH.search(before) or _STRETCH.match(scan.work, end):
        return False
    groups = match.groupdict()
    led = lead["lead"] is not None
    sure = lead["lead"] in _SURE_LEADS
    near = scan.follows(start - len(lead[0]))
    if groups.get("word"):
        return (led or scan.closed(end) or near or scan.headed(start, end)) and not scan.is_name(start, end)
    # "the 17:00 train" names the train.
    if before.endswith(("the ", "a ")) and not scan.closed(end) and not groups.get("after"):
        return False
    if groups.get("share"):
        whole = groups["unit"] or groups["share"] == "half" or groups["share"].endswith("quarter")
        ends = scan.closed(end) if groups["side"] in {"past", "after"} else near and scan.phrase_ends(end)
        return bool(whole or sure or clock.is_said(match) or ends)
    if clock.is_said(match) or (groups.get("mark") == ":" and (len(groups["hour"] or "") == 2)):
        return True
    if sure:
        named = _DAY_BEFORE.search(before) is not None
        opens = scan.opens(start - len(lead[0]))
        return named or opens or scan.phrase_ends(end) or _MORE.match(scan.work, end) is not None
    return _stands_alone(scan, match, lead, near=near)


def _stands_alone(scan: Scan, match: re.Match[str], lead: re.Match[str], *, near: bool) -> bool:
    """Whether "3:30", "9p" or "one thirty" counts: next to a date, or with a colon at the end of the text."""
    if match.groupdict().get("mark") == ":":
        return near or (scan.closed(match.end()) and lead["lead"] is None)
    timed = match["short"] or match["minute"] or lead["part"] or lead["lead"] in {"around", "about", "circa"}
    return bool(near and timed) and scan.phrase_ends(match.end())


def _listed(scan: Scan, first: re.Match[str], part: str | None) -> tuple[list[re.Match[str]], int]:
    found: list[re.Match[str]] = []
    end = first.end()
    while (joint := _MORE.match(scan.work, end)) and (match := clock.DIGITS.match(scan.work, joint.end())):
        if clock.time_of(match, part) is None:
            break
        found.append(match)
        end = match.end()
    return found, end


def part_of_day(scan: Scan) -> str | None:
    """Take "morning", "in the evening", … right after something recognised; return the part."""
    match = _PART.search(scan.work)
    if match is None:
        return None
    scan.take(*match.span("words"), "due")
    return match["part"]


def part_alone(scan: Scan) -> str | None:
    """Take "in the morning" at the end of the text."""
    match = _ALONE.search(scan.work)
    if match is None:
        return None
    scan.take(*match.span(), "due")
    return match["part"]
