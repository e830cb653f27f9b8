"""Times of day in quick-add: "9am", "at 9", "17:00", "noon", and lists of them."""

import datetime as dt
import re

from shared.quick_add.words import HOUR_OF, WEEKDAY, Scan

_CLOCK = r"(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap]\.?m\b\.?|[ap]\b)?(?:\s?o['’]?clock)?"
_ONE = re.compile(rf"{_CLOCK}(?![\w:%/])")
_BEFORE = r"(?<![\w.,:/$€£#+-])"
_SURE = re.compile(
    rf"(?:(?<!\w)(?:at|by|@)\s?)?{_BEFORE}(?:\d{{1,2}}(?:[:.][0-5]\d)?\s?[ap]\.?m\b\.?|[012]\d:[0-5]\d"
    r"|\d{1,2}\s?o['’]?clock)(?![\w:%/])"
)
_AT = re.compile(rf"(?<!\w)(?:at|@)\s?{_BEFORE}\d{{1,2}}(?:[:.][0-5]\d)?(?:\s?[ap]\b)?(?![\w:%/]|[.,]\d)")
_BARE = re.compile(rf"{_BEFORE}\d:[0-5]\d(?![\w:%/])")
_WORD = re.compile(r"(?:(?<!\w)(?:at|by)\s)?(?<!\w)(?P<word>noon|midnight|midday)(?![\w'’-])")
_DAY_BEFORE = re.compile(rf"(?<!\w){WEEKDAY}\s$")
_MORE = re.compile(rf"(?:\s?,\s?(?:and\s)?|\sand\s|\s?&\s?)(?:at\s)?(?={_CLOCK}(?![\w:%/]))")
_PART = re.compile(r"(?:(?<!\w)(?:in\sthe|this|at)\s)?(?<!\w)(?P<part>morning|afternoon|evening|night)(?![\w'’])")


def clock(text: str, *, late: bool = False) -> dt.time | None:
    """Return the time of "9", "9:30 pm" or "17.00"; None for one that does not exist. `late` is "tonight"."""
    match = _ONE.search(text)
    if match is None:
        return None
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    elif late and 1 <= hour < 12:
        hour += 12
    return dt.time(hour, minute) if hour < 24 else None


def times(scan: Scan, *, several: bool, late: bool = False) -> tuple[dt.time, ...]:
    """Take the first time of the text, with `several` also the ones listed after it."""
    found = [hit for pattern in (_SURE, _AT, _BARE) if (hit := _first(scan, pattern, late=late))]
    if not found:
        return _word(scan)
    start, end, first = min(found)
    listed, end = _listed(scan, end, first, late=late) if several else ([], end)
    scan.take(start, end, "due")
    return (first, *listed)


def _first(scan: Scan, pattern: re.Pattern[str], *, late: bool) -> tuple[int, int, dt.time] | None:
    for match in pattern.finditer(scan.work):
        time = clock(match[0], late=late)
        if time is not None and _is_time(scan, match, pattern):
            return match.start(), match.end(), time
    return None


def _is_time(scan: Scan, match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    start, end = match.span()
    if pattern is _AT:
        named = _DAY_BEFORE.search(scan.work[max(0, start - 12) : start]) is not None
        return named or scan.phrase_ends(end) or scan.opens(start) or _MORE.match(scan.work, end) is not None
    if pattern is _BARE:
        return scan.closed(end) or scan.follows(start)
    # "the 17:00 train" names the train.
    return not (match[0][0].isdigit() and scan.work[:start].endswith(("the ", "a ")) and not scan.closed(end))


def _listed(scan: Scan, end: int, first: dt.time, *, late: bool) -> tuple[list[dt.time], int]:
    """Read on while the minute stays the same: one rule can hold no other list."""
    found: list[dt.time] = []
    while (joint := _MORE.match(scan.work, end)) and (match := _ONE.match(scan.work, joint.end())):
        time = clock(match[0], late=late)
        if time is None or time.minute != first.minute:
            break
        found.append(time)
        end = match.end()
    return found, end


def _word(scan: Scan) -> tuple[dt.time, ...]:
    for match in _WORD.finditer(scan.work):
        led = match.start("word") > match.start()
        near = scan.closed(match.end()) or scan.follows(match.start())
        if (led or near) and not scan.is_name(*match.span("word")):
            scan.take(*match.span(), "due")
            return (dt.time(0 if match["word"] == "midnight" else 12),)
    return ()


def part_of_day(scan: Scan) -> dt.time | None:
    """Take "morning", "in the evening", … right after something recognised; return the hour it stands for."""
    for match in _PART.finditer(scan.work):
        if scan.follows(match.start()):
            scan.take(*match.span(), "due")
            return dt.time(HOUR_OF[match["part"]])
    return None
